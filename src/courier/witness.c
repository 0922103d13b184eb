/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/cosign.h"
#include "sys/files.h"

int witness_open(const struct witness *w, struct http_target *target,
		 struct http **out, struct err *e)
{
	struct buf url = BUF_INIT(HTTP_MAX_URL);
	size_t n = strlen(w->url);
	int rc;

	*out = NULL;
	while (n && w->url[n - 1] == '/')
		n--;
	buf_add(&url, w->url, n);
	buf_adds(&url, "/add-checkpoint");
	target->url = url.data;
	target->ca_file = w->ca_file;
	target->seconds = w->timeout;
	rc = buf_ok(&url) ? http_new(out, target, e)
			  : err_set(e, ERR_LIMIT, "the URL is too long");
	buf_release(&url);
	return rc;
}

/* -------------------------------------------------------------- formats */

static void add_lines_of(const struct note *n, const struct note_vkey *key,
			 struct buf *out)
{
	size_t i;

	for (i = 0; i < n->nsigs; i++) {
		const struct note_signature *s = &n->sigs[i];

		if (s->id != key->id || !span_is(s->name, key->name))
			continue;
		buf_add(out, s->line.p, s->line.n);
		buf_addch(out, '\n');
	}
}

int witness_take(struct span note, struct span body,
		 const struct note_vkey *key, struct buf *cosigned,
		 struct err *e)
{
	struct buf all = BUF_INIT(NOTE_MAX);
	struct checkpoint_note c;
	uint64_t seconds;
	int rc;

	checkpoint_note_init(&c);
	buf_add(&all, note.p, note.n);
	if (buf_add(&all, body.p, body.n))
		rc = err_set(e, ERR_MALFORMED, "it is too long");
	else
		rc = checkpoint_note_take(&c, &all, "its signatures", e);
	if (!rc)
		rc = anchor_cosigned_by(&c, key, &seconds, e);
	if (!rc) {
		buf_add(cosigned, note.p, note.n);
		add_lines_of(&c.note, key, cosigned);
		rc = buf_ok(cosigned) ? 0 : err_nomem(e);
	}
	checkpoint_note_release(&c);
	buf_release(&all);
	return rc;
}

bool witness_take_size(struct span body, uint64_t *size)
{
	struct cursor c = cursor_of(body.p, body.n);
	struct span line;

	return cursor_until(&c, '\n', &line) && !cursor_left(&c) &&
	       (line.n == 1 || (line.n && line.p[0] != '0')) &&
	       text_to_u64(line, MERKLE_MAX_SIZE, size);
}

/* ------------------------------------------------------------- exchange */

/** What is said to the witness. */
struct talk {
	struct anchoring *a;
	const struct checkpoint_note *c;
	struct buf note; /* the checkpoint, signed by the ledger alone */
	uint64_t old;	 /* what it has cosigned, as far as we know */
	struct http_answer answer;
	struct anchoring_try *t;
};

static int prove(struct talk *k, struct merkle_proof *proof, struct err *e)
{
	char sealed[FILE_MAX_PATH];
	int rc = file_join(k->a->ledger_dir, "sealed", sealed, e);

	return rc ? rc : cosign_prove(sealed, k->old, k->c->at.size, proof, e);
}

static int post(struct talk *k, struct http *http, struct err *e)
{
	static const char *const headers[] = {
		"Content-Type: text/plain; charset=utf-8"};
	struct buf body = BUF_INIT(COSIGN_MAX_REQUEST);
	struct merkle_proof proof;
	int rc = prove(k, &proof, e);

	if (!rc)
		rc = cosign_request_write(k->old, &proof,
					  span_of(k->note.data, k->note.len),
					  &body, e);
	http_answer_release(&k->answer);
	http_answer_init(&k->answer);
	if (!rc)
		rc = http_post(http, span_of(body.data, body.len), headers, 1,
			       &k->answer, e);
	buf_release(&body);
	return rc;
}

static void say(struct talk *k, bool alarm, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct talk *k, bool alarm, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->t->why, sizeof(k->t->why), fmt, ap);
	va_end(ap);
	k->t->alarm = alarm;
}

static int store(struct talk *k, struct err *e)
{
	struct buf cosigned = BUF_INIT(NOTE_MAX);
	struct note_vkey key;
	int rc = note_vkey_parse(&key, span_str(k->a->witness->key), e);

	if (rc)
		return rc;
	rc = witness_take(span_of(k->note.data, k->note.len),
			  span_of(k->answer.body.data, k->answer.body.len),
			  &key, &cosigned, e);
	if (rc == ERR_MALFORMED || rc == ERR_NOT_FOUND) {
		say(k, false, "what it answered is no cosignature: %.300s",
		    e->msg);
		rc = 0;
	} else if (!rc) {
		rc = anchor_put_cosigned(k->a->ledger, k->a->witness->name,
					 span_of(cosigned.data, cosigned.len),
					 e);
		k->t->done = !rc;
	}
	buf_release(&cosigned);
	return rc;
}

/* @return whether to ask again, from the size that it has */
static bool take_conflict(struct talk *k)
{
	uint64_t size = k->c->at.size, theirs;

	if (!witness_take_size(span_of(k->answer.body.data, k->answer.body.len),
			       &theirs)) {
		say(k, false, "the endpoint answered 409 without a size");
		return false;
	}
	if (theirs > size) {
		say(k, true,
		    "it has cosigned %" PRIu64 " records, but this ledger has "
		    "only %" PRIu64 " that are sealed: the ledger was put "
		    "back to an older state, or replaced",
		    theirs, size);
		return false;
	}
	if (theirs == k->old && theirs == size) {
		say(k, true,
		    "it has cosigned %" PRIu64 " records that are not those "
		    "of this ledger: the ledger was changed, or another one "
		    "has its name and key",
		    size);
		return false;
	}
	say(k, false, "it does not say twice the same of what it has cosigned");
	k->old = theirs;
	return true;
}

static void take_refusal(struct talk *k)
{
	switch (k->answer.status) {
	case 403:
		say(k, false,
		    "it does not know the key of this ledger (403): give it "
		    "what gatepost ledger key show prints");
		break;
	case 404:
		say(k, false,
		    "it does not know a ledger named %.200s (404), or the URL "
		    "is wrong",
		    ledger_origin(k->a->ledger));
		break;
	case 422:
		say(k, true,
		    "it says that the checkpoint of %" PRIu64 " records does "
		    "not extend the one of %" PRIu64 " that it cosigned "
		    "(422): the ledger was changed",
		    k->c->at.size, k->old);
		break;
	default:
		say(k, false, "%.900s", k->answer.error);
	}
}

/* @return 1 to ask again, 0, or an error */
static int exchange(struct talk *k, struct http *http, struct err *e)
{
	int rc = post(k, http, e);

	if (rc)
		return rc;
	k->t->status = k->answer.status;
	k->t->retry_after = k->answer.retry_after;
	if (k->answer.status == 200)
		return store(k, e);
	if (k->answer.status == 409)
		return take_conflict(k);
	take_refusal(k);
	return 0;
}

int witness_ask(struct anchoring *a, struct http *http,
		const struct checkpoint_note *c, struct anchoring_try *t,
		struct err *e)
{
	struct talk k = {.a = a,
			 .c = c,
			 .note = BUF_INIT(NOTE_MAX),
			 .old = a->progress.checkpoint,
			 .t = t};
	int i, rc = 1;

	if (k.old > c->at.size)
		k.old = c->at.size;
	anchor_own_note(c, &k.note);
	http_answer_init(&k.answer);
	if (!buf_ok(&k.note))
		rc = err_nomem(e);
	for (i = 0; rc == 1 && i < WITNESS_MAX_ROUNDS; i++)
		rc = exchange(&k, http, e);
	http_answer_release(&k.answer);
	buf_release(&k.note);
	return rc < 0 ? rc : 0;
}
