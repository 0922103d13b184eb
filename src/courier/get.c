/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/get.h"

#include <string.h>

#include "base/text.h"
#include "courier/confine.h"
#include "ledger/tiles.h"
#include "ledger/wire.h"

enum { ASK_MS = 3600 * 1000 /* whoever asks may be writing what they got */ };

#define BUNDLES "tile/entries/"

/* Nothing but what tile_path() makes, and names of letters. */
static bool path_ok(const char *path)
{
	size_t n = strlen(path), i;

	for (i = 0; i < n; i++)
		if (!ascii_digit(path[i]) && path[i] != '/' && path[i] != '.' &&
		    (path[i] < 'a' || path[i] > 'z'))
			return false;
	return n && n < TILE_PATH_SIZE && *path != '/' && *path != '.' &&
	       !strstr(path, "/.") && !strstr(path, "//");
}

static int put_answer(struct wire *w, const struct http_answer *a,
		      struct err *e)
{
	struct span s = a->status == 200 ? span_of(a->body.data, a->body.len)
					 : span_str(a->error);
	int rc = wire_putf(w, e, "%ld %zu\n", a->status, s.n);

	if (!rc)
		rc = wire_put(w, s.p, s.n, e);
	if (!rc)
		rc = wire_put(w, "\n", 1, e);
	return rc ? rc : wire_flush(w, e);
}

static int answer(struct wire *w, struct http *h, const char *path,
		  struct err *e)
{
	struct http_answer a;
	int rc;

	if (!path_ok(path))
		return err_set(e, ERR_MALFORMED, "that is no file's path");
	http_answer_init(&a);
	if (!strncmp(path, BUNDLES, strlen(BUNDLES)))
		buf_init(&a.body, TILE_MAX_BUNDLE);
	rc = http_get(h, path, &a, e);
	if (!rc)
		rc = put_answer(w, &a, e);
	http_answer_release(&a);
	return rc;
}

static int answer_all(struct http *h, int in, int out, struct err *e)
{
	char line[WIRE_MAX_LINE];
	struct wire w;
	int rc = wire_init(&w, in, out, ASK_MS, e);

	if (!rc)
		rc = wire_line(&w, line, e);
	while (rc == 1) {
		rc = answer(&w, h, line, e);
		if (!rc)
			rc = wire_line(&w, line, e);
	}
	wire_release(&w);
	return rc;
}

int get_serve(const struct http_target *target, int in, int out, struct err *e)
{
	struct http_target below = *target;
	struct buf url = BUF_INIT(HTTP_MAX_URL);
	struct http *h = NULL;
	int rc = 0;

	buf_adds(&url, target->url);
	if (url.len && url.data[url.len - 1] != '/')
		buf_addch(&url, '/');
	below.url = url.data;
	if (!buf_ok(&url) || strpbrk(url.data, "?#"))
		rc = err_set(e, ERR_CONFIG,
			     "the URL is too long, or has a ? or #");
	if (!rc)
		rc = http_start(e);
	if (!rc)
		rc = http_new(&h, &below, e);
	if (!rc)
		rc = confine_getting(below.ca_file, e);
	if (!rc)
		rc = answer_all(h, in, out, e);
	http_free(h);
	buf_release(&url);
	return rc;
}
