/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_LOADER_H
#define GATEPOST_POLICY_LOADER_H

/**
 * The steps of policy_load, private to this room: syntax -> structs (fill)
 * -> references between them (resolve). A mistake never stops a step.
 */

#include "base/arena.h"
#include "policy/policy.h"
#include "policy/tables.h"

/** One `[section]` or `[section "name"]`, however often it is opened. */
struct instance {
	const struct policy_section_desc *desc;
	const char *name;	   /* NULL for sections without a subsection */
	size_t position;	   /* in its array of struct policy */
	struct option_place at;	   /* its first header */
	struct option_place *seen; /* where each key of desc->table stood */
};

struct loader {
	struct policy *p;
	const struct rule_kind *const *kinds; /* NULL: rules are not checked */
	size_t nkinds;
	unsigned flags;
	struct policy_mistakes *mistakes;
	struct instance *instances;
	size_t ninstances, instances_cap;
	size_t *of_section; /* each syntax section's instance; SIZE_MAX: none */
	size_t *slots;	    /* hash of instances, by section and name */
	size_t nslots;
	struct arena arena;
	struct syntax *ready; /* ready templates that were read */
	size_t nready, ready_cap;
	struct err *e;
};

/** Read every key into its struct. @return 0, ERR_MEMORY, ERR_LIMIT */
int loader_fill(struct loader *l);

/** Turn names into positions and look for what cannot work. As above. */
int loader_resolve(struct loader *l);

/** Of these, that nobody's address, login or key is another's, too; that an
 * area's owner is somebody who can approve. As above. */
int loader_resolve_people(struct loader *l);
/** That a gate for somebody's pushes alone is a mirror. As above. */
int loader_resolve_mirror(struct loader *l, struct gate *gate);
/** That what bots may is said of bots, and completely. As above. */
int loader_resolve_may(struct loader *l);
int loader_resolve_owner(struct loader *l, const struct instance *area,
			 const char *owner);

/** Fill what a sink leaves open from its ready template; and whether its keys
 * go together. As above. */
int loader_fill_ready(struct loader *l, struct instance *sink);
int loader_resolve_sink(struct loader *l, const struct sink *sink);

/** The instance's struct. */
void *loader_target(const struct loader *l, const struct instance *i);

/** The instance of a section's name, or NULL. */
const struct instance *loader_find(const struct loader *l, const char *section,
				   const char *name);

/** Whether a key of the section's table was given, rightly or wrongly. */
bool loader_has_key(const struct instance *i, const char *key);

/** Where a key of an instance stands: with that value, written in whatever
 * case and groups, when it came several times; the instance itself when there
 * is no such. */
struct option_place loader_place(const struct loader *l,
				 const struct instance *i, const char *key,
				 const char *value);

/**
 * Say what is wrong with a key of an instance (key NULL: with the whole).
 * `value` picks the line when the key came several times; it may be NULL.
 * @return 0 or ERR_MEMORY
 */
int loader_mistake(struct loader *l, const struct instance *i, const char *key,
		   const char *value, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#endif
