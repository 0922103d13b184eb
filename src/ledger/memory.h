/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_MEMORY_H
#define GATEPOST_LEDGER_MEMORY_H

/**
 * What the ledger remembers of changes and approvals, as an index in the
 * ledger's directory that can be rebuilt from the records at any time. Reads
 * take no lock and work from inside the judge's sandbox, which must be able
 * to read `index/` there.
 *
 * Nothing here is synced. **Put before the decision is appended**: then a
 * crash between the two leaves an entry too many, which is harmless (a tip
 * that no ref has; a change that somebody did bring), never one too few. A
 * power failure may take the last seconds of it: the first ledger_open for
 * appending after a restart indexes the last records again.
 *
 * The index holds logins in clear, since it is asked for them; erasing a
 * person from the records and then memory_rebuild() takes them out of here.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "ledger/ledger.h"

/** The login of whoever was erased: nobody's, for it has parentheses. */
#define MEMORY_ERASED "(erased)"

/**
 * Who first brought a change (the raw-diff digest of a commit against its
 * parent, or of a whole range) to this repository on any ref. The first
 * entry wins for ever.
 * @param login  set to the login, "" when nobody brought it yet
 */
int memory_brought_by(const char *ledger_dir, const char *repository,
		      const unsigned char digest[SHA256_SIZE],
		      struct buf *login, struct err *e);
/** Note it, unless somebody is noted already. An empty login is no one. */
int memory_put_brought(struct ledger *l, const char *repository,
		       const unsigned char digest[SHA256_SIZE],
		       const char *login, struct err *e);

/** An acceptance that counted an approval, which is known by the SHA-256 of
 * what was signed, in hex: the tag around it can be written in many ways. */
struct memory_use {
	char *ref;     /* real ref name */
	char *new_hex; /* the tip that was accepted */
	char *record;  /* the decision's id */
};
/** The first some thousands of them.
 * @return 0; heap array and its strings are freed with memory_uses_free */
int memory_uses(const char *ledger_dir, const char *repository,
		const char *payload, struct memory_use **uses, size_t *n,
		struct err *e);
void memory_uses_free(struct memory_use *uses, size_t n);
int memory_put_use(struct ledger *l, const char *repository,
		   const char *payload, const struct memory_use *use,
		   struct err *e);

/** A ref that was pushed as an approval, whose name does not say of what. */
struct memory_approval {
	const char *ref; /* real ref name */
	const char *hex; /* the id of what it was */
};
/** Called for each, in the order of pushing; valid in the call. True stops. */
typedef bool memory_approval_fn(void *ctx, const struct memory_approval *a);
/** @param digest16  the first 16 hex digits of the digest of a change, or of
 *   that of a commit's id */
int memory_approvals(const char *ledger_dir, const char *repository,
		     const char *digest16, memory_approval_fn *fn, void *ctx,
		     struct err *e);
int memory_put_approval(struct ledger *l, const char *repository,
			const char *digest16, const struct memory_approval *a,
			struct err *e);

/**
 * Build the whole index again from the records, beside the present one, and
 * swap. Read from each decision: `repository`, `verdict`, `pusher.person`
 * (whose `login` is in the persons line), `changes[].{digest,ref,known,
 * commit,takes_back}`, `refs[].{real,old,new,approves}`, `approvals[].{payload,
 * ref,counted,digest,tag,tip,key,made,end,person,presence,verification}`,
 * `provenance[].` and `statements[].{digest,agent,model,session,trailer,
 * declared,none,inherited}` (see ledger/statements.h); a list NAME may be NDJSON evidence that `NAME_evidence.sha256` cites.
 */
int memory_rebuild(struct ledger *l, struct err *e);

/** The same, and what the present index has of these logins, whose records
 * may not be there yet, is nobody's in the new one. */
int memory_rebuild_without(struct ledger *l, const char *const *logins,
			   size_t n, struct err *e);

#endif
