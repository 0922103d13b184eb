/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/parked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "courier/place.h"
#include "sys/files.h"

#define PARKED_FILE ".parked"
#define RETRY_FILE ".retry"
#define EVERY_ONE "*"

static bool take_text(yyjson_val *object, const char *name, char *out,
		      size_t size)
{
	const char *text = yyjson_get_str(yyjson_obj_get(object, name));

	if (!text || strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static int take_line(struct parked_list *l, struct span line, struct err *e)
{
	yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	struct parked *p;
	int rc = 0;

	if (!yyjson_is_obj(root) || l->n == PARKED_MAX) {
		yyjson_doc_free(doc);
		return 0;
	}
	if (array_push(&l->v, l->n, &l->cap, PARKED_MAX)) {
		rc = err_nomem(e);
	} else {
		p = &l->v[l->n];
		memset(p, 0, sizeof(*p));
		p->index = yyjson_get_uint(yyjson_obj_get(root, "index"));
		p->status =
			(long)yyjson_get_sint(yyjson_obj_get(root, "status"));
		if (take_text(root, "id", p->id, sizeof(p->id)) &&
		    take_text(root, "reason", p->reason, sizeof(p->reason)))
			l->n++;
	}
	yyjson_doc_free(doc);
	return rc;
}

static int read_file(const char *ledger_dir, const char *sink,
		     const char *suffix, struct buf *out, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = place_file(ledger_dir, sink, suffix, path, e);

	if (!rc)
		rc = file_read(path, out, e);
	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(e);
	return 0;
}

static void mark(struct parked_list *l, struct span word)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_is(word, EVERY_ONE) ||
		    (*l->v[i].id && span_is(word, l->v[i].id)))
			l->v[i].wanted = true;
}

int parked_read(struct parked_list *out, const char *ledger_dir,
		const char *sink, struct err *e)
{
	struct buf list = BUF_INIT(PARKED_MAX_FILE);
	struct buf wanted = BUF_INIT(PARKED_MAX_FILE);
	struct cursor c;
	struct span line;
	int rc;

	*out = (struct parked_list){0};
	rc = read_file(ledger_dir, sink, PARKED_FILE, &list, e);
	if (!rc)
		rc = read_file(ledger_dir, sink, RETRY_FILE, &wanted, e);
	c = cursor_of(list.data, list.len);
	while (!rc && cursor_line(&c, &line))
		rc = take_line(out, line, e);
	c = cursor_of(wanted.data, wanted.len);
	while (!rc && cursor_line(&c, &line))
		mark(out, span_trim(line));
	buf_release(&list);
	buf_release(&wanted);
	if (rc)
		parked_release(out);
	return rc;
}

void parked_release(struct parked_list *l)
{
	free(l->v);
	*l = (struct parked_list){0};
}

static void add_line(struct buf *out, const struct parked *p)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	char *text = NULL;

	yyjson_mut_doc_set_root(doc, root);
	if (yyjson_mut_obj_add_str(doc, root, "id", p->id) &&
	    yyjson_mut_obj_add_uint(doc, root, "index", p->index) &&
	    yyjson_mut_obj_add_int(doc, root, "status", p->status) &&
	    yyjson_mut_obj_add_str(doc, root, "reason", p->reason))
		text = yyjson_mut_write(doc, 0, NULL);
	if (text)
		buf_addf(out, "%s\n", text);
	else
		out->failed = true;
	free(text);
	yyjson_mut_doc_free(doc);
}

static int write_file(const char *ledger_dir, const char *sink,
		      const char *suffix, const struct buf *text, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = place_file(ledger_dir, sink, suffix, path, e);

	if (rc)
		return rc;
	if (!buf_ok(text))
		return err_nomem(e);
	if (text->len)
		return file_write_durable(path, text->data, text->len,
					  place_file_mode(ledger_dir), e);
	if (unlink(path) && errno != ENOENT)
		return err_sys(e, "cannot remove %s", path);
	return 0;
}

static struct parked *find(struct parked_list *l, uint64_t index)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].index == index)
			return &l->v[i];
	return NULL;
}

static int write_list(const struct parked_list *l, const char *ledger_dir,
		      const char *sink, struct err *e)
{
	struct buf list = BUF_INIT(PARKED_MAX_FILE);
	int rc;

	for (size_t i = 0; i < l->n; i++)
		add_line(&list, &l->v[i]);
	rc = write_file(ledger_dir, sink, PARKED_FILE, &list, e);
	buf_release(&list);
	return rc;
}

/* What somebody has asked for since the list was read. */
static int add_wishes(struct parked_list *l, const char *ledger_dir,
		      const char *sink, struct err *e)
{
	struct parked_list now;
	int rc = parked_read(&now, ledger_dir, sink, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < l->n; i++) {
		const struct parked *p = find(&now, l->v[i].index);

		if (p && !l->v[i].tried)
			l->v[i].wanted = l->v[i].wanted || p->wanted;
	}
	parked_release(&now);
	return 0;
}

int parked_write(struct parked_list *l, const char *ledger_dir,
		 const char *sink, struct err *e)
{
	struct buf wanted = BUF_INIT(PARKED_MAX_FILE);
	int rc = add_wishes(l, ledger_dir, sink, e);

	for (size_t i = 0; !rc && i < l->n; i++)
		if (l->v[i].wanted)
			buf_addf(&wanted, "%s\n", l->v[i].id);
	if (!rc)
		rc = write_list(l, ledger_dir, sink, e);
	if (!rc)
		rc = write_file(ledger_dir, sink, RETRY_FILE, &wanted, e);
	buf_release(&wanted);
	return rc;
}

static void take_reason(struct parked *p, const char *reason)
{
	struct buf line = BUF_INIT(PARKED_MAX_REASON - 1);

	text_add_printable(&line, span_str(reason), PARKED_MAX_REASON / 4 - 1);
	memcpy(p->reason, line.data, line.len + 1);
	buf_release(&line);
}

int parked_add(const struct park *park, struct err *e)
{
	struct parked_list l;
	struct parked *p;
	int rc = parked_read(&l, park->ledger_dir, park->sink, e);

	if (rc)
		return rc;
	/* twice when we were killed between this and the cursor */
	p = find(&l, park->index);
	if (!p && l.n < PARKED_MAX) {
		if (array_push(&l.v, l.n, &l.cap, PARKED_MAX)) {
			rc = err_nomem(e);
		} else {
			p = &l.v[l.n++];
			memset(p, 0, sizeof(*p));
		}
	}
	if (p) {
		snprintf(p->id, sizeof(p->id), "%s", park->id);
		p->index = park->index;
		p->status = park->status;
		p->wanted = false;
		take_reason(p, park->reason);
	}
	if (!rc)
		rc = write_list(&l, park->ledger_dir, park->sink, e);
	parked_release(&l);
	return rc;
}

int parked_settle(const char *ledger_dir, const char *sink, uint64_t next,
		  uint64_t *count, struct err *e)
{
	struct parked_list l;
	size_t kept = 0, n;
	int rc = parked_read(&l, ledger_dir, sink, e);

	if (rc)
		return rc;
	n = l.n;
	for (size_t i = 0; i < n; i++)
		if (l.v[i].index < next)
			l.v[kept++] = l.v[i];
	l.n = kept;
	if (kept < n)
		rc = write_list(&l, ledger_dir, sink, e);
	if (kept < PARKED_MAX)
		*count = kept;
	parked_release(&l);
	return rc;
}

bool parked_is_wanted(const char *ledger_dir, const char *sink)
{
	char path[FILE_MAX_PATH];

	return !place_file(ledger_dir, sink, RETRY_FILE, path, NULL) &&
	       file_exists(path);
}

int parked_want(const char *ledger_dir, const char *sink, const char *id,
		size_t *n, struct err *e)
{
	struct buf text = BUF_INIT(PARKED_MAX_FILE);
	struct parked_list l;
	int rc = parked_read(&l, ledger_dir, sink, e);

	*n = 0;
	if (rc)
		return rc;
	mark(&l, span_str(id ? id : EVERY_ONE));
	for (size_t i = 0; i < l.n; i++) {
		*n += !id || !strcmp(l.v[i].id, id);
		if (l.v[i].wanted && *l.v[i].id)
			buf_addf(&text, "%s\n", l.v[i].id);
	}
	if (id && !*n)
		rc = err_set(e, ERR_NOT_FOUND,
			     "destination %s has parked no record %s", sink,
			     id);
	if (!rc && text.len)
		rc = write_file(ledger_dir, sink, RETRY_FILE, &text, e);
	buf_release(&text);
	parked_release(&l);
	return rc;
}
