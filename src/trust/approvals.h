/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_APPROVALS_H
#define GATEPOST_TRUST_APPROVALS_H

/**
 * An approval is a signed annotated tag object whose trailers name a ref or
 * several, a repository and the digest of a change. One that names another
 * approval, and neither ref nor change, withdraws that.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/sha256.h"
#include "git/object_parse.h"
#include "git/oid.h"
#include "git/trailers.h"
#include "trust/signature.h"

/**
 * refs/approvals/<first 16 hex of the digest>/<who>-<n>
 * The digest is that of the change, as Approves-diff has it. An approval of
 * the tip only (an empty diff, no merge base or several, a created ref) has
 * none: there it is the SHA-256 of the tip's id in lower-case hex.
 */
#define APPROVALS_PREFIX "refs/approvals/"
/** Approvals may be tags as well; of which change, the name does not say. */
#define APPROVAL_TAGS_PREFIX "refs/tags/approve/"
enum {
	APPROVAL_DIGEST_PREFIX = 16,
	APPROVAL_MAX_BYTES = 65536,
	APPROVAL_MAX_WHO = 64,	 /* characters of `<who>` */
	APPROVAL_MAX_NUMBER = 9, /* digits of `<n>` */
	APPROVAL_MAX_TRAILERS = 64,
	APPROVAL_MAX_REFS = 16,	  /* that one approval names */
	APPROVAL_MAX_VALUE = 4096 /* bytes of a trailer that is read */
};

enum approval_fault {
	APPROVAL_OK = 0,
	APPROVAL_UNSIGNED,    /* approval/unsigned */
	APPROVAL_UNKNOWN_KEY, /* approval/unknown-key: nobody's key here, or
			       * not at this time, revoked, of a kind that is
			       * not accepted; sig.status tells which */
	APPROVAL_MALFORMED    /* approval/malformed, a bad signature too */
};

struct approval {
	struct oid tag;		       /* the tag object */
	struct oid target;	       /* the commit that it tags */
	char *ref;		       /* Approves-ref; the first */
	char *more[APPROVAL_MAX_REFS]; /* the others, NULL-terminated */
	char *repository;	       /* Repository */
	char *change;		       /* Change, or NULL */
	bool has_digest; /* Approves-diff given and not of nothing */
	unsigned char digest[SHA256_SIZE];
	/** Approves-base: the commit from which on it is for what it tags; of
	 * a layer of a stack. Null when it is not given. */
	struct oid base;
	/** Approves-patch: git's patch id; null when it is not given. */
	struct oid patch;
	/** Of what was signed: the same for each form that one signature can
	 * be given, as the tag's id is not. */
	unsigned char payload[SHA256_SIZE];
	char *tagger;	 /* "Name <mail>", a claim */
	int64_t made;	 /* the date in it, milliseconds since 1970; 0: none.
			  * Signed, and a claim all the same */
	bool has_end;	 /* Valid-until is given: */
	int64_t end;	 /* the last millisecond at which it counts */
	bool withdrawal; /* Withdraws is given: */
	struct oid withdraws; /* the tag object of an approval; `ref` is NULL
			       * and has_digest false */
	struct signature sig;
	enum approval_fault fault;
	char why[SIG_MAX_TEXT];
};

void approval_init(struct approval *a);
void approval_release(struct approval *a);

/**
 * Read and verify the bytes of a tag object as an approval. Whatever is off
 * is told in a->fault and a->why, never as an error.
 * Well formed: an annotated tag of a commit, one SSH, OpenPGP or X.509
 * signature, one to APPROVAL_MAX_REFS Approves-ref (full ref names, no two
 * the same), exactly one Repository, at most one each of Approves-diff
 * (`sha256:` and 64 hex digits), Approves-base and Approves-patch (an object
 * id's hex digits), Change and Valid-until (time_parse), in the trailer block
 * before the signature; no divider line (`---`) that would change what these
 * say. Approves-base and Approves-patch stand beside Approves-diff only.
 * Or, to withdraw: exactly one Withdraws (an object id), exactly one
 * Repository, perhaps one Change, and none of the others.
 * @return 0 whenever there is an answer; ERR_MEMORY, ERR_CRYPTO
 */
int approval_read(struct approval *a, struct span tag, const struct oid *id,
		  enum oid_algo algo, const struct verifier *v, struct err *e);

/** Whether it names this ref. */
bool approval_names_ref(const struct approval *a, const char *ref);

/** Set fault and why by what a->sig has found. */
void approval_judge_signature(struct approval *a);

/** Whether `refname` is an approval ref of well-formed shape; the digest's
 * 16 hex digits in `prefix` (NUL-terminated). */
bool approval_ref_ok(const char *refname,
		     char prefix[APPROVAL_DIGEST_PREFIX + 1]);

/** Whether the last part of a name is `<who>-<n>`, n without leading zero. */
bool approval_last_component_ok(const char *s);

/** Whether `refname` is where approvals are, of whatever shape. */
bool approval_is_ref(const char *refname);

/** The same prefix of an approval of the tip only. */
void approval_tip_prefix(const struct oid *tip,
			 char prefix[APPROVAL_DIGEST_PREFIX + 1]);

/** Whether `repository` equals the trailer or ends with it after a `/`. */
bool approval_repository_matches(const char *repository, const char *trailer);

#endif
