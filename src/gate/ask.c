/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/sha256.h"
#include "sys/files.h"
#include "trust/signature_wire.h"

enum { LENGTHS = 8 };

struct asked {
	unsigned char digest[SHA256_SIZE];
	struct signature answer;
};

/* ---- the judge ---- */

void asker_init(struct asker *a, int fd, const struct principals *people)
{
	*a = (struct asker){.fd = fd, .people = people};
}

void asker_release(struct asker *a)
{
	free(a->v);
	free(a->tickets);
	*a = (struct asker){.fd = -1};
}

static void put_length(unsigned char *out, size_t n)
{
	size_t i;

	for (i = 0; i < 4; i++)
		out[i] = (unsigned char)(n >> (24 - 8 * i));
}

static void make_head(struct span payload, struct span sig,
		      unsigned char head[1 + LENGTHS])
{
	head[0] = ASK_OPENPGP;
	put_length(head + 1, payload.n);
	put_length(head + 5, sig.n);
}

/* The judge has no poll(2), and dies with its parent. */
int asker_read(const struct asker *a, unsigned char *to, size_t n,
	       struct err *e)
{
	while (n) {
		ssize_t got = read(a->fd, to, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, "reading an answer");
		if (!got)
			return err_set(e, ERR_INTERNAL, "there is no answer");
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

static int ask(const struct asker *a, struct span payload, struct span sig,
	       struct signature *out, struct err *e)
{
	unsigned char head[1 + LENGTHS], answer[SIGNATURE_WIRE_SIZE];
	int rc;

	make_head(payload, sig, head);
	rc = file_write_all(a->fd, head, sizeof(head), e);
	if (!rc)
		rc = file_write_all(a->fd, payload.p, payload.n, e);
	if (!rc)
		rc = file_write_all(a->fd, sig.p, sig.n, e);
	if (!rc)
		rc = asker_read(a, answer, sizeof(answer), e);
	if (!rc && !signature_decode(answer, a->people, out))
		rc = err_set(e, ERR_INTERNAL, "the answer is no signature");
	return rc;
}

static void digest_of(struct span payload, struct span sig,
		      unsigned char out[SHA256_SIZE])
{
	unsigned char head[1 + LENGTHS];
	struct sha256 h;

	make_head(payload, sig, head);
	sha256_init(&h);
	sha256_update(&h, head, sizeof(head));
	sha256_update(&h, payload.p, payload.n);
	sha256_update(&h, sig.p, sig.n);
	sha256_final(&h, out);
}

static int ask_new(struct asker *a, struct span payload, struct span sig,
		   const unsigned char digest[SHA256_SIZE],
		   struct signature *out, struct err *e)
{
	int rc = array_push(&a->v, a->n, &a->cap, ASK_MAX_OPENPGP);

	if (rc == -2) {
		signature_say(out, SIG_UNSUPPORTED,
			      "more than %d OpenPGP signatures in one push; "
			      "push in parts",
			      ASK_MAX_OPENPGP);
		return 0;
	}
	if (rc)
		return err_nomem(e);
	rc = ask(a, payload, sig, out, e);
	if (rc)
		return rc;
	memcpy(a->v[a->n].digest, digest, SHA256_SIZE);
	a->v[a->n++].answer = *out;
	return 0;
}

int asker_openpgp(void *ctx, struct span payload, struct span sig,
		  struct signature *out, struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	struct asker *a = ctx;
	size_t i;

	if (payload.n > ASK_MAX_PAYLOAD || sig.n > ASK_MAX_SIGNATURE) {
		signature_say(out, SIG_UNSUPPORTED,
			      "it covers more than %d bytes, or is longer "
			      "than %d",
			      ASK_MAX_PAYLOAD, ASK_MAX_SIGNATURE);
		return 0;
	}
	digest_of(payload, sig, digest);
	for (i = 0; i < a->n; i++) {
		if (memcmp(a->v[i].digest, digest, SHA256_SIZE) != 0)
			continue;
		*out = a->v[i].answer;
		return 0;
	}
	return ask_new(a, payload, sig, digest, out, e);
}

/* ---- the parent ---- */

static int await(int fd, short events, struct deadline until, struct err *e)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int left = deadline_left_ms(until);

		if (!left)
			return err_set(e, ERR_TIMEOUT, "judging took too long");
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (p.revents)
			return 0;
	}
}

int ask_read(int fd, struct deadline until, void *to, size_t n, struct err *e)
{
	unsigned char *at = to;

	while (n) {
		int rc = await(fd, POLLIN, until, e);
		ssize_t got;

		if (rc)
			return rc;
		got = read(fd, at, n);
		/* a judge that dies with an answer unread resets */
		if (!got || (got < 0 && errno == ECONNRESET))
			return 1;
		if (got < 0 && errno != EINTR)
			return err_sys(e, "reading from the judge");
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

/* A judge that does not read stops nobody but itself. */
int answerer_say(const struct answerer *a, const unsigned char *from, size_t n,
		 struct err *e)
{
	while (n) {
		int rc = await(a->fd, POLLOUT, a->until, e);
		ssize_t put;

		if (rc)
			return rc;
		put = send(a->fd, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && (errno == EPIPE || errno == ECONNRESET))
			return 1;
		if (put < 0 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, "answering the judge");
		if (put > 0) {
			from += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

static int read_part(const struct answerer *a, uint32_t n, struct buf *out,
		     struct err *e)
{
	int rc;

	if (!n)
		return 0;
	if (buf_reserve(out, n))
		return err_nomem(e);
	rc = ask_read(a->fd, a->until, out->data, n, e);
	if (!rc)
		out->len = n;
	return rc;
}

static int read_question(const struct answerer *a, struct buf *payload,
			 struct buf *sig, struct err *e)
{
	unsigned char raw[LENGTHS] = {0};
	struct cursor c = cursor_of(raw, sizeof(raw));
	uint32_t payload_n = 0, sig_n = 0;
	int rc = ask_read(a->fd, a->until, raw, sizeof(raw), e);

	if (rc)
		return rc;
	if (!cursor_u32(&c, &payload_n) || !cursor_u32(&c, &sig_n) ||
	    payload_n > ASK_MAX_PAYLOAD || sig_n > ASK_MAX_SIGNATURE)
		return err_set(e, ERR_INTERNAL, "the judge asks too much");
	rc = read_part(a, payload_n, payload, e);
	return rc ? rc : read_part(a, sig_n, sig, e);
}

static int verify(const struct answerer *a, const struct buf *payload,
		  const struct buf *sig, unsigned char out[SIGNATURE_WIRE_SIZE],
		  struct err *e)
{
	const struct policy *p = a->policy;
	const struct openpgp_spec spec = {.gpgv = p->signers_gpgv,
					  .keyring = p->signers_openpgp,
					  .deadline = a->until};
	struct signature answer;
	int rc = openpgp_verify(
		&spec, &p->people, span_of(payload->data, payload->len),
		span_of(sig->data, sig->len), a->at, &answer, e);

	if (!rc)
		signature_encode(&answer, &p->people, out);
	return rc;
}

int answerer_openpgp(struct answerer *a, struct err *e)
{
	struct buf payload = BUF_INIT(ASK_MAX_PAYLOAD);
	struct buf sig = BUF_INIT(ASK_MAX_SIGNATURE);
	unsigned char answer[SIGNATURE_WIRE_SIZE];
	int rc;

	if (!a->policy->signers_openpgp || a->n++ >= ASK_MAX_OPENPGP)
		return err_set(e, ERR_INTERNAL, "the judge asks too much");
	rc = read_question(a, &payload, &sig, e);
	if (!rc)
		rc = verify(a, &payload, &sig, answer, e);
	if (!rc)
		rc = answerer_say(a, answer, sizeof(answer), e);
	buf_release(&payload);
	buf_release(&sig);
	return rc;
}
