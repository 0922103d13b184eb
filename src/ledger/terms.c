/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/terms.h"

#include <string.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "ledger/json.h"
#include "ledger/lists.h"

/* ----------------------------------------------------------------- keys */

/* The hexadecimal digits of `text` as bytes, the rest of `out` as `fill`. */
static void digits_to_bytes(struct span text, unsigned char fill,
			    unsigned char out[TERM_KEY_SIZE - 1])
{
	size_t at = 0, i;

	memset(out, fill, TERM_KEY_SIZE - 1);
	for (i = 0; i < text.n && at < 2 * (TERM_KEY_SIZE - 1); i++) {
		char c = ascii_lower(text.p[i]);
		unsigned digit;

		if (c == '-')
			continue;
		digit = (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) & 15;
		if (at % 2)
			out[at / 2] =
				(unsigned char)((out[at / 2] & 0xf0) | digit);
		else
			out[at / 2] = (unsigned char)((out[at / 2] & 0x0f) |
						      digit << 4);
		at++;
	}
}

void term_prefix_keys(enum term_type type, struct span prefix,
		      unsigned char from[TERM_KEY_SIZE],
		      unsigned char to[TERM_KEY_SIZE])
{
	from[0] = to[0] = (unsigned char)type;
	digits_to_bytes(prefix, 0, from + 1);
	digits_to_bytes(prefix, 0xff, to + 1);
}

void term_key(enum term_type type, struct span value,
	      unsigned char key[TERM_KEY_SIZE])
{
	unsigned char digest[SHA256_SIZE];

	key[0] = (unsigned char)type;
	if (type == TERM_ID || type == TERM_COMMIT) {
		digits_to_bytes(value, 0, key + 1);
		return;
	}
	sha256_of(value.p, value.n, digest);
	memcpy(key + 1, digest, TERM_KEY_SIZE - 1);
}

/* ---------------------------------------------------------------- visit */

struct visiting {
	struct ledger *l;
	yyjson_val *record;
	term_visitor *visit;
	void *arg;
	bool stop;
};

static void say(struct visiting *v, enum term_type type, struct span value)
{
	if (!v->stop && value.n)
		v->stop = v->visit(v->arg, type, value);
}

static void say_member(struct visiting *v, enum term_type type, yyjson_val *obj,
		       const char *name)
{
	say(v, type, json_str(obj, name));
}

/* Zeros stand for no object. */
static void say_commit(struct visiting *v, yyjson_val *obj, const char *name)
{
	struct span id = json_str(obj, name);
	size_t i;

	for (i = 0; i < id.n && id.p[i] == '0'; i++)
		;
	if (i < id.n)
		say(v, TERM_COMMIT, id);
}

static void say_ref(struct visiting *v, yyjson_val *ref)
{
	say_member(v, TERM_REF, ref, "name");
	say_member(v, TERM_REF, ref, "real");
	say_commit(v, ref, "old");
	say_commit(v, ref, "new");
}

static void say_rule(struct visiting *v, yyjson_val *rule)
{
	yyjson_val *evidence = yyjson_obj_get(rule, "evidence"), *one;
	size_t i, n;

	say_member(v, TERM_RULE, rule, "rule");
	yyjson_arr_foreach(evidence, i, n, one)
	{
		say_commit(v, one, "commit");
	}
}

static void say_finding(struct visiting *v, yyjson_val *finding)
{
	say_member(v, TERM_RULE, finding, "rule");
	say_commit(v, finding, "commit");
}

static void say_provenance(struct visiting *v, yyjson_val *one)
{
	say_member(v, TERM_AGENT, one, "agent");
	say_commit(v, one, "commit");
}

static void say_change(struct visiting *v, yyjson_val *change)
{
	say_commit(v, change, "commit");
}

static int say_lists(struct visiting *v)
{
	static const struct {
		const char *name;
		void (*say)(struct visiting *, yyjson_val *);
	} lists[] = {
		{"refs", say_ref},	   {"rules", say_rule},
		{"findings", say_finding}, {"provenance", say_provenance},
		{"changes", say_change},
	};
	size_t i, k, n;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]) && !v->stop; i++) {
		yyjson_val *list, *one;
		struct err ignored = {0};
		yyjson_doc *held;

		if (ledger_list_load(v->l, v->record, lists[i].name, &list,
				     &held, &ignored) == ERR_MEMORY)
			return ERR_MEMORY;
		yyjson_arr_foreach(list, k, n, one)
		{
			lists[i].say(v, one);
		}
		yyjson_doc_free(held);
	}
	return 0;
}

static void say_people(struct visiting *v, yyjson_val *people)
{
	yyjson_val *who;
	size_t i, n;

	yyjson_arr_foreach(people, i, n, who)
	{
		say_member(v, TERM_PERSON, who, "principal");
		say_member(v, TERM_PERSON, who, "login");
		say_member(v, TERM_PERSON, who, "email");
	}
}

/* A record without a time that can be read has that of its id. */
int64_t terms_time(yyjson_val *record, struct span id)
{
	unsigned char raw[TERM_KEY_SIZE - 1];
	int64_t ms = 0;
	int i;

	if (time_parse(json_str(record, "time"), &ms))
		return ms;
	digits_to_bytes(id, 0, raw);
	for (ms = 0, i = 0; i < 6; i++)
		ms = ms << 8 | raw[i];
	return ms;
}

int terms_visit(struct ledger *l, const struct ledger_item *item,
		term_visitor *visit, void *arg, int64_t *ms, struct err *e)
{
	struct visiting v = {.l = l, .visit = visit, .arg = arg};
	yyjson_doc *record = NULL, *people = NULL;
	int rc = json_parse(&record, item->json, "record", e);

	*ms = 0;
	if (!rc)
		rc = json_parse(&people, item->persons, "persons line", e);
	if (!rc) {
		v.record = yyjson_doc_get_root(record);
		*ms = terms_time(v.record, item->id);
		say(&v, TERM_ID, item->id);
		say_member(&v, TERM_KIND, v.record, "kind");
		say_member(&v, TERM_VERDICT, v.record, "verdict");
		say_member(&v, TERM_REPOSITORY, v.record, "repository");
		say_people(&v, yyjson_doc_get_root(people));
		if (say_lists(&v))
			rc = err_nomem(e);
	}
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}
