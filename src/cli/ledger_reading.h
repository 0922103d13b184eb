/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_LEDGER_READING_H
#define GATEPOST_CLI_LEDGER_READING_H

/**
 * Reading records by a command, which is itself recorded: who, what, how
 * many, before the first of them is shown.
 */

#include "cli/ledger_open.h"
#include "desk/access.h"
#include "ledger/search.h"

/** Which records are meant, as options have it. */
struct ledger_filter {
	const char *repository, *commit, *principal, *ref, *since, *until,
		*verdict, *kind, *rule, *agent, *limit;
};

#define FILTER_OPTIONS(f)                                                      \
	{"--repository", NULL, &(f).repository},                               \
		{"--commit", NULL, &(f).commit},                               \
		{"--principal", NULL, &(f).principal},                         \
		{"--ref", NULL, &(f).ref}, {"--since", NULL, &(f).since},      \
		{"--until", NULL, &(f).until},                                 \
		{"--verdict", NULL, &(f).verdict},                             \
		{"--kind", NULL, &(f).kind}, {"--rule", NULL, &(f).rule},      \
		{"--agent", NULL, &(f).agent},                                 \
	{                                                                      \
		"--limit", NULL, &(f).limit                                    \
	}
enum { FILTER_COUNT = 11 };

#define FILTER_HELP                                                            \
	"  --repository NAME  of that repository\n"                            \
	"  --ref REF          that name this ref; main means "                 \
	"refs/heads/main\n"                                                    \
	"  --commit ID        that name this commit; 6 digits are enough\n"    \
	"  --principal NAME   with that person: principal, login or e-mail\n"  \
	"  --verdict WORD     pass, warn, reject or error\n"                   \
	"  --kind WORD        decision, outcome, access, ...\n"                \
	"  --rule NAME        to which that rule was applied\n"                \
	"  --agent NAME       with that AI tool\n"                             \
	"  --since TIME       from 2027-01-31, 2027-01-31T23:59:59Z, or "      \
	"so long ago:\n"                                                       \
	"                     36h, 7d, 4w\n"                                   \
	"  --until TIME       up to then, a day included\n"                    \
	"  --limit N          the last N of them\n"

struct reading {
	struct place place;
	const char *command; /* "ledger list", for the record */
	const char *format;  /* likewise, or NULL */
	bool unnamed;	     /* people's names are not shown */
	struct ledger_query query;
	uint64_t limit; /* 0: all */
	char *ref;	/* in full */
	bool damaged; /* all was visited but what is damaged */
};

void reading_init(struct reading *r, const char *command);
void reading_release(struct reading *r);

/** Take the words of the options. ERR_USAGE */
int reading_filter(struct reading *r, const struct ledger_filter *f,
		   struct err *e);

/** Open the ledger: for writing the record too, else for reading alone. */
int reading_open(struct reading *r, const struct ledger_wish *w, struct err *e);

/**
 * Record the access to `count` records. Where this user cannot write to the
 * ledger that is said on standard error, and is an error if the policy asks
 * for the record.
 * @param evidence  the SHA-256 of the evidence that is shown, or NULL
 */
int reading_record(struct reading *r, uint64_t count, const char *evidence,
		   struct err *e);

/** Called for each record; an error ends the reading. */
typedef int reading_visitor(void *arg, const struct ledger_item *item,
			    struct err *e);

/**
 * Record the access, then visit all records that are meant, oldest first.
 * Damage is told on standard error, and is ERR_MALFORMED in the end.
 */
int reading_each(struct reading *r, reading_visitor *visit, void *arg,
		 struct err *e);

#endif
