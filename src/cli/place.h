/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_PLACE_H
#define GATEPOST_CLI_PLACE_H

/**
 * Where a command works: a repository with its settings, the policy in
 * force there, its ledger.
 */

#include "base/err.h"
#include "desk/decision.h"
#include "git/repository.h"
#include "ledger/ledger.h"
#include "policy/policy.h"
#include "sys/files.h"

struct place {
	char *gitdir;	  /* absolute; NULL: no repository */
	char *repository; /* its name; NULL without one or without policy */
	char *policy_path;
	struct policy_repository settings;
	struct policy *policy;
	struct ledger *ledger;
	char *login; /* of whoever runs the command */
	struct pusher person;
};

void place_init(struct place *p);
void place_release(struct place *p);

/** The git directory of `path` (a bare repository, a work tree, its .git)
 * and its settings. */
int place_repository(struct place *p, const char *path, struct err *e);
/** The same for the directory in which the command runs, and above. */
int place_discover(struct place *p, struct err *e);

/**
 * Load the policy: `given`, else what the repository's settings name, else
 * SYSCONFDIR/gatepost/policy.conf. Every mistake is printed to standard
 * error. Also finds the repository's name.
 * @param flags  as policy_load
 */
int place_policy(struct place *p, const char *given, unsigned flags,
		 struct err *e);
/** Open the policy's ledger, or `given`. */
int place_ledger(struct place *p, const char *given, unsigned flags,
		 struct err *e);

/** The path of the repository of this name below the policy's root.
 * @return false when there is none */
bool place_below(const char *root, const char *name, char path[FILE_MAX_PATH]);

/** What a record needs to know of where and by whom. Without a policy the
 * login is nobody's. */
void place_frame(struct place *p, struct record_frame *out);

/** Open the repository for its objects and refs. */
int place_open(const struct place *p, struct repository **repo, struct err *e);

/** Run git in the repository; `argv` begins with "git".
 * @return 0 when it ended by itself; `status` is its exit status */
int place_git_both(const struct place *p, const char *const *argv,
		   struct buf *out, struct buf *errors, int *status,
		   struct err *e);
/** The same with something to read, and an exit status other than 0 is
 * ERR_SYS. */
int place_git_input(const struct place *p, const char *const *argv,
		    struct span input, struct buf *out, struct err *e);
/** The same, with nothing to read. */
int place_git(const struct place *p, const char *const *argv, struct buf *out,
	      struct err *e);

#endif
