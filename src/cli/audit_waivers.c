/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "desk/access.h"
#include "desk/waiver.h"

enum { LINE_BYTES = 1 << 20, COLUMNS = 200 };

static void add_text(struct buf *out, const char *s)
{
	text_add_printable(out, span_str(s), COLUMNS);
}

static const char *state_of(const struct waiver_entry *w)
{
	return time_now_ms() > w->end ? "expired" : "in-force";
}

static void add_line(struct buf *out, const struct waiver_entry *w)
{
	buf_addf(out, "%-8s  ", state_of(w));
	add_text(out, w->rule);
	buf_adds(out, "  ");
	add_text(out, w->repository);
	buf_addf(out, "  until %.10s  by ", w->until);
	add_text(out, *w->who ? w->who : "somebody");
	buf_addf(out, "  used %zu time%s, %zu commit%s  ", w->pushes,
		 w->pushes == 1 ? "" : "s", w->commits,
		 w->commits == 1 ? "" : "s");
	add_text(out, w->at);
	buf_adds(out, "\n          reason: ");
	add_text(out, w->reason);
	buf_adds(out, "\n          instead: ");
	add_text(out, w->control);
	buf_addch(out, '\n');
}

static int add_json(struct buf *out, const struct waiver_entry *w,
		    struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	int rc;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "state", state_of(w));
	yyjson_mut_obj_add_str(doc, root, "rule", w->rule);
	yyjson_mut_obj_add_str(doc, root, "repository", w->repository);
	yyjson_mut_obj_add_str(doc, root, "until", w->until);
	yyjson_mut_obj_add_str(doc, root, "reason", w->reason);
	yyjson_mut_obj_add_str(doc, root, "control", w->control);
	if (*w->who)
		yyjson_mut_obj_add_str(doc, root, "signer", w->who);
	yyjson_mut_obj_add_str(doc, root, "at", w->at);
	yyjson_mut_obj_add_uint(doc, root, "pushes", w->pushes);
	yyjson_mut_obj_add_uint(doc, root, "commits", w->commits);
	rc = cli_add_json(out, doc, e);
	yyjson_mut_doc_free(doc);
	return rc;
}

static int show(const struct waiver_entry *w, bool json, struct err *e)
{
	struct buf out = BUF_INIT(LINE_BYTES);
	int rc = 0;

	if (json)
		rc = add_json(&out, w, e);
	else
		add_line(&out, w);
	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}

int audit_record_access(struct place *p, size_t n, struct err *e)
{
	struct access_note note = {
		.command = "audit",
		.count = n,
		.persons = true,
	};
	struct record_frame frame;

	place_frame(p, &frame);
	return n ? access_record(p->ledger, &frame, &note, e) : 0;
}

int audit_waivers(struct place *p, bool json, struct err *e)
{
	struct waiver_book b;
	size_t i;
	int rc;

	waiver_book_init(&b);
	rc = waiver_book_read(&b, p->ledger, e);
	if (!rc)
		rc = audit_record_access(p, b.n, e);
	for (i = 0; !rc && i < b.n; i++)
		rc = show(&b.v[i], json, e);
	waiver_book_release(&b);
	return rc;
}
