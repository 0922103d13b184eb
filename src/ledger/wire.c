/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/files.h"

int wire_init(struct wire *w, int in, int out, int wait_ms, struct err *e)
{
	*w = (struct wire){.in = in, .out = out, .wait_ms = wait_ms};
	buf_init(&w->pending, WIRE_BUFFER);
	w->data = malloc(WIRE_BUFFER);
	return w->data ? 0 : err_nomem(e);
}

void wire_release(struct wire *w)
{
	free(w->data);
	w->data = NULL;
	buf_release(&w->pending);
}

/* ----------------------------------------------------------------- read */

/* Wait for more. @return how many bytes are there now; 0 at the end */
static int fill(struct wire *w, struct err *e)
{
	struct pollfd p = {.fd = w->in, .events = POLLIN};
	ssize_t got;
	int n;

	w->at = w->len = 0;
	do
		n = poll(&p, 1, w->wait_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "poll");
	if (!n)
		return err_set(e, ERR_TIMEOUT, "nothing came for %d seconds",
			       w->wait_ms / 1000);
	do
		got = read(w->in, w->data, WIRE_BUFFER);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(e, "read");
	w->len = (size_t)got;
	return got > 0;
}

static int cut_off(struct err *e)
{
	return err_set(e, ERR_MALFORMED, "the stream is cut off");
}

int wire_line(struct wire *w, char out[WIRE_MAX_LINE], struct err *e)
{
	size_t n = 0;

	for (;;) {
		const char *from, *lf;
		size_t left;

		if (w->at == w->len) {
			int rc = fill(w, e);

			if (rc <= 0)
				return !rc && n ? cut_off(e) : rc;
		}
		from = w->data + w->at;
		lf = memchr(from, '\n', w->len - w->at);
		left = lf ? (size_t)(lf - from) : w->len - w->at;
		if (left >= WIRE_MAX_LINE - n || memchr(from, '\0', left))
			return err_set(e, ERR_MALFORMED,
				       "the stream has no line where one "
				       "should be");
		memcpy(out + n, from, left);
		n += left;
		w->at += left + (lf != NULL);
		out[n] = '\0';
		if (lf)
			return 1;
	}
}

static int take(struct wire *w, size_t n, struct buf *out, struct err *e)
{
	while (n) {
		size_t some = w->len - w->at;

		if (!some) {
			int rc = fill(w, e);

			if (rc <= 0)
				return rc ? rc : cut_off(e);
			continue;
		}
		if (some > n)
			some = n;
		if (buf_add(out, w->data + w->at, some))
			return err_nomem(e);
		w->at += some;
		n -= some;
	}
	return 0;
}

int wire_bytes(struct wire *w, size_t n, struct buf *out, struct err *e)
{
	struct buf end = BUF_INIT(1);
	int rc = take(w, n, out, e);

	if (!rc)
		rc = take(w, 1, &end, e);
	if (!rc && end.data[0] != '\n')
		rc = err_set(e, ERR_MALFORMED,
			     "the stream goes on where %zu bytes should end",
			     n);
	buf_release(&end);
	return rc;
}

/* ---------------------------------------------------------------- write */

int wire_flush(struct wire *w, struct err *e)
{
	int rc = file_write_all(w->out, w->pending.data, w->pending.len, e);

	buf_clear(&w->pending);
	return rc;
}

int wire_put(struct wire *w, const void *bytes, size_t n, struct err *e)
{
	int rc = 0;

	if (n > w->pending.max - w->pending.len)
		rc = wire_flush(w, e);
	if (rc)
		return rc;
	if (n > w->pending.max)
		return file_write_all(w->out, bytes, n, e);
	return buf_add(&w->pending, bytes, n) ? err_nomem(e) : 0;
}

int wire_putf(struct wire *w, struct err *e, const char *fmt, ...)
{
	struct buf line = BUF_INIT(WIRE_MAX_LINE);
	va_list ap;
	int rc;

	va_start(ap, fmt);
	buf_addv(&line, fmt, ap);
	va_end(ap);
	rc = buf_ok(&line) ? wire_put(w, line.data, line.len, e) : err_nomem(e);
	buf_release(&line);
	return rc;
}
