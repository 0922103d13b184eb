/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/answer.h"

#include <string.h>

#include "base/text.h"
#include "gate/remedy.h"

enum {
	ABBREV = 9, /* hex digits of a commit shown */
	SUBJECT_COLUMNS = 50,
	NAME_COLUMNS = 40,
	REF_COLUMNS = 60,
	TEXT_COLUMNS = 240,
	HINT_COLUMNS = 600,
	REFS_NAMED = 3, /* on the first line */
	ADVICE_LINES = 3,
	CLOSING_LINES = 3 /* kept free for the end */
};

struct page {
	const struct answer *a;
	struct buf *out;
	size_t lines, left; /* problems that found no room */
};

static void add(struct page *p, const char *s, size_t columns)
{
	text_add_printable(p->out, span_str(s), columns);
}

static void end_line(struct page *p)
{
	buf_addch(p->out, '\n');
	p->lines++;
}

static bool has_room(const struct page *p, size_t lines)
{
	return p->lines + lines + CLOSING_LINES <= ANSWER_MAX_LINES &&
	       p->out->len + 2048 < ANSWER_MAX_BYTES;
}

/* refs/heads/main is main to people, refs/tags/v1 is tag v1. */
static void add_ref(struct page *p, const char *name)
{
	static const char heads[] = "refs/heads/", tags[] = "refs/tags/";

	if (!strncmp(name, heads, sizeof(heads) - 1)) {
		add(p, name + sizeof(heads) - 1, REF_COLUMNS);
	} else if (!strncmp(name, tags, sizeof(tags) - 1)) {
		buf_adds(p->out, "tag ");
		add(p, name + sizeof(tags) - 1, REF_COLUMNS);
	} else {
		add(p, name, REF_COLUMNS);
	}
}

static void add_person(struct page *p, size_t number)
{
	const struct report *r = p->a->report;
	const struct report_person *who;
	const char *name = "somebody unknown";

	if (number < r->npersons) {
		who = &r->persons[number];
		if (who->principal)
			name = who->principal;
		else if (who->name)
			name = who->name;
		else if (who->login)
			name = who->login;
		else if (who->email)
			name = who->email;
	}
	add(p, name, NAME_COLUMNS);
}

/* {0} to {7} in a text stand for people. */
static void add_text(struct page *p, const struct report_finding *f,
		     const char *text, size_t columns)
{
	const char *at = text, *brace;

	while ((brace = strchr(at, '{')) != NULL) {
		bool ref =
			brace[1] >= '0' && brace[1] <= '7' && brace[2] == '}';
		size_t k = ref ? (size_t)(brace[1] - '0') : 0;
		const char *next = brace + (ref ? 3 : 1);

		text_add_printable(p->out, span_of(at, (size_t)(brace - at)),
				   columns);
		if (ref && k < f->nwho)
			add_person(p, f->who[k]);
		else
			text_add_printable(
				p->out, span_of(brace, (size_t)(next - brace)),
				columns);
		at = next;
	}
	add(p, at, columns);
}

static const char *label(const struct report_finding *f)
{
	switch ((enum weight)f->weight) {
	case WEIGHT_REJECT:
		return "error: ";
	case WEIGHT_WARN:
		return "warning: ";
	case WEIGHT_ADVICE:
	case WEIGHT_NONE:
		break;
	}
	return "advice: ";
}

static void add_commit(struct page *p, const struct report_finding *f)
{
	text_add_printable(
		p->out, span_of(f->commit, strnlen(f->commit, ABBREV)), ABBREV);
	if (f->subject) {
		buf_adds(p->out, " \"");
		add(p, f->subject, SUBJECT_COLUMNS);
		buf_adds(p->out, "\"");
	}
	if (f->author != REPORT_NO_PERSON) {
		buf_adds(p->out, " by ");
		add_person(p, f->author);
	}
	buf_adds(p->out, ": ");
}

static void add_hint(struct page *p, const struct report_finding *f)
{
	buf_adds(p->out, "hint:   ");
	add_text(p, f, f->hint, HINT_COLUMNS);
	end_line(p);
}

/* Another ref than the only one that is pushed is named. */
static bool names_ref(const struct page *p, const struct report_finding *f)
{
	return p->a->report->nrefs > 1 && f->ref != REPORT_NO_REF && !f->commit;
}

static void add_problem(struct page *p, const struct report_finding *f,
			bool last_hint)
{
	if (!has_room(p, 2)) {
		p->left++;
		return;
	}
	buf_adds(p->out, label(f));
	if (f->commit)
		add_commit(p, f);
	else if (names_ref(p, f)) {
		add_ref(p, p->a->report->refs[f->ref].name);
		buf_adds(p->out, ": ");
	}
	add_text(p, f, f->text, TEXT_COLUMNS);
	end_line(p);
	if (f->hint && last_hint)
		add_hint(p, f);
}

/* ---- which findings, in which order ---- */

static bool same_hint(const struct report_finding *a,
		      const struct report_finding *b)
{
	return a->hint && b->hint && !strcmp(a->hint, b->hint);
}

/* A hint that the next lines repeat is said once, under the last. */
static bool hint_here(const struct report *r, size_t i, int weight)
{
	size_t k;

	for (k = i + 1; k < r->nfindings; k++)
		if (r->findings[k].weight == weight &&
		    (r->findings[k].commit != NULL) ==
			    (r->findings[i].commit != NULL))
			return !same_hint(&r->findings[i], &r->findings[k]);
	return true;
}

static bool said_before(const struct report *r, size_t i)
{
	const struct report_finding *f = &r->findings[i];
	size_t k, from = i > 64 ? i - 64 : 0;

	/* two refs of one push may both bring a commit */
	for (k = from; k < i; k++) {
		const struct report_finding *g = &r->findings[k];

		if (g->weight == f->weight && g->commit && f->commit &&
		    !strcmp(g->commit, f->commit) &&
		    !strcmp(g->code, f->code) && !strcmp(g->text, f->text))
			return true;
	}
	return false;
}

static void add_group(struct page *p, int weight, bool of_commits)
{
	const struct report *r = p->a->report;
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->weight != weight || (f->commit != NULL) != of_commits ||
		    said_before(r, i))
			continue;
		add_problem(p, f, hint_here(r, i, weight));
	}
}

static size_t count(const struct report *r, int weight)
{
	size_t i, n = 0;

	for (i = 0; i < r->nfindings; i++)
		n += r->findings[i].weight == weight && !said_before(r, i);
	return n;
}

static void add_problems(struct page *p, int weight)
{
	struct buf command = BUF_INIT(ANSWER_MAX_BYTES / 4);

	add_group(p, weight, true);
	if (has_room(p, 2) && remedy_command(p->a->report, weight, &command)) {
		buf_adds(p->out, "hint:   ");
		text_add_printable(p->out, span_of(command.data, command.len),
				   command.len);
		end_line(p);
	}
	buf_release(&command);
	add_group(p, weight, false);
	if (p->left) {
		buf_addf(p->out,
			 "%s%zu more problems: see record %s, or run: "
			 "gatepost check\n",
			 weight == WEIGHT_REJECT ? "error: " : "warning: ",
			 p->left, p->a->record ? p->a->record : "(none)");
		p->lines++;
		p->left = 0;
	}
}

/* ---- first and last line ---- */

static void add_refs(struct page *p, int verdict)
{
	const struct report *r = p->a->report;
	size_t i, n = 0, total = 0;

	for (i = 0; i < r->nrefs; i++)
		total += r->refs[i].verdict == verdict;
	for (i = 0; i < r->nrefs && n < REFS_NAMED; i++) {
		if (total && r->refs[i].verdict != verdict)
			continue;
		if (n++)
			buf_adds(p->out, ", ");
		add_ref(p, r->refs[i].name);
	}
	if (total > n)
		buf_addf(p->out, " and %zu more", total - n);
	if (!n)
		buf_adds(p->out, "nothing");
}

static void add_count(struct page *p, size_t n)
{
	buf_addf(p->out, "%zu problem%s", n, n == 1 ? "" : "s");
}

static void add_others(struct page *p)
{
	const struct report *r = p->a->report;
	size_t i, fine = 0;

	for (i = 0; i < r->nrefs; i++)
		fine += r->refs[i].verdict != VERDICT_REJECT;
	if (fine && fine < r->nrefs)
		buf_addf(p->out, " (nor the other %zu of this push)", fine);
}

static void refused(struct page *p)
{
	buf_adds(p->out, "error: ");
	add_refs(p, VERDICT_REJECT);
	buf_adds(p->out,
		 p->a->moves_refs ? " not updated" : " would not be updated");
	add_others(p);
	buf_adds(p->out, ": ");
	add_count(p, count(p->a->report, WEIGHT_REJECT));
	buf_adds(p->out, p->a->moves_refs ? ". Your commits are safe." : ".");
	end_line(p);
	add_problems(p, WEIGHT_REJECT);
	buf_adds(p->out, "error: ");
	add_refs(p, VERDICT_REJECT);
	buf_adds(p->out,
		 p->a->moves_refs ? " not updated." : " would not be updated.");
	if (p->a->policy->help) {
		buf_adds(p->out, " Help: ");
		add(p, p->a->policy->help, HINT_COLUMNS);
	}
	if (p->a->record)
		buf_addf(p->out, "  record %s", p->a->record);
	end_line(p);
}

static void add_advice(struct page *p)
{
	const struct report *r = p->a->report;
	size_t n = count(r, WEIGHT_ADVICE), i, shown = 0;

	if (!n)
		return;
	for (i = 0; i < r->nfindings && shown + 1 < ADVICE_LINES; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->weight != WEIGHT_ADVICE || said_before(r, i))
			continue;
		add_problem(p, f, false);
		shown++;
	}
	buf_adds(p->out, "advice: ");
	add_count(p, n);
	buf_adds(p->out, " to mend before this can go where it is gated");
	end_line(p);
}

static void accepted(struct page *p)
{
	const struct report *r = p->a->report;
	size_t warnings = count(r, WEIGHT_WARN);

	if (warnings) {
		add_problems(p, WEIGHT_WARN);
	} else {
		add_advice(p);
	}
	buf_adds(p->out, "gatepost: ");
	add_refs(p, r->verdict);
	buf_adds(p->out, p->a->moves_refs ? " accepted" : " would be accepted");
	if (warnings) {
		buf_adds(p->out, " with ");
		add_count(p, warnings);
		buf_adds(p->out, r->would == VERDICT_REJECT
					 ? " that will be refused once the "
					   "policy is enforced"
					 : " to look at");
	}
	if (p->a->record)
		buf_addf(p->out, ", record %s", p->a->record);
	end_line(p);
}

int answer_write(const struct answer *a, struct buf *out, struct err *e)
{
	struct page p = {.a = a, .out = out};

	if (verdict_accepts((enum verdict)a->report->verdict))
		accepted(&p);
	else
		refused(&p);
	return buf_ok(out) ? 0 : err_nomem(e);
}

void answer_write_failure(const struct policy *policy, struct buf *out)
{
	buf_adds(out, "error: nothing was updated: the gate could not decide. "
		      "Your commits are safe.\n"
		      "hint:   this is no fault of yours. Tell the admin of "
		      "this git server; the log has the reason.\n"
		      "error: nothing was updated.");
	if (policy && policy->help) {
		buf_adds(out, " Help: ");
		text_add_printable(out, span_str(policy->help), HINT_COLUMNS);
	}
	buf_addch(out, '\n');
}
