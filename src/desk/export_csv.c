/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "desk/export_private.h"

/*
 * One line for each rule that was applied to a ref; one for each ref without
 * rules; one for a record without refs. RFC 4180: lines end in CR LF.
 */

enum { CELL_MAX = 32 << 10 }; /* what spreadsheets take */

static const char header[] =
	"time,id,kind,verdict,would,mode,repository,pusher,ref,old,new,"
	"ref_verdict,rule,check,controls,rule_mode,result,why,commits,matched,"
	"findings,approved_by,agents,policy\r\n";

/* What makes a spreadsheet compute instead of show: the full-width forms of
 * the signs count for some. */
static bool is_formula(const char *text)
{
	static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b",
					   "\xef\xbc\x8d", "\xef\xbc\xa0"};
	size_t i;

	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (!strncmp(text, wide[i], strlen(wide[i])))
			return true;
	return *text && strchr("=+-@\t\r\n", *text);
}

static void add_quoted(struct buf *out, const char *text, bool formula)
{
	buf_addch(out, '"');
	if (formula)
		buf_addch(out, '\'');
	for (; *text; text++) {
		if (*text == '"')
			buf_addch(out, '"');
		buf_addch(out, *text);
	}
	buf_addch(out, '"');
}

void export_add_cell(struct buf *out, const char *text)
{
	bool formula = is_formula(text);

	if (formula || strpbrk(text, ",\"\r\n;\t") || *text == ' ')
		add_quoted(out, text, formula);
	else
		buf_adds(out, text);
}

/* ---------------------------------------------------------------- cells */

static void cell(struct export *x, const char *text)
{
	export_add_cell(&x->out, text);
	buf_addch(&x->out, ',');
}

static void number_cell(struct export *x, yyjson_val *n)
{
	if (yyjson_is_uint(n))
		buf_addf(&x->out, "%" PRIu64, yyjson_get_uint(n));
	buf_addch(&x->out, ',');
}

/* A word of a cell that holds several, each once. */
static void add_word(struct buf *b, const char *word)
{
	size_t n = strlen(word);
	const char *at = b->data;

	if (!n)
		return;
	while ((at = strstr(at, word))) {
		if ((at == b->data || at[-1] == ' ') &&
		    (!at[n] || at[n] == ' '))
			return;
		at += n;
	}
	if (b->len)
		buf_addch(b, ' ');
	buf_adds(b, word);
}

static void words_cell(struct export *x, struct buf *b)
{
	cell(x, b->data);
	buf_release(b);
}

static void controls_cell(struct export *x, yyjson_val *rule)
{
	yyjson_val *controls = yyjson_obj_get(rule, "controls"), *one;
	struct buf b = BUF_INIT(CELL_MAX);
	size_t i, n;

	yyjson_arr_foreach(controls, i, n, one)
	{
		if (yyjson_is_str(one))
			add_word(&b, yyjson_get_str(one));
	}
	words_cell(x, &b);
}

/* Whether an element of a list is about this ref and, if any, rule. */
static bool concerns(yyjson_val *one, const char *real, const char *rule)
{
	const char *ref = export_text(one, "ref");

	return (!*ref || !strcmp(ref, real)) &&
	       !strcmp(export_text(one, "rule"), rule);
}

static void findings_cell(struct export *x, struct export_record *r,
			  const char *real, const char *rule)
{
	struct buf b = BUF_INIT(CELL_MAX), code = BUF_INIT(CELL_MAX);
	yyjson_val *one;
	size_t i, n;

	yyjson_arr_foreach(r->lists[LIST_FINDINGS], i, n, one)
	{
		if (!concerns(one, real, rule))
			continue;
		buf_clear(&code);
		buf_addf(&code, "%s/%s", export_text(one, "check"),
			 export_text(one, "code"));
		add_word(&b, code.data);
	}
	buf_release(&code);
	words_cell(x, &b);
}

static void approved_cell(struct export *x, struct export_record *r,
			  const char *real, const char *rule)
{
	struct buf b = BUF_INIT(CELL_MAX);
	yyjson_val *one;
	size_t i, n;

	yyjson_arr_foreach(r->lists[LIST_APPROVALS], i, n, one)
	{
		if (concerns(one, real, rule) &&
		    yyjson_is_true(yyjson_obj_get(one, "counted")))
			add_word(&b, export_person(
					     r, yyjson_obj_get(one, "person")));
	}
	words_cell(x, &b);
}

static void agents_cell(struct export *x, struct export_record *r)
{
	struct buf b = BUF_INIT(CELL_MAX);
	yyjson_val *one;
	size_t i, n;

	yyjson_arr_foreach(r->lists[LIST_PROVENANCE], i, n, one)
	{
		add_word(&b, export_text(one, "agent"));
	}
	words_cell(x, &b);
}

/* What is said of the tickets of a record that is about them alone. */
static void tickets_cell(struct export *x, struct export_record *r)
{
	struct buf b = BUF_INIT(CELL_MAX);
	yyjson_val *one;
	size_t i, n;

	yyjson_arr_foreach(yyjson_obj_get(r->root, "tickets"), i, n, one)
	{
		buf_addf(&b, "%s%s: %s", i ? "; " : "", export_text(one, "id"),
			 export_text(one, "why"));
	}
	words_cell(x, &b);
}

/* ---------------------------------------------------------------- lines */

static void add_line(struct export *x, struct export_record *r, yyjson_val *ref,
		     yyjson_val *rule)
{
	static const char *const record[] = {
		"time", "id", "kind", "verdict", "would", "mode", "repository"};
	static const char *const about_rule[] = {"rule", "check"};
	const char *real = export_text(ref, "real");
	const char *name;
	const char *by_hand = export_text(r->root, "by_hand");
	bool about_tickets = !strcmp(export_text(r->root, "kind"), "ticket");
	size_t i;

	if (about_tickets)
		rule = r->root; /* it says which */
	name = export_text(rule, "rule");
	for (i = 0; i < sizeof(record) / sizeof(record[0]); i++)
		cell(x, export_text(r->root, record[i]));
	cell(x,
	     export_person(r, yyjson_obj_get(yyjson_obj_get(r->root, "pusher"),
					     "person")));
	cell(x, *real ? real : export_text(ref, "name"));
	cell(x, export_text(ref, "old"));
	cell(x, export_text(ref, "new"));
	cell(x, export_text(ref, "verdict"));
	for (i = 0; i < sizeof(about_rule) / sizeof(about_rule[0]); i++)
		cell(x, export_text(rule, about_rule[i]));
	controls_cell(x, rule);
	cell(x, export_text(rule, "mode"));
	if (about_tickets && *by_hand) {
		cell(x, "settled");
		cell(x, by_hand);
	} else if (about_tickets) {
		cell(x, export_text(r->root, "lookup"));
		tickets_cell(x, r);
	} else {
		cell(x, export_text(rule, "result"));
		cell(x, export_text(rule, "why"));
	}
	number_cell(x, yyjson_obj_get(rule ? rule : ref, "commits"));
	number_cell(x, yyjson_obj_get(rule, "matched"));
	findings_cell(x, r, real, name);
	approved_cell(x, r, real, name);
	agents_cell(x, r);
	export_add_cell(&x->out, export_text(r->root, "policy"));
	buf_adds(&x->out, "\r\n");
}

static int add(struct export *x, struct export_record *r, struct err *e)
{
	size_t nrefs = yyjson_arr_size(r->lists[LIST_REFS]), hint = 0, i, n;
	bool *ruled = calloc(nrefs + 1, sizeof(*ruled));
	yyjson_val *rule, *ref;

	if (!ruled)
		return err_nomem(e);
	yyjson_arr_foreach(r->lists[LIST_RULES], i, n, rule)
	{
		ref = export_ref(r, export_text(rule, "ref"), &hint);
		add_line(x, r, ref, rule);
		if (ref)
			ruled[hint] = true;
	}
	yyjson_arr_foreach(r->lists[LIST_REFS], i, n, ref)
	{
		if (!ruled[i])
			add_line(x, r, ref, NULL);
	}
	free(ruled);
	if (!nrefs && !yyjson_arr_size(r->lists[LIST_RULES]))
		add_line(x, r, NULL, NULL);
	return 0;
}

static int begin(struct export *x, struct err *e)
{
	return buf_adds(&x->out, header) ? err_nomem(e) : 0;
}

const struct export_kind export_csv = {
	.word = "csv",
	.begin = begin,
	.add = add,
};
