/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_AGENTS_DATA_H
#define GATEPOST_POLICY_AGENTS_DATA_H

/**
 * agents.conf in memory: tables to look words up in. Private to agents*.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "policy/agents.h"
#include "policy/options.h"

enum { AGENTS_MAX = 1000, AGENTS_MAX_WORDS = 100000 };

/** Words without ASCII case, each with two numbers. */
struct word_table {
	struct word_slot {
		struct span word; /* borrowed; p NULL: free */
		unsigned value, agent;
	} * slots;
	size_t n, cap; /* cap: a power of two, or 0 */
};
const struct word_slot *word_table_find(const struct word_table *t,
					struct span word);
/** Insert, or add the bits of `value` to the word that is there.
 * @return 0; 1 when the word is another agent's; -1 for want of memory */
int word_table_add(struct word_table *t, struct span word, unsigned value,
		   unsigned agent);
void word_table_release(struct word_table *t);

/** What a trailer's key is good for. */
enum key_role {
	KEY_NONE = 0,
	KEY_STRONG = 1,	 /* declares */
	KEY_WEAK = 2,	 /* declares when the value is a known agent */
	KEY_SESSION = 4, /* shows that an agent worked here */
	KEY_MODEL = 8,	 /* tells the model of a declaration beside it */
	KEY_PERSON = 16, /* a strong key that also thanks people */
	KEY_COAUTHOR = 32,
	KEY_SIGNOFF = 64
};

enum name_role {
	NAME_TOOL = 1, /* nobody is called so but the tool */
	NAME_GIVEN = 2 /* a first name of people as well */
};

/** One `[agent "id"]`. */
struct agent_def {
	char *id;
	char *title;
	struct option_list emails, accounts, names, given_names, author_names,
		author_suffixes, lines, session_keys, session_urls, environment;
	char *suggest;
	bool dotless; /* models are written with `-` for `.` */
};

/** A text that starts a line or a URL, or ends a name. */
struct agent_phrase {
	struct span text;
	size_t scheme; /* URL: bytes before `://` */
	bool pictured; /* begins with a pictogram, which must be there */
	unsigned agent;
};

struct agents {
	struct agent_def *v; /* the first is AGENTS_OTHER */
	size_t n, cap;
	struct option_list strong, weak, model_keys, people, no, yes, models;
	struct word_table keys, names, mails, accounts, authors;
	struct agent_phrase *phrases, *urls, *suffixes;
	size_t nphrases, phrases_cap, nurls, urls_cap, nsuffixes, suffixes_cap;
	bool starts[256]; /* the first bytes of phrases, in both cases */
};

/** What a value of a trailer, or an identity, names. */
struct agent_value {
	const struct agent_def *agent; /* NULL: none that is known */
	struct span tool, model;       /* empty when not told */
	bool none, person;
};

/**
 * Read a value in any of the shapes that are in use.
 * @param roles  of its key (enum key_role)
 */
void agent_value_read(const struct agents *a, struct span value, unsigned roles,
		      struct agent_value *out);

/** The agent with this address, or NULL. */
const struct agent_def *agent_of_mail(const struct agents *a, struct span mail);

/** The agent with this name, which no person has; or NULL. */
const struct agent_def *agent_of_tool_name(const struct agents *a,
					   struct span name);

/** Whether text is the name of a model, in whatever spelling. */
bool agents_is_model(const struct agents *a, struct span text);

/** What stands before the first letter or digit of a line (blanks, bullets,
 * quotes, pictograms) is decoration. */
struct span line_undecorated(struct span line);

#endif
