/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_JUDGING_H
#define GATEPOST_GATE_JUDGING_H

/**
 * The state of one judgement, shared by the sources of this room, and the
 * sink into which checks and engine put what they find.
 */

#include "base/buf.h"
#include "gate/engine.h"
#include "git/refs.h"
#include "git/tree_diff.h"
#include "policy/scope.h"
#include "trust/approvals.h"
#include "trust/signature.h"

enum {
	JUDGING_TREE_CACHE = 16
			     << 20 /* bytes of trees kept; more buys nothing */
};

/** What an approval is found by, beside where it lies. */
enum judged_name {
	JUDGED_TIP,    /* the commit that it tags; of a tag only … */
	JUDGED_DIGEST, /* … as is the digest of the change */
	JUDGED_PATCH,  /* the patch id of that */
	JUDGED_AUTHOR, /* of the commit, and when; see gate/lapsed.h */
	JUDGED_NAMES
};

/** One ref update, resolved. */
struct judged_ref {
	const struct ref_update *update;
	char *real;	/* after namespace and symbolic refs; never NULL */
	struct oid old; /* the real one; null: none */
	struct oid tip; /* the commit it is to point to, when that is known */
	struct scope scope;
	enum policy_mode mode; /* the scope's, or the house's outside */
	size_t commits;
	bool rewind;
	char digest[SHA256_HEX_SIZE]; /* "" when there is none */
	/* of an approval: the names by which it is to be found, and that its
	 * own does not say; "" for none */
	char approves[JUDGED_NAMES][APPROVAL_DIGEST_PREFIX + 1];
	int verdict, would;
};

struct judging {
	const struct engine_input *in;
	struct repository *repo;
	enum oid_algo algo;
	struct tree_cache *trees;
	struct report *report;
	struct verifier verifier; /* of every signature of this push */
	struct judged_ref *refs;
	size_t nrefs;
	size_t npaths;		/* changed, over the whole push */
	size_t nlooks;		/* refs whose commits were taken together */
	enum policy_mode house; /* outside of every gate */
	bool wants_changes;	/* some rule of this repository asks who brought
				 * a change */
	bool wants_memory;	/* … what was said of one */
	bool remembers;		/* and something was */
	bool has_bots;		/* among the people of the policy */
	int verdict, would;	/* of the push so far, enum verdict */
	int whole, whole_would; /* by what is said of the push as a whole */
	struct oid_map mirrored; /* commits counted, see mirrored.h */
	size_t nmirrored;
	struct oid_map told;  /* commits whose provenance is in the report */
	struct pusher pusher; /* in->pusher, or who signed the push */
	struct push_cert_facts *certificate; /* NULL until somebody asks */
	struct signed_objects *objects;	     /* NULL until one is verified */
	struct follow_ups *follow_ups;	     /* NULL: of no emergency */
};

struct signed_objects;
struct follow_ups;

/** Where what a check says goes: one ref and rule. */
struct check_sink {
	struct judging *j;
	size_t ref, rule;  /* REPORT_NO_REF, REPORT_NO_RULE */
	const char *check; /* name for findings */
	enum policy_mode mode;
	enum rule_level level;
	bool excuse; /* what would refuse is excused by an emergency */
	size_t found, excused;
};

/** What checks are given to speak through. */
extern const struct check_sink_ops judging_ops;

/** The weight that a finding has under a mode and level. */
enum weight judging_weight(enum policy_mode mode, enum rule_level level);

/** Sinks for what the engine itself finds: of a ref, of the whole push. */
void judging_sink_ref(struct judging *j, size_t ref, const char *check,
		      struct check_sink *out);
void judging_sink_push(struct judging *j, const char *check,
		       struct check_sink *out);

/** Put a finding of the engine's own. */
int judging_find(struct check_sink *s, const char *code,
		 const struct oid *commit, const char *hint, struct err *e,
		 const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** The stable word after `object/` for a fault. */
const char *judging_fault_code(enum object_fault_code code);

/** The code of what is wrong with a signed tag, whatever it is to say. */
const char *judging_tag_code(enum approval_fault fault);

/** A person by what is known of them; NULLs allowed. */
int judging_person(struct judging *j, const struct principal *principal,
		   struct span name, struct span email, struct span login,
		   size_t *number, struct err *e);
/** What is amiss with an object of the push is told where its commit is judged,
 * and no error of who looks at it for something else.
 * @return 0 for that, with `e` cleared; else rc */
int judging_pass_over(int rc, struct err *e);

/** The commit that an object is or, tags may be gated, too, that a tag names in
 * the end; of anything else the null id. */
int judging_peel(struct judging *j, const struct oid *id, struct oid *commit,
		 struct err *e);

/**
 * refs_resolve and refs_each inside the namespace of the push (see
 * gitnamespaces(7)): names go in and come out without it. A symbolic ref
 * that leaves the namespace is ERR_MALFORMED.
 */
int judging_resolve(struct judging *j, const char *name, struct buf *real,
		    struct oid *id, struct err *e);
int judging_refs_each(struct judging *j, const char *prefix, refs_fn *fn,
		      void *ctx, struct err *e);

/** Whether a rule asks what was said of a change. */
bool judging_wants_memory(const struct rule *rule);

/** The author or committer of a commit. */
int judging_ident(struct judging *j, const struct ident *who, size_t *number,
		  struct err *e);

#endif
