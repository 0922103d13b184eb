/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/answer.h"

#include <string.h>

#include "base/text.h"
#include "gate/advice.h"
#include "gate/emergency_answer.h"
#include "gate/remedy.h"
#include "gate/unverified.h"

enum {
	ABBREV = 9, /* hex digits of a commit shown */
	SUBJECT_COLUMNS = 50,
	NAME_COLUMNS = 40,
	REF_COLUMNS = 60,
	TEXT_COLUMNS = 240,
	HINT_COLUMNS = 600,
	REFS_NAMED = 3, /* on the first line */
	ADVICE_LINES = 3,
	/* kept free for the end: the count of what is left, the last line */
	CLOSING_LINES = 8,
	CLOSING_BYTES = 4096,
	/* of the problems of commits: room for what concerns whole refs */
	KEPT_PROBLEMS = 8,
	KEPT_BYTES = 400
};

struct page {
	const struct answer *a;
	struct buf *out;
	size_t lines;
	size_t kept_lines, kept_bytes; /* for what comes later */
	size_t left;		       /* problems that found no room */
	bool full;		       /* no more of this group */
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

/* For so many lines of so many bytes. */
static bool has_room(const struct page *p, size_t lines, size_t bytes)
{
	return p->lines + lines + p->kept_lines + CLOSING_LINES <=
		       ANSWER_MAX_LINES &&
	       p->out->len + bytes + p->kept_bytes + CLOSING_BYTES <=
		       ANSWER_MAX_BYTES;
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

const char *answer_person(const struct report *r, size_t number)
{
	const struct report_person *who;

	if (number >= r->npersons)
		return "somebody unknown";
	who = &r->persons[number];
	if (who->principal)
		return who->principal;
	if (who->name)
		return who->name;
	if (who->login)
		return who->login;
	return who->email ? who->email : "somebody unknown";
}

static void add_person(struct page *p, size_t number)
{
	add(p, answer_person(p->a->report, number), NAME_COLUMNS);
}

/* {0} to {7} in a text stand for people. */
void answer_add_text(struct buf *out, const struct report *r,
		     const struct report_finding *f, const char *text,
		     size_t columns)
{
	struct buf whole = BUF_INIT(ANSWER_MAX_BYTES);
	const char *at;

	for (at = text; *at; at++) {
		size_t k = at[0] == '{' && at[1] >= '0' && at[1] <= '7' &&
					   at[2] == '}'
				   ? (size_t)(at[1] - '0')
				   : f->nwho;

		if (k < f->nwho) {
			text_add_printable(
				&whole, span_str(answer_person(r, f->who[k])),
				NAME_COLUMNS);
			at += 2;
		} else {
			buf_addch(&whole, *at);
		}
	}
	text_add_printable(out, span_of(whole.data, whole.len), columns);
	buf_release(&whole);
}

static void add_text(struct page *p, const struct report_finding *f,
		     const char *text, size_t columns)
{
	answer_add_text(p->out, p->a->report, f, text, columns);
}

static const char *label(const struct report_finding *f)
{
	switch ((enum weight)f->weight) {
	case WEIGHT_REJECT:
		return "error: ";
	case WEIGHT_WARN:
		return "warning: ";
	case WEIGHT_EXCUSED:
		return "excused: ";
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

static void write_problem(struct page *p, const struct report_finding *f,
			  bool with_hint)
{
	buf_adds(p->out, label(f));
	if (f->commit)
		add_commit(p, f);
	else if (names_ref(p, f)) {
		add_ref(p, p->a->report->refs[f->ref].name);
		buf_adds(p->out, ": ");
	}
	add_text(p, f, f->text, TEXT_COLUMNS);
	end_line(p);
	if (f->hint && with_hint)
		add_hint(p, f);
}

/* As a whole or not at all. */
static void add_problem(struct page *p, const struct report_finding *f,
			bool with_hint)
{
	struct buf lines = BUF_INIT(ANSWER_MAX_BYTES);
	struct page one = {.a = p->a, .out = &lines};

	if (!p->full)
		write_problem(&one, f, with_hint);
	p->full |= !buf_ok(&lines) || !has_room(p, one.lines, lines.len);
	if (p->full) {
		p->left++;
	} else {
		buf_add(p->out, lines.data, lines.len);
		p->lines += one.lines;
	}
	buf_release(&lines);
}

/* ---- which findings, in which order ---- */

static bool same_hint(const struct report_finding *a,
		      const struct report_finding *b)
{
	return a->hint && b->hint && !strcmp(a->hint, b->hint);
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

/* A hint that the next lines repeat is said once, under the last. */
static bool hint_here(const struct report *r, size_t i, int weight)
{
	size_t k;

	for (k = i + 1; k < r->nfindings; k++)
		if (r->findings[k].weight == weight &&
		    (r->findings[k].commit != NULL) ==
			    (r->findings[i].commit != NULL) &&
		    !said_before(r, k))
			return !same_hint(&r->findings[i], &r->findings[k]);
	return true;
}

static bool is_of(const struct report_finding *f, int weight, bool of_commits)
{
	return f->weight == weight && (f->commit != NULL) == of_commits;
}

static void add_group(struct page *p, int weight, bool of_commits)
{
	const struct report *r = p->a->report;
	size_t i;

	p->full = false;
	for (i = 0; i < r->nfindings; i++)
		if (is_of(&r->findings[i], weight, of_commits) &&
		    !said_before(r, i))
			add_problem(p, &r->findings[i],
				    weight != WEIGHT_EXCUSED &&
					    hint_here(r, i, weight));
}

static size_t count(const struct report *r, int weight)
{
	size_t i, n = 0;

	for (i = 0; i < r->nfindings; i++)
		n += r->findings[i].weight == weight && !said_before(r, i);
	return n;
}

static void add_left(struct page *p, int weight)
{
	buf_addf(p->out, "%s%zu more problem%s: ",
		 weight == WEIGHT_REJECT ? "error: " : "warning: ", p->left,
		 p->left == 1 ? "" : "s");
	if (p->a->record)
		buf_addf(p->out, "see record %s, or run: gatepost check",
			 p->a->record);
	else
		buf_adds(p->out, "gatepost check --json lists all");
	end_line(p);
	p->left = 0;
}

static void keep_room(struct page *p, int weight, size_t command)
{
	const struct report *r = p->a->report;
	size_t i, n = 0;

	for (i = 0; i < r->nfindings && n < KEPT_PROBLEMS; i++)
		n += is_of(&r->findings[i], weight, false);
	p->kept_lines = 2 * n + (command > 0);
	p->kept_bytes = n * KEPT_BYTES + command;
}

/* What was excused is in: its hints, made for a change that is not, would
 * lead nowhere. The last lines say how it can follow. */
static void add_problems(struct page *p, int weight)
{
	static const char head[] = "hint:   ";
	struct buf command = BUF_INIT(ANSWER_MAX_BYTES / 4);
	bool remedy = weight != WEIGHT_EXCUSED &&
		      remedy_command(p->a->report, weight, &command);

	keep_room(p, weight, remedy ? command.len + sizeof(head) : 0);
	add_group(p, weight, true);
	if (remedy) {
		buf_adds(p->out, head);
		text_add_printable(p->out, span_of(command.data, command.len),
				   command.len);
		end_line(p);
	}
	p->kept_lines = p->kept_bytes = 0;
	add_group(p, weight, false);
	buf_release(&command);
	if (p->left)
		add_left(p, weight);
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
	const struct report *r = p->a->report;

	buf_addf(p->out, "%s%zu problem%s",
		 r->nfindings_all > r->nfindings ? "more than " : "", n,
		 n == 1 ? "" : "s");
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

static void add_updated(struct page *p)
{
	const struct report *r = p->a->report;

	/* "nothing" carries its own no */
	buf_adds(p->out, !p->a->moves_refs ? " would not be updated"
			 : r->nrefs	   ? " not updated"
					   : " updated");
}

static void refused(struct page *p)
{
	buf_adds(p->out, "error: ");
	add_refs(p, VERDICT_REJECT);
	add_updated(p);
	add_others(p);
	buf_adds(p->out, ": ");
	add_count(p, count(p->a->report, WEIGHT_REJECT));
	buf_adds(p->out, p->a->moves_refs ? ". Your commits are safe." : ".");
	end_line(p);
	add_problems(p, WEIGHT_REJECT);
	p->lines += emergency_answer_offer(p->a, p->out);
	p->lines += unasked_answer(p->a, p->out);
	buf_adds(p->out, "error: ");
	add_refs(p, VERDICT_REJECT);
	add_updated(p);
	buf_addch(p->out, '.');
	if (p->a->policy->help) {
		buf_adds(p->out, " Help: ");
		add(p, p->a->policy->help, HINT_COLUMNS);
	}
	if (p->a->record)
		buf_addf(p->out, "%s %s",
			 p->a->policy->help ? "  record" : " record",
			 p->a->record);
	end_line(p);
}

/* What is wrong first, what to type, how much there is: a branch is no gate,
 * and three lines are read. Approvals come last: who can mend something
 * himself does that before a reviewer looks. */
static void add_advice(struct page *p)
{
	const struct report *r = p->a->report;
	size_t n = count(r, WEIGHT_ADVICE), i, shown = 0;
	struct buf command = BUF_INIT(ANSWER_MAX_BYTES / 4);
	bool typed = n && advice_command(r, &command);

	if (!n) {
		buf_release(&command);
		return;
	}
	for (i = 0; i < 2 * r->nfindings && shown + typed + 1 < ADVICE_LINES;
	     i++) {
		const struct report_finding *f = &r->findings[i % r->nfindings];

		if (f->weight != WEIGHT_ADVICE ||
		    advice_waits(f) != (i >= r->nfindings) ||
		    said_before(r, i % r->nfindings))
			continue;
		add_problem(p, f, false);
		shown++;
	}
	if (typed) {
		buf_adds(p->out, "advice:   ");
		add(p, command.data, command.len);
		end_line(p);
	}
	buf_release(&command);
	buf_adds(p->out, "advice: ");
	add_count(p, n);
	buf_adds(p->out, " to mend before this can go to ");
	advice_target(p->a, p->out);
	end_line(p);
}

/* Who amends what is in would have to push by force. */
static void add_next_time(struct page *p)
{
	const struct report *r = p->a->report;
	bool any = false;
	size_t i;

	for (i = 0; i < r->nfindings && !any; i++)
		any = r->findings[i].weight == WEIGHT_WARN &&
		      r->findings[i].hint;
	if (!any || !p->a->moves_refs)
		return;
	buf_adds(p->out, "hint: what is in stays in: the hints above are for "
			 "the next push");
	end_line(p);
}

static void accepted(struct page *p)
{
	const struct report *r = p->a->report;
	size_t warnings = count(r, WEIGHT_WARN);

	if (r->nemergencies)
		add_problems(p, WEIGHT_EXCUSED);
	if (warnings) {
		add_problems(p, WEIGHT_WARN);
		add_next_time(p);
	} else if (!r->nemergencies) {
		add_advice(p);
	}
	p->lines += emergency_answer_owed(p->a, p->out);
	p->lines += revert_answer_owed(p->a, p->out);
	p->lines += unverified_answer(p->a, p->out);
	p->lines += unasked_answer(p->a, p->out);
	buf_adds(p->out, "gatepost: ");
	add_refs(p, r->verdict);
	buf_adds(p->out, p->a->moves_refs ? " accepted" : " would be accepted");
	if (r->nemergencies) {
		buf_adds(p->out, " in an emergency, with ");
		add_count(p, count(r, WEIGHT_EXCUSED));
		buf_adds(p->out, " excused");
	} else if (warnings) {
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
