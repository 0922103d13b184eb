/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_CHECK_H
#define GATEPOST_CHECKS_CHECK_H

/**
 * What a check is. A check is the code behind rules of one kind: parsed
 * facts and its options in, findings out. No I/O, no clock (the time is in
 * the context), no statics. What it needs from the repository it declares,
 * so that the engine reads each object once, and only if some rule asks.
 *
 * A new check is: one file here, one row in checks.def, one test
 * t/t2xxx-NAME.sh, one section in gatepost-policy(5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "git/object_parse.h"
#include "git/trailers.h"
#include "git/tree_diff.h"
#include "policy/agents.h"
#include "policy/options.h"
#include "policy/policy.h"
#include "trust/approvals.h"
#include "trust/principals.h"

enum check_needs {
	NEED_MESSAGE = 1,     /* trailers and agents of each commit */
	NEED_PATHS = 2,	      /* changed paths of commits that match `when` */
	NEED_TREE = 4,	      /* the pushed tree, through struct check_tree */
	NEED_APPROVALS = 8,   /* approvals and contributors of the range */
	NEED_REVERTS = 16,    /* commit_facts.exact_revert */
	NEED_SIGNATURES = 64, /* commit_facts.signature */
	NEED_TAG = 128,	      /* ref_facts.tag_signature, .tagger */
	NEED_PUSH_CERT = 256, /* check_ctx.certificate */
	NEED_MEMORY = 512,    /* commit_facts.memory; asks for NEED_MESSAGE */
	NEED_PATCH = 1024     /* COVER_PATCH, beside NEED_APPROVALS */
};

/** Who pushes, as far as policy's pusher-from knows. */
struct pusher {
	const char *login;		   /* "" when unknown */
	const char *how;		   /* "uid", or the variable's name */
	const struct principal *principal; /* NULL: unknown */
};

/** What a signed push's certificate says, whoever signed it. */
enum push_cert_state {
	PUSH_CERT_NONE = 0, /* the push is not signed */
	PUSH_CERT_FITS,	    /* it is well formed and this very push's */
	PUSH_CERT_MALFORMED,
	PUSH_CERT_OTHER, /* it is for another push */
	PUSH_CERT_NONCE	 /* it may be of another time */
};

struct push_cert_facts {
	enum push_cert_state state;
	struct signature signature; /* SIG_NONE where it was not read */
	bool can_be;		    /* the repository has a seed for nonces */
	char why[SIG_MAX_TEXT];	    /* of the state */
};

/** Whether it proves who pushed. */
bool push_cert_proves(const struct push_cert_facts *c);

enum {
	REMEMBERED_MAX = 16,	       /* statements of one change */
	REMEMBERED_MAX_TRAILER = 320, /* bytes, with the NUL */
	REMEMBERED_RECORD_SIZE = 37
};

/** What an earlier push said of the change that this commit makes, or of
 * several commits that it is the sum of. */
struct remembered {
	char record[REMEMBERED_RECORD_SIZE]; /* the id of its decision */
	char agent[AGENTS_MAX_WORD];	     /* "" with `none` */
	char model[AGENTS_MAX_WORD];	     /* "" when not told */
	char session[2 * AGENTS_MAX_WORD];
	char trailer[REMEMBERED_MAX_TRAILER]; /* that declared it, or "" */
	bool declared;
	bool none; /* no tool helped */
};

struct memory_facts {
	struct remembered v[REMEMBERED_MAX]; /* in the order of the pushes */
	size_t n;
};

/** One judged commit, parsed. */
struct commit_facts {
	struct oid id;
	const struct commit *commit;
	const struct trailers *trailers; /* NULL without NEED_MESSAGE */
	const struct trailers *divided;	 /* read with the `---` divider */
	const struct agents_facts *agents;
	bool shows_ai;	      /* an agent is detected or declared in it */
	bool ai_assisted;     /* or remembered of its change */
	bool merge;	      /* has more than one parent */
	bool changes_nothing; /* a merge that changes no path against all its
			       * parents; only with NEED_PATHS */
	bool exact_revert;    /* the exact inverse of an ancestor's change */
	/** NULL without NEED_MEMORY, and when nothing is remembered. */
	const struct memory_facts *memory;
	/** Verified; SIG_NONE when it has none. NULL without NEED_SIGNATURES,
	 * and where some `when` of the rule does not hold. */
	const struct signature *signature;
};

/** The pushed tree of the ref being judged. */
struct check_tree {
	void *engine;
	/** @return 0 or ERR_NOT_FOUND; *size is a blob's */
	int (*lookup)(void *engine, struct span path, unsigned *mode,
		      uint64_t *size, struct err *e);
	/** A blob's bytes, at most `max` of them; ERR_LIMIT beyond. */
	int (*blob)(void *engine, struct span path, size_t max, struct buf *out,
		    struct err *e);
	int (*list)(void *engine, struct span directory, tree_list_fn *fn,
		    void *ctx, struct err *e);
};

/** Somebody who contributed to the change. */
struct contributor {
	const struct principal *principal; /* NULL: nobody's e-mail or login */
	struct span email;		   /* empty for a login */
	struct span login;
	enum contributor_how {
		BY_NONE = 0,
		BY_AUTHOR = 1, /* author or co-author */
		BY_COMMITTER = 2,
		BY_BROUGHT = 4, /* first brought the change to the server */
		BY_PUSHER = 8
	} how;
};

enum approval_kind {
	APPROVAL_NONE = 0,
	APPROVAL_TAG,	/* an approval tag */
	APPROVAL_MERGE, /* a signed merge commit; `approval` has sig, target
			 * and payload, neither ref nor repository */
	APPROVAL_GITTUF, /* a reference authorization in gittuf's form */
	APPROVAL_CARRIED /* a tag that counted on another ref, from which
			  * exactly these commits were picked */
};

enum { APPROVAL_OLDER_NAMED = 3 /* files; all are counted */ };

/** An approval found for this change, and what the engine knows of it. */
struct approval_facts {
	enum approval_kind kind;
	const struct approval *approval;
	const char *ref; /* where it was found; of a merge: its id in hex */
	/* What it covers, it covers because … */
	bool matches_diff; /* its digest is that of these commits together */
	bool matches_tip;  /* it names exactly the last of them */
	bool spent;
	const char *spent_by;	  /* the record that used it */
	const char *withdrawn_by; /* ref of the withdrawal; NULL: it stands */
	struct oid withdrawal;	  /* the tag there */
	const char *carried;	  /* of such a kind: the record in which it
				   * counted */
	const char *from;	  /* … on this ref */
	bool by_diff; /* it is for the digest of some of these commits */
	size_t covers; /* matched commits of the range; 0: it is for another
			* change */
	/** Where that is an earlier state of this one: the files that have
	 * changed since. */
	const char *older[APPROVAL_OLDER_NAMED];
	size_t nolder;
	/** To what it covers. */
	const struct contributor *contributors;
	size_t ncontributors;
	bool untold; /* … where there may be more: it does not show who brought
		      * what is squashed in these commits */
};

/** Whether and by what an approval covers a part of the range. */
enum cover {
	COVER_NONE = 0,
	COVER_PATCH, /* its patch id: enough for `bind = patch` */
	COVER_DIFF, /* its content: enough for `bind = diff` */
	COVER_TIP   /* the exact commit: enough for any */
};

/**
 * Commits of the range that the same approvals cover. Together the parts hold
 * all matched commits that need an approval; their order is that in which
 * they would come to the ref, one after the other. What an approval covers
 * is a run of neighbours. Two that overlap, none within the other, may both
 * be right and yet leave something between them that nobody has seen: only
 * one of them may count.
 */
struct part_facts {
	size_t commits;		   /* matched commits in it */
	struct oid newest;	   /* one to name in a text */
	const enum cover *covered; /* for each approval of the range */
	const bool *areas; /* for each area of the policy: do they change it */
};

/** The whole of what one ref update brings, as one rule sees it. */
struct range_facts {
	const char *ref;      /* real name */
	struct oid old, new_; /* real old value; null: created */
	size_t commits;	      /* judged by this rule */
	size_t matched;	      /* of these, those for which all `when` hold */
	bool has_digest;      /* one merge base and a change */
	unsigned char digest[SHA256_SIZE];
	const struct approval_facts *approvals;
	size_t napprovals;
	const struct part_facts *parts; /* none when nothing matched */
	size_t nparts;
	bool bounded; /* there was too much to look for each part */
	bool no_patches; /* git here is too old to make patch ids */
	const struct contributor *contributors; /* to all of it */
	size_t ncontributors;
	const struct check_tree *tree; /* NULL without NEED_TREE */
};

/** A ref update itself. */
struct ref_facts {
	const char *ref;
	struct oid old, new_;
	bool rewind; /* the old tip is not reachable from the new one */
	/** Of the annotated tag that is the new value. NULL without NEED_TAG,
	 * and when it is none. */
	const struct signature *tag_signature;
	struct span tagger; /* that tag's tagger's e-mail */
};

/** What a signature is of. */
enum signed_thing { SIGNED_NONE = 0, SIGNED_COMMIT, SIGNED_TAG, SIGNED_PUSH };

struct check_ctx;
struct check_lookup;
struct ticket_facts;
struct finding;
struct finding_who;
struct check_sink;

/** Where what a check says goes: the engine above gives these. */
struct check_sink_ops {
	int (*find)(const struct check_ctx *ctx, const struct finding *f,
		    struct err *e);
	int (*evidence)(const struct check_ctx *ctx, const char *kind,
			const struct commit_facts *commit, const char *text,
			const struct finding_who *who, struct err *e);
	int (*approval)(const struct check_ctx *ctx,
			const struct approval_facts *a, bool counted,
			const char *why, struct err *e);
	int (*signature)(const struct check_ctx *ctx, enum signed_thing of,
			 const struct oid *id, const struct signature *sig,
			 struct err *e);
	int (*ticket)(const struct check_ctx *ctx, const struct ticket_facts *t,
		      struct err *e);
};

/** What stands behind one call of a check. */
struct check_ctx {
	const struct policy *policy;
	const struct rule *rule;
	const void *options; /* rule->options */
	const char *repository;
	const struct pusher *pusher;
	/** NULL without NEED_PUSH_CERT, and where nobody pushes. */
	const struct push_cert_facts *certificate;
	enum oid_algo algo;
	int64_t now; /* milliseconds since 1970 */
	bool preview; /* advice for a branch that is not gated */
	const char *const *push_options;
	size_t npush_options;
	/** Who asks a ticketing system (checks/ticket.h); NULL: nobody can. */
	const struct check_lookup *lookup;
	const struct check_sink_ops *ops;
	struct check_sink *sink; /* what ops work on; the engine's */
};

enum {
	CHECK_MAX_WHO = 8,
	CHECK_MAX_TEXT = 900 /* bytes of a text or hint that is made up */
};

/** Somebody a text speaks of. In `text` and `hint`, {0} to {7} stand for the
 * element of `who`: a record must be able to forget a name. */
struct finding_who {
	const struct principal *principal; /* or */
	struct span name, email, login;	   /* as far as known */
};

/** One thing that a check has to say. */
struct finding {
	const char *code; /* the word behind the check's name and `/` */
	const struct commit_facts *commit; /* NULL: of the whole ref */
	const char *text; /* one line; may quote hostile bytes */
	const char *hint; /* one line, a command to type; or NULL */
	/** The trailer that would mend this commit (`Assisted-by: …`): the
	 * answer puts those of several commits into one command. Or NULL. */
	const char *trailer;
	/** A signature of the pusher's would mend this commit; likewise. */
	bool sign;
	struct finding_who who[CHECK_MAX_WHO];
	size_t nwho;
};

/** Say it. Copies everything. @return 0 or ERR_LIMIT, ERR_MEMORY */
int check_find(const struct check_ctx *ctx, const struct finding *f,
	       struct err *e);

/**
 * Tell what the rule used as evidence, for the record: `kind` is a stable
 * word ("plan", "claim", "declaration"), `text` its value.
 */
int check_evidence(const struct check_ctx *ctx, const char *kind,
		   const struct commit_facts *commit, const char *text,
		   struct err *e);

/** The same of somebody, whose name must not stand in `text`. */
int check_evidence_of(const struct check_ctx *ctx, const char *kind,
		      const struct commit_facts *commit, const char *text,
		      const struct finding_who *who, struct err *e);

/** What a check says of one approval: counted, or why not. */
int check_approval(const struct check_ctx *ctx, const struct approval_facts *a,
		   bool counted, const char *why, struct err *e);

/** A good signature that the rule relied on. @param id  NULL for a push */
int check_signed(const struct check_ctx *ctx, enum signed_thing of,
		 const struct oid *id, const struct signature *sig,
		 struct err *e);

/** A ticket that the push names, and what is known of it. */
int check_ticket_named(const struct check_ctx *ctx,
		       const struct ticket_facts *t, struct err *e);

struct check {
	struct rule_kind kind;
	unsigned needs; /* enum check_needs */
	/** What of `needs` these options ask for; NULL: all of it. */
	unsigned (*needs_of)(const void *options);
	size_t state_size; /* of one run over one ref; zeroed before it */
	/** Each commit of the range, newest first. `matched`: all `when` lines
	 * of the rule hold for it. */
	int (*commit)(const struct check_ctx *ctx, void *state,
		      const struct commit_facts *facts, bool matched,
		      struct err *e);
	/** Each changed path of a matched commit, before `commit` is called
	 * for it. NULL facts never come. */
	int (*path)(const struct check_ctx *ctx, void *state,
		    const struct path_change *change, struct err *e);
	/** Once, after all commits; not called for deletions. */
	int (*finish)(const struct check_ctx *ctx, void *state,
		      const struct range_facts *range, struct err *e);
	/** Once a ref update, deletions too, before the commits. */
	int (*ref)(const struct check_ctx *ctx, const struct ref_facts *ref,
		   struct err *e);
	void (*release)(void *state);
	/** It is not asked of a commit that only takes back what the ref
	 * accepted a short while ago; if it needs approvals, one must follow.
	 */
	bool excuses_reverts;
};

#define CHECK(name) extern const struct check check_##name;
#include "checks/checks.def"
#undef CHECK

/** All checks, in the order of checks.def. */
extern const struct check *const checks_all[];
extern const size_t checks_count;
/** The same as policy_load wants them. */
extern const struct rule_kind *const checks_kinds[];

/** A ref as people type it: a branch without refs/heads/, any other in full.
 * For texts; a part of `ref`. */
const char *check_ref_short(const char *ref);

/** The check of a kind that policy_load has stored in a rule. */
const struct check *check_of_kind(const struct rule_kind *kind);

#endif
