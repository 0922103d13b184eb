/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ENGINE_H
#define GATEPOST_GATE_ENGINE_H

/**
 * The engine: a push and a policy in, a report out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "checks/check.h"
#include "gate/report.h"
#include "git/push.h"
#include "git/repository.h"
#include "policy/policy.h"
#include "trust/patch_id.h"

/** What is remembered of earlier pushes. The hooks join it to the ledger;
 * without one nothing is remembered. */
struct engine_use {
	const char *ref, *new_hex, *record; /* valid in the callback only */
};
typedef int engine_use_fn(void *ctx, const struct engine_use *use);
/** A ref that was an approval when it was pushed. */
typedef int engine_filed_fn(void *ctx, const char *ref, const char *id_hex);
/** What a push said of AI tools; valid in the callback only. */
struct engine_statement {
	const char *record, *agent, *model, *session, *trailer; /* or NULL */
	bool declared, none;
};
/** @return other than 0 to stop */
typedef int engine_statement_fn(void *ctx, const struct engine_statement *s);
/** Where a change was let in; valid in the callback only. */
struct engine_landing {
	const char *record, *ref, *commit; /* or NULL: unknown */
	const char *old;		   /* what the ref had, or NULL */
	int64_t when;			   /* milliseconds since 1970 */
	bool back;  /* it takes an earlier change back */
	bool whole; /* all that a push brought; `commit` is the last */
};
typedef int engine_landing_fn(void *ctx, const struct engine_landing *a);
/** An approval that counted there. */
struct engine_counted {
	const char *record, *ref, *principal, *payload, *tag, *tip;
	const char *key;   /* or NULL */
	int64_t made, end; /* milliseconds since 1970; 0: none */
	bool presence, verification;
};
typedef int engine_counted_fn(void *ctx, const struct engine_counted *a);
struct engine_memory {
	void *ctx;
	/** Who first brought this change; "" for nobody. */
	int (*brought_by)(void *ctx, const char *repository,
			  const unsigned char digest[SHA256_SIZE],
			  struct buf *login, struct err *e);
	/** Each acceptance that counted this approval, known by the SHA-256
	 * of what was signed: a signature can be put into other bytes. */
	int (*uses)(void *ctx, const char *repository, const char *payload,
		    engine_use_fn *fn, void *fn_ctx, struct err *e);
	/** Each approval whose ref does not say of what it is, by the first 16
	 * hex digits of a digest. */
	int (*filed)(void *ctx, const char *repository, const char *digest16,
		     engine_filed_fn *fn, void *fn_ctx, struct err *e);
	/** What was said of this change, in the order of the pushes. */
	int (*statements)(void *ctx, const char *repository,
			  const unsigned char digest[SHA256_SIZE],
			  engine_statement_fn *fn, void *fn_ctx, struct err *e);
	/** Whether anything was said of any. */
	bool (*has_statements)(void *ctx, const char *repository);
	/** Where this change was let in, in the order of the pushes. */
	int (*landings)(void *ctx, const char *repository,
			const unsigned char digest[SHA256_SIZE],
			engine_landing_fn *fn, void *fn_ctx, struct err *e);
	/** Which approvals of exactly this change counted then. */
	int (*counted)(void *ctx, const char *repository,
		       const unsigned char digest[SHA256_SIZE],
		       engine_counted_fn *fn, void *fn_ctx, struct err *e);
};

/** What git and the system say of a push that may be signed. Borrowed. */
struct engine_certificate {
	const char *id; /* of the certificate's blob; NULL: it is not signed */
	const char *nonce, *nonce_status; /* git's; NULL: it gives none */
	const char *const *options;	  /* push options */
	size_t noptions;
	const char *seed; /* receive.certNonceSeed of the repository, or NULL */
	int64_t slop;	  /* receive.certNonceSlop, seconds */
	/** Of git-receive-pack: the directory it was started with (NULL:
	 * unknown), when (seconds since 1970), and whether another of its
	 * processes has talked to the client before. */
	const char *directory;
	int64_t started;
	bool stateless;
};

/** An emergency push that is judged again, with what has followed. */
struct engine_follow_up {
	const char *record; /* id of its decision */
	const char *owner;  /* the principal who owes it; NULL: unknown */
	/** Commits that only took a change back, in hex: no more than a review
	 * is asked of them. */
	const char *const *reverts;
	size_t nreverts;
};

/** All that a judgement depends on. Borrowed. */
struct engine_input {
	const struct policy *policy;
	enum policy_mode override; /* gatepost.mode of the repository */
	const char *repository;	   /* its name */
	const char *git_namespace; /* "" or the GIT_NAMESPACE in force */
	const struct option_list *baseline; /* commit ids in hex, or NULL */
	const struct push *push;
	struct pusher pusher;
	const struct engine_certificate *certificate; /* NULL: nobody pushes */
	const char *const *options;		      /* push options */
	size_t noptions;
	const struct engine_follow_up *follow_up; /* or NULL; then nothing is
						   * an emergency now */
	int64_t now;				  /* milliseconds since 1970 */
	const struct engine_memory *memory;	  /* or NULL */
	/** Who can verify OpenPGP signatures (struct verifier), or NULL. */
	int (*openpgp)(void *ctx, struct span payload, struct span sig,
		       struct signature *out, struct err *e);
	void *openpgp_ctx;
	/** Who can make patch ids (asker_patch), or NULL. */
	int (*patch)(void *ctx, const struct oid *from, const struct oid *to,
		     enum patch_answer *answer, struct oid *out, struct err *e);
	void *patch_ctx;
	/** Who can have tickets looked up (asker_ticket), or NULL. */
	const struct check_lookup *lookup;
	/** Judge as if the refs had the old values that the push claims: for
	 * `gatepost check`, where no ref moves. */
	bool trust_old;
};

/**
 * Judge. The repository is read; nothing is written.
 * @param out  report_init is called on it; release it also after an error
 */
int engine_judge(const struct engine_input *in, struct repository *repo,
		 struct report *out, struct err *e);

#endif
