/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_UNIT_CHECKS_HELP_H
#define GATEPOST_UNIT_CHECKS_HELP_H

/* A check under a policy that was really read, and a sink that keeps what it
 * says. */

#include <check.h>

#include "checks/check.h"
#include "checks/ticket.h"

enum { BENCH_MAX = 2048 };

struct said {
	char code[24], text[CHECK_MAX_TEXT + 200], commit[OID_HEX_SIZE];
	char hint[4 * CHECK_MAX_TEXT], trailer[CHECK_MAX_TEXT];
	bool sign;
	const struct principal *who[CHECK_MAX_WHO];
	char names[CHECK_MAX_WHO][64];
	size_t nwho;
};

struct told {
	char kind[24], text[CHECK_MAX_TEXT + 200];
	bool person;
	const struct principal *who;
	char name[64], email[64];
};

struct counted {
	const struct approval_facts *approval;
	bool counted;
	char why[256];
};

struct relied {
	enum signed_thing of;
	const struct principal *who;
};

struct named {
	char id[TICKET_MAX_ID + 2];
	bool by_option;
	enum ticket_answer answer;
};

struct bench {
	struct policy *policy;
	const struct check *check;
	struct pusher pusher;
	struct check_ctx ctx;
	void *state;
	struct said *said;
	size_t nsaid;
	struct told *told;
	size_t ntold;
	struct counted *counted;
	size_t ncounted;
	struct relied *relied;
	size_t nrelied;
	struct named *named;
	size_t nnamed;
	unsigned char serial; /* of the last commit */
};

/** NOW is 2026-06-15T12:00:00Z. */
#define NOW INT64_C(1781524800000)

/** Read the first rule of a policy; `rest` may have more sections. */
void bench_open(struct bench *b, const char *check, const char *options,
		const char *rest);
void bench_close(struct bench *b);
/** Forget what was said and the state, for another run. */
void bench_again(struct bench *b);
/** The mistake that such a rule is. */
const char *bench_mistake(const char *check, const char *options,
			  const char *rest);

/** What may be said of a commit beside its message. */
struct made {
	const char *author; /* NULL: A U Thor */
	const char *committer;
	const struct signature *signature;
	const struct memory_facts *memory;
	bool merge, changes_nothing, exact_revert, unmatched;
};
/** Show the check one commit, as the engine does. */
void bench_commit(struct bench *b, const char *message);
void bench_commit_as(struct bench *b, const char *message,
		     const struct made *made);

/** Show it an added path. */
void bench_path(struct bench *b, char status, const char *path);

/** Files of the pushed tree: path, bytes, path, bytes, …, NULL. */
void bench_finish(struct bench *b, const struct range_facts *range,
		  const char *const *files);

/** Exactly one finding, with this code and these words in its text. */
const struct said *said_once(const struct bench *b, const char *code,
			     const char *words);
void said_nothing(const struct bench *b);
/** Some finding of that code. */
const struct said *said_some(const struct bench *b, const char *code,
			     const char *words);
void has_words(const char *text, const char *words);

Suite *suite_provenance(void);
Suite *suite_review(void);
Suite *suite_quorum(void);
Suite *suite_rollback(void);
Suite *suite_signature(void);
Suite *suite_ticket(void);

#endif
