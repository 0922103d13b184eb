/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/ask_patch.h"

#include <string.h>

#include "checks/check.h"
#include "sys/files.h"

/* An object id on the wire: its algorithm, and as many bytes as any has. */
enum { WIRE_ID = 1 + OID_MAX_RAW, WIRE_ANSWER = 1 + WIRE_ID };

static void put_id(unsigned char to[WIRE_ID], const struct oid *id)
{
	memset(to, 0, WIRE_ID);
	to[0] = id->algo;
	memcpy(to + 1, id->id, OID_MAX_RAW);
}

static bool get_id(const unsigned char from[WIRE_ID], struct oid *id)
{
	memset(id, 0, sizeof(*id));
	if (from[0] != OID_SHA1 && from[0] != OID_SHA256)
		return false;
	oid_from_raw(id, (enum oid_algo)from[0], from + 1);
	return true;
}

bool ask_patch_wanted(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		const struct check *c = check_of_kind(p->rules[i].kind);

		if (c && c->needs_of &&
		    c->needs_of(p->rules[i].options) & NEED_PATCH)
			return true;
	}
	return false;
}

/* ---- the judge ---- */

int asker_patch(void *ctx, const struct oid *from, const struct oid *to,
		enum patch_answer *answer, struct oid *out, struct err *e)
{
	unsigned char question[1 + 2 * WIRE_ID], said[WIRE_ANSWER];
	struct asker *a = ctx;
	int rc;

	*answer = PATCH_NONE;
	if (a->patches >= ASK_MAX_PATCHES)
		return 0;
	a->patches++;
	question[0] = ASK_PATCH;
	put_id(question + 1, from);
	put_id(question + 1 + WIRE_ID, to);
	rc = file_write_all(a->fd, question, sizeof(question), e);
	if (!rc)
		rc = asker_read(a, said, sizeof(said), e);
	if (rc)
		return rc;
	if (said[0] > PATCH_TOO_OLD ||
	    (said[0] == PATCH_ID && !get_id(said + 1, out)))
		return err_set(e, ERR_INTERNAL, "the answer is no patch id");
	*answer = (enum patch_answer)said[0];
	return 0;
}

/* ---- the parent ---- */

static int read_question(const struct answerer *a, struct oid *from,
			 struct oid *to, struct err *e)
{
	unsigned char raw[2 * WIRE_ID];
	int rc = ask_read(a->fd, a->until, raw, sizeof(raw), e);

	if (rc)
		return rc;
	if (!get_id(raw, from) || !get_id(raw + WIRE_ID, to) ||
	    from->algo != to->algo)
		return err_set(e, ERR_INTERNAL, "the judge asks for no trees");
	return 0;
}

int answerer_patch(struct answerer *a, const struct patch_id_spec *spec,
		   struct err *e)
{
	unsigned char said[WIRE_ANSWER] = {0};
	struct patch_id_spec full = *spec;
	enum patch_answer answer;
	struct oid from, to, id;
	int rc;

	if (a->patches++ >= ASK_MAX_PATCHES || !ask_patch_wanted(a->policy))
		return err_set(e, ERR_INTERNAL, "the judge asks too much");
	rc = read_question(a, &from, &to, e);
	if (rc)
		return rc;
	full.algo = (enum oid_algo)from.algo;
	full.deadline = a->until;
	rc = patch_id_make(&full, &from, &to, &answer, &id, e);
	if (rc)
		return rc;
	said[0] = (unsigned char)answer;
	if (answer == PATCH_ID)
		put_id(said + 1, &id);
	return answerer_say(a, said, sizeof(said), e);
}
