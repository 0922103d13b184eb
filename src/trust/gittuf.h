/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_GITTUF_H
#define GATEPOST_TRUST_GITTUF_H

/**
 * Approvals in gittuf's form: a reference authorization
 * (https://gittuf.dev/reference-authorization/v0.2) in a DSSE envelope of type
 * application/vnd.gittuf+json, one signature for each approver. Each signs
 * the envelope's payload with an SSH or OpenPGP key, as git does.
 *
 * It authorizes one move of one ref, from a commit to a tree. It names no
 * repository: the commit that it starts from stands for it.
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "git/oid.h"
#include "trust/approvals.h"
#include "trust/signature.h"

/** Where gittuf keeps them. */
#define GITTUF_REF "refs/gittuf/attestations"

enum {
	GITTUF_MAX_BYTES = APPROVAL_MAX_BYTES, /* of one envelope */
	GITTUF_MAX_SIGNATURES = 32	       /* in it */
};

/** A move of a ref. */
struct gittuf_move {
	const char *ref; /* full name */
	struct oid from; /* the commit before; null: the ref is created */
	struct oid to;	 /* the tree after */
};

/** The path of its envelope in the tree of GITTUF_REF; appends to `out`. */
void gittuf_path(const struct gittuf_move *move, struct buf *out);

/**
 * Read an envelope as approvals of `move`, one for each signature. An
 * approval has ref, payload and sig; what is off is told in its fault and
 * why. An envelope that is none, or for another move, gives one approval
 * that says so.
 * @param id   the envelope's blob, for the approvals' `tag`
 * @param out  room for GITTUF_MAX_SIGNATURES; approval_release those filled
 * @param n    how many were filled, also after an error
 * @return 0 whenever there is an answer; ERR_MEMORY, ERR_CRYPTO
 */
int gittuf_read(struct span envelope, const struct oid *id,
		const struct gittuf_move *move, const struct verifier *v,
		struct approval out[GITTUF_MAX_SIGNATURES], size_t *n,
		struct err *e);

#endif
