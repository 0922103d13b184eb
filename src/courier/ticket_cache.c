/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/ticket_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "courier/place.h"

enum { MAX_ENTRIES = 200, MAX_FILE = 128 * 1024, MAX_KEY = 64 * 1024 };

#define SUFFIX ".tickets.json"

static void add(struct buf *out, const char *text)
{
	buf_adds(out, text ? text : "");
	buf_addch(out, '\0');
}

static void add_list(struct buf *out, const struct option_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		add(out, list->v[i]);
	buf_addch(out, '\0');
}

/* All that an answer depends on: who changes the policy asks anew. */
static bool key_of(const struct sink *s, const struct ticket_question *q,
		   char out[SHA256_HEX_SIZE])
{
	struct buf bytes = BUF_INIT(MAX_KEY);
	bool ok;

	add(&bytes, q->id);
	add(&bytes, q->repository);
	add_list(&bytes, &q->states);
	add_list(&bytes, &q->require);
	add(&bytes, s->url);
	add(&bytes, s->ticket_url);
	add(&bytes, s->ticket_pattern);
	add(&bytes, s->ticket_state);
	add(&bytes, s->ticket_window_start);
	add(&bytes, s->ticket_window_end);
	add(&bytes, s->ticket_backout);
	add(&bytes, s->ticket_repository);
	add_list(&bytes, &s->ticket_found);
	add_list(&bytes, &s->ticket_approved);
	add_list(&bytes, &s->vars);
	ok = buf_ok(&bytes);
	if (ok)
		sha256_hex(bytes.data, bytes.len, out);
	buf_release(&bytes);
	return ok;
}

static yyjson_doc *load(const char *path)
{
	struct buf text = BUF_INIT(MAX_FILE);
	yyjson_doc *doc = NULL;

	if (!file_read(path, &text, NULL))
		doc = yyjson_read(text.data, text.len, 0);
	buf_release(&text);
	if (yyjson_arr_size(yyjson_doc_get_root(doc)) <= MAX_ENTRIES)
		return doc;
	yyjson_doc_free(doc);
	return NULL;
}

static bool is_fresh(yyjson_val *entry, int64_t now)
{
	int64_t asked = yyjson_get_sint(yyjson_obj_get(entry, "asked"));

	/* a clock that was set back makes nothing younger */
	return asked && asked <= now &&
	       yyjson_get_sint(yyjson_obj_get(entry, "until")) > now;
}

bool ticket_cache_find(const char *ledger_dir, const struct sink *sink,
		       const struct ticket_question *q, int64_t now,
		       struct ticket_reply *out)
{
	char path[FILE_MAX_PATH], key[SHA256_HEX_SIZE];
	yyjson_val *entry;
	yyjson_doc *doc;
	size_t i, n;
	bool found = false;

	if (!q->cache || !key_of(sink, q, key) ||
	    place_file(ledger_dir, sink->name, SUFFIX, path, NULL))
		return false;
	doc = load(path);
	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, entry)
	{
		int64_t asked = yyjson_get_sint(yyjson_obj_get(entry, "asked"));
		const char *state =
			yyjson_get_str(yyjson_obj_get(entry, "state"));

		if (!yyjson_equals_str(yyjson_obj_get(entry, "key"), key) ||
		    !is_fresh(entry, now) || asked + q->cache * 1000 <= now)
			continue;
		*out = (struct ticket_reply){.code = "verified",
					     .asked = asked};
		snprintf(out->state, sizeof(out->state), "%s",
			 state ? state : "");
		found = true;
	}
	yyjson_doc_free(doc);
	return found;
}

static bool add_entry(yyjson_mut_doc *doc, yyjson_mut_val *list,
		      const struct ticket_question *q, const char *key,
		      const struct ticket_reply *reply)
{
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);
	int64_t until = reply->asked + q->cache * 1000;

	if (reply->until && reply->until < until)
		until = reply->until;
	return o && yyjson_mut_obj_add_strcpy(doc, o, "key", key) &&
	       yyjson_mut_obj_add_sint(doc, o, "asked", reply->asked) &&
	       yyjson_mut_obj_add_sint(doc, o, "until", until) &&
	       yyjson_mut_obj_add_strcpy(doc, o, "state", reply->state);
}

/* What is still good of the others, and room for one more. */
static bool add_others(yyjson_mut_doc *doc, yyjson_mut_val *list,
		       yyjson_doc *old, const char *key, int64_t now)
{
	yyjson_val *entry;
	size_t i, n, kept = 0;

	yyjson_arr_foreach(yyjson_doc_get_root(old), i, n, entry)
	{
		if (yyjson_equals_str(yyjson_obj_get(entry, "key"), key) ||
		    !is_fresh(entry, now) || ++kept >= MAX_ENTRIES)
			continue;
		if (!yyjson_mut_arr_append(list,
					   yyjson_val_mut_copy(doc, entry)))
			return false;
	}
	return true;
}

void ticket_cache_keep(const char *ledger_dir, const struct sink *sink,
		       const struct ticket_question *q,
		       const struct ticket_reply *reply)
{
	char path[FILE_MAX_PATH], key[SHA256_HEX_SIZE], *text = NULL;
	yyjson_mut_doc *doc;
	yyjson_mut_val *list;
	yyjson_doc *old;

	if (!q->cache || strcmp(reply->code, "verified") != 0 ||
	    !key_of(sink, q, key) || place_make(ledger_dir, NULL) ||
	    place_file(ledger_dir, sink->name, SUFFIX, path, NULL))
		return;
	old = load(path);
	doc = yyjson_mut_doc_new(NULL);
	list = yyjson_mut_arr(doc);
	yyjson_mut_doc_set_root(doc, list);
	if (list && add_entry(doc, list, q, key, reply) &&
	    add_others(doc, list, old, key, reply->asked))
		text = yyjson_mut_write(doc, 0, NULL);
	if (text)
		file_write(path, text, strlen(text),
			   place_file_mode(ledger_dir), NULL);
	free(text);
	yyjson_mut_doc_free(doc);
	yyjson_doc_free(old);
}
