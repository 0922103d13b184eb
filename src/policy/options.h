/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_OPTIONS_H
#define GATEPOST_POLICY_OPTIONS_H

/**
 * Every key of the policy is declared in a table: name, type, range,
 * default, help. One reader fills structs from these tables, and
 * gatepost-policy(5) is checked against them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "policy/mistakes.h"

enum { OPTION_MAX_VALUES = 100000 }; /* of one many-valued option */

enum option_type {
	OPTION_NONE = 0,
	OPTION_STRING,	 /* char *: not empty, no control characters */
	OPTION_STRINGS,	 /* struct option_list: many-valued */
	OPTION_PATH,	 /* char *: made absolute against its file's folder */
	OPTION_BOOL,	 /* bool: true yes on 1, false no off 0 */
	OPTION_NUMBER,	 /* int64_t in min..max; k, m, g suffixes */
	OPTION_DURATION, /* int64_t seconds in min..max */
	OPTION_DATE,	 /* int64_t milliseconds since 1970 */
	OPTION_WORD,	 /* int: position in `words`, from 1 */
	OPTION_GLOBS,	 /* struct option_list of patterns for text_glob */
	OPTION_CUSTOM	 /* `parse` decides */
};

struct option_list {
	char **v;
	size_t n, cap;
	unsigned *lines; /* where each stood, for messages */
	size_t lines_cap;
};

struct option {
	const char *name;
	enum option_type type;
	size_t offset;		   /* of the field in the target struct */
	const char *fallback;	   /* default, as text; NULL: none (zero) */
	const char *const *words;  /* OPTION_WORD: NULL-terminated; may be
				    * set for OPTION_CUSTOM, for messages */
	int64_t min, max;	   /* OPTION_NUMBER, OPTION_DURATION */
	bool required;
	bool many;		   /* OPTION_CUSTOM may come many times */
	/** OPTION_CUSTOM: read `value` into `field`. Zero, or an error whose
	 * message reads well behind "file:line: key: ". */
	int (*parse)(const char *value, void *field,
		     const struct option_place *at, struct err *e);
	void (*release)(void *field); /* OPTION_CUSTOM, or NULL */
	/** STRING, STRINGS, PATH, GLOBS: what the type cannot say of a value,
	 * with a message as `parse`; or NULL. */
	int (*check)(const char *value, struct err *e);
	const char *help;	   /* one line, for the manual and errors */
};

/** Append a copy. @return 0, ERR_MEMORY, ERR_LIMIT */
int option_list_add(struct option_list *l, const char *value, unsigned line,
		    struct err *e);
bool option_list_has(const struct option_list *l, const char *value);
void option_list_release(struct option_list *l);

/** Whether an option may be given more than once. */
bool option_is_many(const struct option *o);

/** Free all that the table's fields of `target` hold. */
void options_release(const struct option *table, size_t n, void *target);
/** Set every field to its default. @return ERR_INTERNAL when a default of
 * the table cannot be read; ERR_MEMORY */
int options_defaults(const struct option *table, size_t n, void *target,
		     struct err *e);

/** @return NULL when the table has no such key */
const struct option *option_find(const struct option *table, size_t n,
				 const char *key);
/** The key of the table that is nearest to `key`, or NULL. */
const char *option_nearest(const struct option *table, size_t n,
			   const char *key);

/**
 * Read one value into its field.
 * @param value  NULL: a key without `=`
 * @return 0; ERR_CONFIG with a message that reads well behind
 *         "file:line: key: "; ERR_MEMORY
 */
int option_read(const struct option *o, const char *value, void *target,
		const struct option_place *at, struct err *e);

/** Whether `**` stands in this pattern only where it crosses directories, and
 * the pattern is not too long; for OPTION_GLOBS and what is like it. */
int option_check_glob(const char *value, struct err *e);

/** Position of `value` in the NULL-terminated `words`, from 1; or ERR_CONFIG
 * with the words and the nearest of them. */
int option_word(const char *value, const char *const *words, struct err *e);

/** "a number from 1 to 600": what a value must be; for messages and the
 * manual. `out` gets at most `size` bytes. */
void option_describe(const struct option *o, char *out, size_t size);

struct policy;

/**
 * A kind of check as the policy's reader needs to know it: the options that
 * `[rule]` sections with `check = NAME` may have beside the common ones.
 */
struct rule_kind {
	const char *name;
	const struct option *options;
	size_t noptions;
	size_t size; /* bytes of the options' struct */
	bool always; /* nobody can have it excused */
	/** What cannot be said per option; message for the rule's line. May
	 * be NULL. */
	int (*validate)(const void *options, struct err *e);
	/** The same for what names other parts of the policy (roles, areas),
	 * asked when all of it has been read. May be NULL. */
	int (*resolve)(const void *options, const struct policy *p,
		       struct err *e);
};

#endif
