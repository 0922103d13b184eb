/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger_cosign_serve.h"

#include <inttypes.h>
#include <unistd.h>

#include "cli/cli.h"
#include "courier/anchor_trust.h"
#include "ledger/cosign.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"
#include "sys/files.h"

/* Of a ledger that ends before it gets what there is, and will say so. */
static int answer(struct ledger *l, uint64_t old, struct err *e)
{
	struct buf out = BUF_INIT(COSIGN_MAX_REQUEST),
		   note = BUF_INIT(NOTE_MAX);
	struct checkpoint_note c;
	struct merkle_proof proof;
	char sealed[FILE_MAX_PATH];
	int rc = seal_checkpoint_read(l, &c, e);

	if (!rc && old > c.at.size)
		old = c.at.size;
	if (!rc)
		rc = file_join(ledger_dir(l), "sealed", sealed, e);
	if (!rc)
		rc = cosign_prove(sealed, old, c.at.size, &proof, e);
	if (!rc) {
		anchor_own_note(&c, &note);
		rc = cosign_request_write(
			old, &proof, span_of(note.data, note.len), &out, e);
	}
	if (!rc)
		rc = cli_print(&out, e);
	checkpoint_note_release(&c);
	buf_release(&note);
	buf_release(&out);
	return rc;
}

static int check_ours(struct ledger *l, const struct checkpoint_note *c,
		      struct err *e)
{
	struct checkpoint_note last;
	struct note_vkeys keys = {0};
	int rc = seal_vkeys_read(l, &keys, e);

	checkpoint_note_init(&last);
	if (!rc && !span_is(c->at.origin, ledger_origin(l)))
		rc = err_set(e, ERR_MALFORMED, "it is of another ledger");
	if (!rc)
		rc = note_verify(&c->note, &keys, NULL, e);
	if (!rc)
		rc = seal_checkpoint_read(l, &last, e);
	if (!rc && c->at.size > last.at.size)
		rc = err_set(e, ERR_MALFORMED, "it is beyond what is sealed");
	checkpoint_note_release(&last);
	note_vkeys_release(&keys);
	return rc;
}

static const struct anchor_party *find_witness(const struct anchor_trust *t,
					       const struct checkpoint_note *c,
					       struct err *e)
{
	uint64_t seconds;
	size_t i;

	err_set(e, ERR_NOT_FOUND,
		"it is cosigned by no witness of the policy here");
	for (i = 0; i < t->n; i++) {
		struct err why = {0};
		int rc;

		if (t->v[i].kind != ANCHOR_WITNESS)
			continue;
		rc = anchor_cosigned_by(c, &t->v[i].key, &seconds, &why);
		if (!rc)
			return &t->v[i];
		if (rc != ERR_NOT_FOUND)
			*e = why;
	}
	return NULL;
}

static int take(const struct place *p, struct buf *said, struct err *e)
{
	const struct anchor_party *from;
	struct anchor_trust trust = {0};
	struct checkpoint_note c;
	int rc = checkpoint_note_take(&c, said, "what was said", e);

	if (!rc)
		rc = check_ours(p->ledger, &c, e);
	if (!rc)
		rc = anchor_trust_take(&trust, p->policy, e);
	if (!rc) {
		from = find_witness(&trust, &c, e);
		rc = from ? anchor_put_cosigned(
				    p->ledger, from->name,
				    span_of(c.bytes.data, c.bytes.len), e)
			  : e->code;
	}
	checkpoint_note_release(&c);
	anchor_trust_release(&trust);
	return rc;
}

int ledger_cosign_serve(const struct place *p, struct err *e)
{
	struct buf said = BUF_INIT(NOTE_MAX);
	uint64_t old;
	int rc;

	if (!p->policy)
		return err_set(e, ERR_USAGE,
			       "--serve needs a policy, which names the "
			       "witnesses");
	rc = file_read_fd(STDIN_FILENO, "standard input", &said, e);
	if (!rc && cosign_question_parse(span_of(said.data, said.len), &old))
		rc = answer(p->ledger, old, e);
	else if (!rc)
		rc = take(p, &said, e);
	buf_release(&said);
	return rc == ERR_MALFORMED || rc == ERR_NOT_FOUND ? CLI_NO : rc;
}
