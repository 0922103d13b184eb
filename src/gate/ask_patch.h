/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ASK_PATCH_H
#define GATEPOST_GATE_ASK_PATCH_H

/**
 * What the judge asks its parent where a rule says `bind = patch`: git's patch
 * id of the difference between two trees (gate/ask.h).
 *
 * A question is the byte ASK_PATCH and two object ids; the answer is a byte,
 * enum patch_answer, and an object id. Ids have the bytes of the repository's.
 */

#include "gate/ask.h"
#include "trust/patch_id.h"

enum {
	ASK_PATCH = 'P',
	ASK_MAX_PATCHES = 200 /* questions of one push */
};

/** Whether some rule of the policy may ask. */
bool ask_patch_wanted(const struct policy *p);

/** The judge's side, for struct engine_input; `ctx` is the struct asker.
 * Beyond ASK_MAX_PATCHES there is none. */
int asker_patch(void *ctx, const struct oid *from, const struct oid *to,
		enum patch_answer *answer, struct oid *out, struct err *e);

/**
 * The parent's side: answer the question whose first byte has been read.
 * @param spec  without algo and deadline
 * @return as answerer_openpgp
 */
int answerer_patch(struct answerer *a, const struct patch_id_spec *spec,
		   struct err *e);

#endif
