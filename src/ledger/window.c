/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW_CHUNK = 64 << 10 };

void window_init(struct window *w, int fd)
{
	*w = (struct window){.fd = fd};
}

void window_release(struct window *w)
{
	free(w->data);
	window_init(w, -1);
}

void window_forget(struct window *w)
{
	w->len = 0;
}

static int make_room(struct window *w, size_t cap, struct err *e)
{
	char *grown;

	if (cap <= w->cap)
		return 0;
	grown = realloc(w->data, cap);
	if (!grown)
		return err_nomem(e);
	w->data = grown;
	w->cap = cap;
	return 0;
}

/* Keep what is held from `offset` on, and make it the beginning. */
static void slide_to(struct window *w, uint64_t offset)
{
	if (offset >= w->at && offset < w->at + w->len) {
		size_t skip = (size_t)(offset - w->at);

		memmove(w->data, w->data + skip, w->len - skip);
		w->len -= skip;
	} else {
		w->len = 0;
	}
	w->at = offset;
}

int window_get(struct window *w, uint64_t offset, size_t want, struct span *out,
	       struct err *e)
{
	int rc;

	*out = span_of("", 0);
	if (w->len && offset >= w->at && offset + want <= w->at + w->len) {
		size_t skip = (size_t)(offset - w->at);

		*out = span_of(w->data + skip, w->len - skip);
		return 0;
	}
	slide_to(w, offset);
	rc = make_room(w, want > WINDOW_CHUNK ? want : WINDOW_CHUNK, e);
	if (rc)
		return rc;
	while (w->len < want) {
		ssize_t got = pread(w->fd, w->data + w->len, w->cap - w->len,
				    (off_t)(w->at + w->len));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, "read");
		if (got == 0)
			break;
		w->len += (size_t)got;
	}
	*out = span_of(w->data, w->len);
	return 0;
}
