/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/statements.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/encode.h"
#include "base/uuid.h"
#include "ledger/index.h"
#include "sys/files.h"

#define KIND "said"

static void key_of(const char *root, const char *repository, const char *hex,
		   struct index_key *k)
{
	*k = (struct index_key){.root = root, .kind = KIND, .key = hex};
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

/* A JSON object; what is none was torn. */
static bool take(void *arg, struct span value)
{
	struct visiting *v = arg;
	yyjson_doc *doc = yyjson_read(value.p, value.n, 0);
	yyjson_val *o = yyjson_doc_get_root(doc);
	struct memory_statement s = {
		.record = text_of(o, "record"),
		.agent = text_of(o, "agent"),
		.model = text_of(o, "model"),
		.session = text_of(o, "session"),
		.trailer = text_of(o, "trailer"),
		.declared = yyjson_is_true(yyjson_obj_get(o, "declared")),
		.none = yyjson_is_true(yyjson_obj_get(o, "none")),
	};
	bool stop = false;

	if (s.record && (s.agent || s.none))
		stop = v->fn(v->ctx, &s);
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
	key_of(INDEX_LIVE, repository, hex, &k);
	return index_visit(ledger_dir, &k, take, &v, e);
}

bool memory_has_statements(const char *ledger_dir, const char *repository)
{
	char path[FILE_MAX_PATH];
	struct index_key k;
	int n, fd;

	key_of(INDEX_LIVE, repository, "", &k);
	n = snprintf(path, sizeof(path), "%s/" INDEX_LIVE "/" KIND "/%s",
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

static char *value_of(const struct memory_statement *s)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *o = doc ? yyjson_mut_obj(doc) : NULL;
	char *out;

	yyjson_mut_doc_set_root(doc, o);
	if (!o) {
		yyjson_mut_doc_free(doc);
		return NULL;
	}
	add_text(doc, o, "record", s->record);
	add_text(doc, o, "agent", s->agent);
	add_text(doc, o, "model", s->model);
	add_text(doc, o, "session", s->session);
	add_text(doc, o, "trailer", s->trailer);
	if (s->declared)
		yyjson_mut_obj_add_bool(doc, o, "declared", true);
	if (s->none)
		yyjson_mut_obj_add_bool(doc, o, "none", true);
	out = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	return out;
}

int memory_put_statement(struct ledger *l, const char *root,
			 const char *repository, const char *digest,
			 const struct memory_statement *s, struct err *e)
{
	struct compare c = {.s = s};
	struct visiting v = {compare, &c};
	unsigned char raw[SHA256_SIZE];
	struct index_key k;
	char *value;
	int rc;

	if (!hex_decode(span_str(digest), raw, sizeof(raw)) || !s->record ||
	    !uuid_is(span_str(s->record)) || (!s->agent && !s->none))
		return err_set(e, ERR_USAGE, "what is said of a change is off");
	key_of(root, repository, digest, &k);
	rc = index_visit(ledger_dir(l), &k, take, &v, e);
	if (rc || c.same || c.n >= MEMORY_MAX_STATEMENTS)
		return rc;
	value = value_of(s);
	if (!value)
		return err_nomem(e);
	rc = index_put(l, &k, span_str(value), false, e);
	free(value);
	return rc;
}
