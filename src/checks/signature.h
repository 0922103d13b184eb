/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_SIGNATURE_H
#define GATEPOST_CHECKS_SIGNATURE_H

/** What the sources of the signature check share. */

#include "checks/check.h"

/** `objects`: what must be signed. */
enum signature_objects { OBJECTS_COMMITS = 1, OBJECTS_TAGS = 2 };

/** `by`: whose signature counts, beside that of people with the roles. */
enum signature_by {
	SIGNER_AUTHOR = 1,
	SIGNER_COMMITTER = 2,
	SIGNER_ANYONE = 4
};

struct signature_who {
	unsigned who; /* enum signature_by */
	struct option_list roles;
};

enum signature_presence { PRESENCE_ANY = 1, PRESENCE_REQUIRED };
enum signature_push { PUSH_OPTIONAL = 1, PUSH_REQUIRED };

struct signature_options {
	unsigned objects; /* enum signature_objects; 0: not given */
	struct signature_who by;
	int presence; /* enum signature_presence */
	int require;  /* 1: user-verification */
	int push;     /* enum signature_push */
};

/** Whether a rule asks that the push itself be signed. */
bool signature_asks_push(const struct rule *r);

/** Name a principal in a text. */
void signature_name(struct finding_who *out, const struct principal *p);

/** Judge the push's certificate, which the context has. */
int signature_judge_push(const struct check_ctx *ctx, struct err *e);

/** The word behind `signature/` for a signature that is not good. */
const char *signature_code(enum signature_status s);

/**
 * Say what is missing of a good signature's proof that somebody was there.
 * @param f     filled in but for code, text, hint and people
 * @param what  "its signature", "the push's signature"
 * @param said  false when nothing is missing
 */
int signature_check_presence(const struct check_ctx *ctx, struct finding f,
			     const char *what, const struct signature *sig,
			     bool *said, struct err *e);

#endif
