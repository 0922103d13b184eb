/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_HOOKS_HOOK_H
#define GATEPOST_HOOKS_HOOK_H

/**
 * What the three hooks share: where they run, under which policy, for whom.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/uuid.h"
#include "desk/decision.h"
#include "gate/engine.h"
#include "git/push.h"
#include "git/refs.h"
#include "git/repository.h"
#include "ledger/accepted.h"
#include "ledger/ledger.h"
#include "policy/policy.h"
#include "sys/admin_log.h"
#include "sys/env.h"

struct hook {
	const char *program;
	pid_t parent; /* git */
	struct env_saved env;
	struct admin_log log;
	char *gitdir;	  /* absolute */
	const char *git_namespace; /* "" outside of any */
	char *repository; /* its name, or NULL while unknown */
	struct policy_repository settings;
	struct policy *policy; /* NULL until hook_policy succeeded */
	bool only_warns; /* the policy is broken, and enforces nothing */
	struct ledger *ledger; /* NULL until hook_ledger succeeded */
	struct accepted_key key;
	struct pusher pusher;
	char *login;
	struct push push;
	bool cut; /* standard input was not all that git has to say */
	int64_t now; /* milliseconds since 1970 */
};

/**
 * The first thing in main: scrub the environment, find the repository, read
 * its settings, open the admin's log. On error `h` is still usable for
 * hook_say and hook_release.
 */
int hook_init(struct hook *h, const char *program, struct err *e);
void hook_release(struct hook *h);

/** The repository's settings say: do nothing here. */
bool hook_is_off(const struct hook *h);

/** Load the policy; `flags` as policy_load, which with POLICY_SHALLOW gets
 * no kinds of checks. */
int hook_policy(struct hook *h, unsigned flags, struct err *e);
/** Who pushes, by policy's pusher-from. */
int hook_pusher(struct hook *h, struct err *e);
/** It is who has this login; "" for nobody known. */
int hook_pusher_is(struct hook *h, const char *login, struct err *e);
int hook_ledger(struct hook *h, struct err *e);
/** Whether git has ended since hook_init: `key` may then be of whoever has
 * adopted this process. */
bool hook_is_orphan(const struct hook *h);
/** Read and parse standard input. */
int hook_push(struct hook *h, struct err *e);

void hook_frame(const struct hook *h, struct record_frame *out);

/**
 * Whether a failure must refuse this ref: it is enforced, or guarded, or the
 * policy that would say so cannot be read. Symbolic refs are taken for
 * enforced ones.
 */
bool hook_ref_enforced(const struct hook *h, const char *name);
/** Whether it must refuse some ref of the push; a push that could not be
 * read is taken for the worst. */
bool hook_push_enforced(const struct hook *h);

/** Tell the admin's log. */
void hook_log(struct hook *h, enum admin_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Write to the pusher, for at most some seconds: a client that has stopped
 * reading must not hold the hook. */
void hook_say(struct span text);

#endif
