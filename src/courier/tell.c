/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/tell.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* No end of a preformatted block stands in it, for pages that take markup. */
static void add_clean(struct buf *out, const char *text, size_t n)
{
	struct buf line = BUF_INIT(TELL_MAX_COMMENT);
	size_t start = out->len;

	text_add_printable(out, span_of(text, n), TELL_COLUMNS);
	if (!memmem(out->data + start, out->len - start, "</", 2))
		return;
	buf_add(&line, out->data + start, out->len - start);
	buf_truncate(out, start);
	for (size_t i = 0; i < line.len; i++) {
		buf_addch(out, line.data[i]);
		if (line.data[i] == '<' && i + 1 < line.len &&
		    line.data[i + 1] == '/')
			buf_addch(out, ' ');
	}
	buf_release(&line);
}

static void add_text(struct buf *out, const char *text)
{
	if (text)
		add_clean(out, text, strlen(text));
}

/* The begin of an object's id. */
static void add_id(struct buf *out, const char *id, size_t digits)
{
	for (size_t i = 0; i < digits && id[i]; i++)
		buf_addch(out, ascii_alnum(id[i]) ? id[i] : '?');
}

static bool is_kind(const struct about *a, const char *kind)
{
	return !strcmp(a->head.kind, kind);
}

/* The people of the document in which `number` stands. */
static void add_person(struct buf *out, yyjson_doc *people, yyjson_val *number)
{
	static const char *const fields[] = {"principal", "login", "name",
					     "email"};
	yyjson_val *who = yyjson_arr_get(yyjson_doc_get_root(people),
					 (size_t)yyjson_get_uint(number));

	for (size_t i = 0; yyjson_is_uint(number) && i < 4; i++) {
		const char *text = about_text(who, fields[i]);

		if (!text)
			continue;
		add_text(out, text);
		return;
	}
	buf_adds(out, "somebody");
}

/* `{person:3}` stands for person 3. */
static void add_told(struct buf *out, yyjson_doc *people, const char *text)
{
	struct buf whole = BUF_INIT(TELL_MAX_COMMENT);
	struct cursor c = cursor_of(text ? text : "", text ? strlen(text) : 0);

	while (cursor_left(&c)) {
		struct span number;
		uint64_t n;

		if (!cursor_literal(&c, "{person:")) {
			buf_addch(&whole, *c.p++);
			continue;
		}
		if (cursor_until(&c, '}', &number) &&
		    text_to_u64(number, UINT32_MAX, &n)) {
			yyjson_val *who = yyjson_arr_get(
				yyjson_doc_get_root(people), (size_t)n);
			const char *name = about_text(who, "principal");

			name = name ? name : about_text(who, "name");
			name = name ? name : about_text(who, "email");
			buf_adds(&whole, name ? name : "somebody");
		} else {
			buf_adds(&whole, "somebody");
		}
	}
	add_clean(out, whole.data, whole.len);
	buf_release(&whole);
}

static const char *short_ref(const char *name)
{
	if (name && !strncmp(name, "refs/heads/", 11))
		return name + 11;
	if (name && !strncmp(name, "refs/tags/", 10))
		return name + 10;
	return name ? name : "?";
}

/* The first ref; gated ones go before. */
static yyjson_val *main_ref(yyjson_val *record)
{
	yyjson_val *refs = yyjson_obj_get(record, "refs"), *ref;
	size_t i, n;

	yyjson_arr_foreach(refs, i, n, ref) if (yyjson_arr_size(yyjson_obj_get(
							ref,
							"gates"))) return ref;
	return yyjson_arr_get_first(refs);
}

static void add_place(struct buf *out, const struct about *a)
{
	yyjson_val *root = about_root(a);
	const char *repository = about_text(root, "repository");
	yyjson_val *ref = main_ref(root);

	if (ref)
		add_text(out, short_ref(about_text(ref, "name")));
	if (ref && repository)
		buf_adds(out, " in ");
	add_text(out, repository);
}

static const char *decision_word(yyjson_val *decision)
{
	const char *verdict = about_text(decision, "verdict");

	if (!verdict || !strcmp(verdict, "error"))
		return "refused, as nothing could be decided";
	if (!strcmp(verdict, "reject"))
		return "refused";
	return !strcmp(verdict, "warn") ? "accepted with warnings" : "accepted";
}

static const char *emergency_word(const struct about *a)
{
	const char *state = about_text(about_root(a), "state");

	if (state && !strcmp(state, "closed"))
		return "emergency closed";
	if (state && !strcmp(state, "overdue"))
		return "emergency OVERDUE";
	return "EMERGENCY push let in";
}

static const char *ticket_word(const struct about *a)
{
	const char *lookup = about_text(about_root(a), "lookup");

	if (lookup && !strcmp(lookup, "refused"))
		return "ticket REFUSED after the push was let in";
	if (lookup && !strcmp(lookup, "verified"))
		return "ticket verified after the push was let in";
	return lookup ? "let in with a ticket that nobody could verify"
		      : "unverified ticket settled by hand";
}

static const char *what_happened(const struct about *a)
{
	if (is_kind(a, "decision"))
		return decision_word(about_root(a));
	if (is_kind(a, "emergency"))
		return emergency_word(a);
	if (is_kind(a, "ticket"))
		return ticket_word(a);
	return is_kind(a, "outcome") ? "landed" : a->head.kind;
}

static void add_problems(struct buf *out, yyjson_val *decision)
{
	uint64_t n = yyjson_get_uint(yyjson_obj_get(decision, "problems"));

	if (n)
		buf_addf(out, "%" PRIu64 " problem%s", n, n == 1 ? "" : "s");
}

/* What is behind `start`, which is clean. */
static void cut_columns(struct buf *out, size_t start)
{
	struct buf line = BUF_INIT(TELL_MAX_COMMENT);

	if (out->len - start <= TELL_COLUMNS)
		return;
	buf_add(&line, out->data + start, out->len - start);
	buf_truncate(out, start);
	text_add_printable(out, span_of(line.data, line.len), TELL_COLUMNS);
	buf_release(&line);
}

/* What counts comes first: a long name is cut, and subjects are short. */
void tell_summary(const struct about *a, struct buf *out)
{
	yyjson_val *root = about_root(a);
	const char *ticket =
		is_kind(a, "emergency") ? about_text(root, "ticket") : NULL;
	size_t start = out->len;

	buf_adds(out, what_happened(a));
	buf_adds(out, ": ");
	if (ticket) {
		add_text(out, ticket);
		buf_adds(out, ", ");
	}
	if (is_kind(a, "decision") &&
	    yyjson_get_uint(yyjson_obj_get(root, "problems"))) {
		add_problems(out, root);
		buf_adds(out, ", ");
	}
	add_place(out, a);
	cut_columns(out, start);
}

static void add_line(struct buf *out, const char *label, const char *text)
{
	if (!text)
		return;
	buf_addf(out, "%s: ", label);
	add_text(out, text);
	buf_addch(out, '\n');
}

static void add_refs(struct buf *out, yyjson_val *root)
{
	yyjson_val *refs = yyjson_obj_get(root, "refs"), *ref;
	size_t i, n;

	yyjson_arr_foreach(refs, i, n, ref)
	{
		const char *old = about_text(ref, "old");
		const char *new = about_text(ref, "new");

		if (i == TELL_MAX_FINDINGS) {
			buf_addf(out, "and %zu more refs\n", n - i);
			break;
		}
		buf_adds(out, "Ref: ");
		add_text(out, about_text(ref, "name"));
		if (old && new) {
			buf_addch(out, ' ');
			add_id(out, old, 12);
			buf_adds(out, "..");
			add_id(out, new, 12);
		}
		buf_addch(out, '\n');
	}
}

static void add_pusher(struct buf *out, const struct about *a)
{
	yyjson_val *number = yyjson_ptr_get(about_root(a), "/pusher/person");
	yyjson_doc *people = a->people;

	if (!number && a->decision) {
		number = yyjson_ptr_get(about_decision(a), "/pusher/person");
		people = a->decision_people;
	}
	if (!number)
		return;
	buf_adds(out, "Pushed by: ");
	add_person(out, people, number);
	buf_addch(out, '\n');
}

static void add_finding(struct buf *out, const struct about *a, yyjson_val *f)
{
	const char *commit = about_text(f, "commit");
	const char *subject = about_text(f, "subject");

	buf_adds(out, "- ");
	if (commit) {
		add_id(out, commit, 10);
		buf_addch(out, ' ');
	}
	if (subject) {
		buf_addch(out, '"');
		add_text(out, subject);
		buf_adds(out, "\" ");
	}
	add_told(out, a->people, about_text(f, "text"));
	buf_addch(out, '\n');
}

static void add_findings(struct buf *out, const struct about *a)
{
	yyjson_val *list = yyjson_obj_get(about_root(a), "findings"), *f;
	uint64_t all =
		yyjson_get_uint(yyjson_obj_get(about_root(a), "problems"));
	size_t i, n, told = 0;

	if (!all)
		return;
	add_problems(out, about_root(a));
	buf_adds(out, ":\n");
	yyjson_arr_foreach(list, i, n, f)
	{
		if (yyjson_equals_str(yyjson_obj_get(f, "weight"), "advice"))
			continue;
		if (told++ == TELL_MAX_FINDINGS)
			break;
		add_finding(out, a, f);
	}
	if (told > TELL_MAX_FINDINGS || !list)
		buf_adds(out, "- more stand in the record\n");
}

static void add_approvals(struct buf *out, const struct about *a)
{
	yyjson_val *decision = about_decision(a), *one;
	yyjson_val *list = yyjson_obj_get(decision, "approvals");
	yyjson_doc *people =
		is_kind(a, "decision") ? a->people : a->decision_people;
	size_t i, n, told = 0;

	yyjson_arr_foreach(list, i, n, one)
	{
		if (!yyjson_is_true(yyjson_obj_get(one, "counted")) ||
		    told == TELL_MAX_FINDINGS)
			continue;
		buf_adds(out, told++ ? ", " : "Approved by: ");
		add_person(out, people, yyjson_obj_get(one, "person"));
	}
	if (told)
		buf_addch(out, '\n');
}

static void add_agents(struct buf *out, const struct about *a)
{
	yyjson_val *list = yyjson_obj_get(about_decision(a), "provenance");
	size_t n = yyjson_arr_size(list);
	yyjson_val *first = yyjson_arr_get_first(list);

	if (!n)
		return;
	buf_addf(out, "AI tools: %zu commit%s, ", n, n == 1 ? "" : "s");
	add_text(out, about_text(first, "agent"));
	buf_adds(out, n > 1 ? " and perhaps others\n" : "\n");
}

static void add_emergency(struct buf *out, const struct about *a)
{
	yyjson_val *root = about_root(a), *rules, *one;
	size_t i, n;

	if (!is_kind(a, "emergency"))
		return;
	add_line(out, "Ticket", about_text(root, "ticket"));
	add_line(out, "Reason", about_text(root, "reason"));
	rules = yyjson_obj_get(root, "excused_rules");
	yyjson_arr_foreach(rules, i, n, one)
	{
		if (i == TELL_MAX_FINDINGS)
			break;
		buf_adds(out, i ? ", " : "Excused from: ");
		add_text(out, yyjson_get_str(one));
	}
	if (n)
		buf_addch(out, '\n');
	add_line(out, "What is missing must follow until",
		 about_text(root, "deadline"));
	add_line(out, "Closed by hand", about_text(root, "by_hand"));
}

static void add_tickets(struct buf *out, const struct about *a)
{
	yyjson_val *list = yyjson_obj_get(about_root(a), "tickets"), *one;
	size_t i, n;

	if (!is_kind(a, "ticket"))
		return;
	yyjson_arr_foreach(list, i, n, one)
	{
		const char *why = about_text(one, "why");

		if (i == TELL_MAX_FINDINGS)
			break;
		buf_adds(out, "Ticket ");
		add_text(out, about_text(one, "id"));
		buf_adds(out, ": ");
		add_text(out, why ? why : about_text(one, "lookup"));
		buf_addch(out, '\n');
	}
	add_line(out, "Rule", about_text(about_root(a), "rule"));
	add_line(out, "Settled by hand", about_text(about_root(a), "by_hand"));
}

/* Whoever answers for the ticket wants to know whether it was asked. */
static void add_lookups(struct buf *out, const struct about *a)
{
	yyjson_val *list = yyjson_obj_get(about_decision(a), "tickets"), *one;
	size_t i, n, told = 0;

	/* that has what was said since */
	if (is_kind(a, "ticket"))
		return;
	yyjson_arr_foreach(list, i, n, one)
	{
		const char *lookup = about_text(one, "lookup");
		bool good = lookup && !strcmp(lookup, "verified");
		const char *more = about_text(one, good ? "state" : "why");

		if (!lookup || told++ == TELL_MAX_FINDINGS)
			continue;
		buf_adds(out, "Asked about ticket ");
		add_text(out, about_text(one, "id"));
		buf_adds(out, good ? ": verified" : ": NOT VERIFIED");
		if (more) {
			buf_adds(out, good ? ", its state was " : ", ");
			add_text(out, more);
		}
		buf_addch(out, '\n');
	}
}

/* At the end, where the eye finds it; and by it a look-up finds the text. */
static void add_ids(struct buf *out, const struct about *a)
{
	add_line(out, "Severity",
		 about_severity(a) ? severity_word(about_severity(a)) : NULL);
	add_line(out, "Time", about_text(about_root(a), "time"));
	add_line(out, "Decision", about_text(about_root(a), "decision"));
	buf_addf(out, "Record: %s", a->head.id);
}

void tell_comment(const struct about *a, struct buf *out)
{
	yyjson_val *root = about_root(a);

	buf_adds(out, "gatepost: ");
	tell_summary(a, out);
	buf_addch(out, '\n');
	add_line(out, "Repository", about_text(root, "repository"));
	add_refs(out, root);
	add_pusher(out, a);
	add_emergency(out, a);
	add_tickets(out, a);
	add_line(out, "Error", about_text(root, "error"));
	if (is_kind(a, "decision"))
		add_findings(out, a);
	add_lookups(out, a);
	add_approvals(out, a);
	add_agents(out, a);
	add_ids(out, a);
}

void tell_count(const struct about *a, uint64_t count, const char *day,
		const char *first, struct buf *out)
{
	buf_addf(out,
		 "gatepost: %" PRIu64 " push%s of this change refused on %s",
		 count, count == 1 ? "" : "es", day);
	buf_adds(out, count == 1 ? "\n" : "; the last of them:\n");
	add_line(out, "Repository", about_text(about_root(a), "repository"));
	add_refs(out, about_root(a));
	add_pusher(out, a);
	add_findings(out, a);
	add_ids(out, a);
	if (strcmp(first, a->head.id) != 0)
		buf_addf(out, "\nFirst record: %s", first);
}
