/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/statements.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/uuid.h"
#include "sys/files.h"

static void key_of(const char *repository, const char *hex, struct index_key *k)
{
	*k = (struct index_key){
		.root = INDEX_LIVE, .kind = MEMORY_SAID, .key = hex};
	index_repository(repository, k->repository);
}

/* ----------------------------------------------------------------- read */

struct visiting {
	memory_statement_fn *fn;
	void *ctx;
};

static const char *text_of(yyjson_val *o, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(o, name));
}

bool memory_statement_read(yyjson_val *o, const char *record,
			   struct memory_statement *s)
{
	*s = (struct memory_statement){
		.record = text_of(o, record),
		.agent = text_of(o, "agent"),
		.model = text_of(o, "model"),
		.session = text_of(o, "session"),
		.trailer = text_of(o, "trailer"),
		.declared = yyjson_is_true(yyjson_obj_get(o, "declared")),
		.none = yyjson_is_true(yyjson_obj_get(o, "none")),
	};
	return s->agent || s->none;
}

/* A JSON object; what is none was torn. Free *doc when `s` has been used. */
static bool parse(struct span value, yyjson_doc **doc,
		  struct memory_statement *s)
{
	yyjson_val *o;

	*doc = yyjson_read(value.p, value.n, 0);
	o = yyjson_doc_get_root(*doc);
	return memory_statement_read(o, "record", s) && s->record;
}

static bool take(void *arg, struct span value)
{
	struct visiting *v = arg;
	struct memory_statement s;
	yyjson_doc *doc;
	bool stop = parse(value, &doc, &s) && v->fn(v->ctx, &s);

	yyjson_doc_free(doc);
	return stop;
}

int memory_statements(const char *ledger_dir, const char *repository,
		      const unsigned char digest[SHA256_SIZE],
		      memory_statement_fn *fn, void *ctx, struct err *e)
{
	struct visiting v = {fn, ctx};
	char hex[SHA256_HEX_SIZE];
	struct index_key k;

	hex_encode(digest, SHA256_SIZE, hex);
	key_of(repository, hex, &k);
	return index_visit(ledger_dir, &k, take, &v, e);
}

bool memory_has_statements(const char *ledger_dir, const char *repository)
{
	char path[FILE_MAX_PATH];
	struct index_key k;
	int n, fd;

	key_of(repository, "", &k);
	n = snprintf(path, sizeof(path), "%s/" INDEX_LIVE "/" MEMORY_SAID "/%s",
		     ledger_dir, k.repository);
	if (n < 0 || n >= (int)sizeof(path))
		return true;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* what cannot be looked at is asked, which then fails */
	if (fd < 0)
		return errno != ENOENT;
	file_close(&fd);
	return true;
}

/* ---------------------------------------------------------------- write */

struct compare {
	const struct memory_statement *s;
	size_t n;
	bool same;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool compare(void *ctx, const struct memory_statement *s)
{
	struct compare *c = ctx;

	c->n++;
	c->same = c->s->none == s->none && c->s->declared == s->declared &&
		  same_text(c->s->agent, s->agent) &&
		  same_text(c->s->model, s->model);
	return c->same;
}

static void add_text(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     const char *value)
{
	if (value)
		yyjson_mut_obj_add_str(doc, o, name, value);
}

int memory_statement_value(const struct memory_statement *s, struct buf *value,
			   struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *o = doc ? yyjson_mut_obj(doc) : NULL;
	char *text = NULL;
	int rc = 0;

	yyjson_mut_doc_set_root(doc, o);
	if (o) {
		add_text(doc, o, "record", s->record);
		add_text(doc, o, "agent", s->agent);
		add_text(doc, o, "model", s->model);
		add_text(doc, o, "session", s->session);
		add_text(doc, o, "trailer", s->trailer);
		if (s->declared)
			yyjson_mut_obj_add_bool(doc, o, "declared", true);
		if (s->none)
			yyjson_mut_obj_add_bool(doc, o, "none", true);
		text = yyjson_mut_write(doc, 0, NULL);
	}
	if (!text || buf_adds(value, text))
		rc = err_nomem(e);
	free(text);
	yyjson_mut_doc_free(doc);
	return rc;
}

static int put_unless_there(struct ledger *l, const struct index_key *k,
			    const struct memory_statement *s, struct span value,
			    struct err *e)
{
	struct compare c = {.s = s};
	struct visiting v = {compare, &c};
	int rc = index_visit(ledger_dir(l), k, take, &v, e);

	if (rc || c.same || c.n >= MEMORY_MAX_STATEMENTS)
		return rc;
	return index_put(l, k, value, false, e);
}

int memory_put_value(struct ledger *l, const struct index_key *k,
		     struct span value, struct err *e)
{
	struct memory_statement s;
	yyjson_doc *doc;
	int rc = 0;

	if (!parse(value, &doc, &s)) {
		yyjson_doc_free(doc);
		return 0; /* a torn line of another index */
	}
	if (!uuid_is(span_str(s.record)))
		rc = err_set(e, ERR_USAGE, "what is said of a change is off");
	else
		rc = put_unless_there(l, k, &s, value, e);
	yyjson_doc_free(doc);
	return rc;
}

int memory_put_statement(struct ledger *l, const char *repository,
			 const char *digest, const struct memory_statement *s,
			 struct err *e)
{
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	unsigned char raw[SHA256_SIZE];
	struct index_key k;
	int rc;

	if (!hex_decode(span_str(digest), raw, sizeof(raw)))
		return err_set(e, ERR_USAGE, "that is no change's digest");
	key_of(repository, digest, &k);
	rc = memory_statement_value(s, &value, e);
	if (!rc)
		rc = memory_put_value(l, &k, span_of(value.data, value.len), e);
	buf_release(&value);
	return rc;
}
