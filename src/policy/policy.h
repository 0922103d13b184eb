/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_POLICY_H
#define GATEPOST_POLICY_POLICY_H

/**
 * The policy file as typed values. gatepost-policy(5) is its manual.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "git/object_parse.h"
#include "policy/agents.h"
#include "policy/mistakes.h"
#include "policy/options.h"
#include "policy/sink.h"
#include "policy/syntax.h"
#include "trust/principals.h"
#include "trust/signers.h"

enum policy_mode {
	MODE_UNSET = 0,
	MODE_PREVIEW, /* advice only: a gate's `preview` refs */
	MODE_OFF,
	MODE_WARN,
	MODE_ENFORCE
};
/** "enforce", "warn", "off", "preview"; "unset" */
const char *policy_mode_word(enum policy_mode m);
/** The mode (not preview) of a word, or ERR_CONFIG with the nearest one. */
int policy_mode_parse(const char *word, struct err *e);

enum rule_level { LEVEL_NONE = 0, LEVEL_WARN, LEVEL_REJECT };

/** One `when` line of a rule. */
enum when_kind {
	WHEN_NONE = 0,
	WHEN_AI_ASSISTED,
	WHEN_AREA,
	WHEN_MERGE,
	WHEN_NOT_MERGE
};
struct when {
	enum when_kind kind;
	size_t area; /* WHEN_AREA: position in policy.areas */
};

/** What quorum lines call those whom an area is given to. */
#define POLICY_OWNER "owner"

struct area {
	char *name;
	struct option_list paths; /* globs on paths */
	struct option_list exclude;
	struct option_list owners; /* principals' names, or `role:ROLE` */
};

struct rule {
	char *name;
	unsigned line;
	const char *file;	      /* borrowed from the policy */
	const struct rule_kind *kind; /* NULL when no kinds were given */
	char *check;		      /* the word after `check =` */
	void *options;		      /* kind->size bytes */
	struct option_list when_words; /* as written */
	struct when *when;	       /* the same, resolved */
	size_t nwhen, when_cap;
	struct option_list controls;
	int level; /* enum rule_level; default: reject */
	int severity; /* enum severity; default: medium */
	struct option_list emergency; /* roles that may excuse it for a push */
	struct option_list waiver;    /* roles that may sign exceptions */
	struct option_list import;    /* roles that may sign imports */
};

/** A time that may be none at all, which is not the same as not given. */
struct within {
	bool given;
	int64_t seconds; /* 0: off */
};

struct gate {
	char *name;
	struct option_list repos;    /* globs; none: every repository */
	struct option_list refs;     /* globs on full ref names */
	struct option_list previews; /* likewise */
	struct option_list rule_names; /* as written */
	size_t *rules;		     /* positions in policy.rules */
	size_t nrules, rules_cap;
	int mode; /* enum policy_mode; MODE_UNSET: the policy's */
	/* A mirror: for pushes of these bots alone, and off. */
	struct option_list pushers; /* principals' names */
	struct option_list instead; /* gates that then do not stand there */
	struct option_list spared;  /* `!` and each of refs, see scope.h */
	struct within revert_window; /* not given: the policy's */
	int64_t revert_review; /* seconds; 0: the policy's */
	struct option_list carry; /* refs, as written */
};

/** A registered AI tool: `[agent "claude-code"]`. */
struct registered_agent {
	char *id;
	struct option_list models; /* globs; none: any model */
	int64_t until;		   /* milliseconds; 0: no end */
};

/** Somebody elsewhere who cosigns checkpoints. */
struct witness {
	char *name;
	char *key;     /* a vkey */
	char *url;     /* NULL: nothing is posted */
	char *ca_file; /* absolute, or NULL: the system's */
	int64_t every, timeout; /* seconds */
};

/** A time-stamping authority (RFC 3161). */
struct timestamp {
	char *name;
	char *url;
	char *ca;      /* absolute: who may vouch for its signatures */
	char *ca_file; /* absolute, or NULL: the system's; for TLS */
	int64_t every, timeout; /* seconds */
};

/** How long records are kept, by kind, in seconds; 0: see `fallback`, whose
 * 0 is for ever. */
struct retention {
	int64_t fallback;
	int64_t access, broken, decision, emergency, erase, hold, install,
		mode, outcome, parked, policy, release, revert,
		ticket, uninstall;
};

enum access_need { ACCESS_UNSET = 0, ACCESS_PREFER, ACCESS_REQUIRE };
enum sandbox_need { SANDBOX_UNSET = 0, SANDBOX_PREFER, SANDBOX_REQUIRE };

enum unattended { UNATTENDED_UNSET = 0, UNATTENDED_REFUSE, UNATTENDED_ALLOW };

struct policy {
	char *path; /* absolute, of the main file */
	int mode;   /* enum policy_mode */
	char *root;	   /* absolute, or NULL */
	char *ledger;	   /* absolute */
	char *log;	   /* "syslog" or an absolute path */
	char *metrics;	   /* absolute, or NULL: none are kept */
	char *pusher_from; /* "uid", "push-certificate", or a variable's name */
	char *help;
	char *agents_path;
	char *git;	   /* the git program, absolute */
	int sandbox;	   /* enum sandbox_need */
	int unattended;	       /* enum unattended: git approve without asking */
	int record_access; /* enum access_need */
	struct retention retention;
	int64_t approval_keep; /* seconds */
	int64_t deadline;      /* seconds of judging */
	char *emergency_ticket;	  /* extended regular expression */
	int64_t emergency_within; /* seconds in which the rest must follow */
	int64_t waiver_max;	  /* seconds that an exception may last */
	struct within revert_window; /* in which a change may be taken back */
	int64_t revert_review; /* seconds in which a review must follow */
	struct object_limits limits; /* of the six numbers below */
	int64_t limit_message, limit_trailers, limit_depth, limit_parents,
		limit_paths, limit_refs;

	struct principals people;
	struct signers *signers;
	char *signers_ssh, *signers_ssh_revoked, *signers_openpgp,
		*signers_x509_ca, *signers_x509_crl;
	char *signers_gpgv; /* the gpgv program, absolute */
	bool accept_gittuf; /* approvals in gittuf's form count, too */
	struct agents *agents;
	struct registered_agent *registered;
	size_t nregistered, registered_cap;
	struct area *areas;
	size_t nareas, areas_cap;
	struct rule *rules;
	size_t nrules, rules_cap;
	struct gate *gates;
	size_t ngates, gates_cap;
	struct sink *sinks;
	size_t nsinks, sinks_cap;
	bool sinks_whole; /* with what their ready templates give */
	struct witness *witnesses;
	size_t nwitnesses, witnesses_cap;
	struct timestamp *timestamps;
	size_t ntimestamps, timestamps_cap;

	/** Normalised text of all files, for the ledger, and its digest.
	 * NULL and "" with POLICY_SHALLOW. Contents of secret files are never
	 * part of it. */
	char *normal;
	size_t normal_len;
	char digest[SHA256_HEX_SIZE];
	char signers_digest[SHA256_HEX_SIZE]; /* of the signers' part alone */

	struct syntax source; /* what was read, for `policy show` */
};

enum policy_flags {
	/** Skip signers and agents files: for those who only need sinks and
	 * paths (the courier, update, post-receive). */
	POLICY_SHALLOW = 1,
	/** Read the ready templates of sinks. For those who post; hooks post
	 * nothing. */
	POLICY_SINKS = 2,
	/** Read the other files that sinks name, to find mistakes. Who posts
	 * finds them sink by sink, so that one does not stop all. */
	POLICY_SINK_FILES = 4
};

/**
 * Read, check and resolve a policy file with everything that it names.
 * @param kinds  the checks that rules may name, which must outlive the
 *               policy; NULL: rules are not checked, their options are NULL
 * @param mistakes  gets all mistakes; may be NULL
 * @return 0; ERR_CONFIG when there was any mistake (`e` has the first and
 *         their number); when the main file cannot be read ERR_NOT_FOUND,
 *         ERR_DENIED, ERR_LIMIT, ERR_SYS; ERR_MEMORY
 */
int policy_load(struct policy **out, const char *path,
		const struct rule_kind *const *kinds, size_t nkinds,
		unsigned flags,
		struct policy_mistakes *mistakes, struct err *e);
void policy_free(struct policy *p);

/**
 * Of a policy that policy_load refused: whether it says clearly that it
 * enforces nothing, so that a mistake in it need not stop anybody. False
 * when anything is unclear.
 */
bool policy_only_warns(const char *path);

/** For a check's `resolve`: whether some principal has this role; if not,
 * ERR_CONFIG with the nearest one. */
int policy_check_role(const struct policy *p, const char *role,
		      struct err *e);
/** The same for an area's name. @param at  gets its position; may be NULL */
int policy_find_area(const struct policy *p, const char *name, size_t *at,
		     struct err *e);

/** How many seconds a record of this kind is kept; 0: for ever. */
int64_t policy_retention(const struct policy *p, const char *kind);

/** Whether an area is given to this principal. A role counts at that time. */
bool policy_owns(const struct area *a, const struct principal *p, int64_t at);

/** The repository's own settings, read from its config file. */
struct policy_repository {
	char *policy;  /* gatepost.policy, or NULL */
	char *name;    /* gatepost.repository, or NULL */
	int mode;      /* gatepost.mode; MODE_UNSET when absent */
	struct option_list baseline; /* gatepost.baseline: hex ids */
	char *object_format; /* extensions.objectformat; NULL: sha1 */
	char *ref_storage;   /* extensions.refstorage; NULL: files */
	bool hooks_path;     /* core.hooksPath is set */
	char *nonce_seed;    /* receive.certNonceSeed; NULL: none */
	int64_t nonce_slop;  /* receive.certNonceSlop, seconds */
};
/**
 * Read `gitdir`/config with the policy's own reader (plain includes are
 * followed). Works without libgit2. Whoever can write that file could replace
 * the hooks too, so its owner and permissions are not asked.
 * @return 0; ERR_CONFIG naming file and line; ERR_NOT_FOUND, ERR_SYS
 */
int policy_repository_load(struct policy_repository *out, const char *gitdir,
			   struct err *e);
void policy_repository_release(struct policy_repository *r);

/** The repository's name: given by the host or its config, else the path
 * below policy.root without `.git`, else the last component. Caller frees. */
char *policy_repository_name(const struct policy *p,
			     const struct policy_repository *r,
			     const char *gitdir);

#endif
