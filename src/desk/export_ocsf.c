/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "desk/export_private.h"

/*
 * One OCSF Compliance Finding for each rule that was applied to a ref and
 * came to a result, and one for a push that was refused for what no rule
 * asks. Names are those of version 1.3 of the schema.
 */

enum {
	CLASS_UID = 2003, /* Compliance Finding */
	CATEGORY_UID = 2, /* Findings */
	ACTIVITY_CREATE = 1,
	STATUS_NEW = 1,
	TEXT_MAX = 4096
};

/** How a result is told. */
struct grade {
	const char *result, *caption;
	int status_id, severity_id;
	const char *severity;
};

static const struct grade grades[] = {
	{"pass", "Pass", 1, 1, "Informational"},
	{"warn", "Warning", 2, 2, "Low"},
	{"waived", "Warning", 2, 3, "Medium"},
	{"fail", "Fail", 3, 4, "High"},
};

static const struct grade *grade_of(const char *result)
{
	size_t i;

	for (i = 0; i < sizeof(grades) / sizeof(grades[0]); i++)
		if (!strcmp(grades[i].result, result))
			return &grades[i];
	return NULL;
}

/** One finding in the making. */
struct finding {
	struct export_record *r;
	yyjson_val *ref, *rule; /* NULL: of the push as a whole */
	const struct grade *grade;
	const char *detail;
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
};

static void text(struct finding *f, yyjson_mut_val *o, const char *name,
		 const char *value)
{
	if (*value)
		yyjson_mut_obj_add_strcpy(f->doc, o, name, value);
}

static void formatted(struct finding *f, yyjson_mut_val *o, const char *name,
		      const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void formatted(struct finding *f, yyjson_mut_val *o, const char *name,
		      const char *fmt, ...)
{
	struct buf out = BUF_INIT(3 * TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&out, fmt, ap);
	va_end(ap);
	text(f, o, name, out.data);
	buf_release(&out);
}

static const char *rule_name(const struct finding *f)
{
	return f->rule ? export_text(f->rule, "rule") : "push";
}

static const char *ref_name(const struct finding *f)
{
	const char *real = export_text(f->ref, "real");

	return *real ? real : export_text(f->ref, "name");
}

static void add_metadata(struct export *x, struct finding *f)
{
	yyjson_mut_val *m = yyjson_mut_obj_add_obj(f->doc, f->root, "metadata");
	yyjson_mut_val *p = yyjson_mut_obj_add_obj(f->doc, m, "product");

	text(f, p, "name", "gatepost");
	text(f, p, "vendor_name", "gatepost");
	text(f, p, "version", PACKAGE_VERSION);
	text(f, m, "version", "1.3.0");
	text(f, m, "log_name", ledger_origin(x->setup.ledger));
	text(f, m, "original_time", export_text(f->r->root, "time"));
	text(f, m, "correlation_uid", f->r->id);
}

static void add_info(struct finding *f)
{
	yyjson_mut_val *i =
		yyjson_mut_obj_add_obj(f->doc, f->root, "finding_info");

	/* the same for ever: who gets it twice can tell */
	formatted(f, i, "uid", "%s/%s/%s", f->r->id, rule_name(f), ref_name(f));
	formatted(f, i, "title", "%s: %s", rule_name(f), f->grade->caption);
	text(f, i, "desc", f->detail);
	yyjson_mut_obj_add_sint(f->doc, i, "created_time", f->r->ms);
}

static bool has_standard(yyjson_mut_val *arr, const char *p, size_t n)
{
	yyjson_mut_val *one;
	size_t i, count;

	yyjson_mut_arr_foreach(arr, i, count, one)
	{
		if (yyjson_mut_equals_strn(one, p, n))
			return true;
	}
	return false;
}

/* SOC2:CC8.1 is requirement CC8.1 of the standard SOC2. */
static void add_compliance(struct finding *f)
{
	yyjson_mut_val *c =
		yyjson_mut_obj_add_obj(f->doc, f->root, "compliance");
	yyjson_val *controls = yyjson_obj_get(f->rule, "controls"), *one;
	yyjson_mut_val *standards, *wanted;
	size_t i, n;

	text(f, c, "control", rule_name(f));
	standards = yyjson_mut_obj_add_arr(f->doc, c, "standards");
	wanted = yyjson_mut_obj_add_arr(f->doc, c, "requirements");
	yyjson_arr_foreach(controls, i, n, one)
	{
		const char *name = yyjson_get_str(one);
		size_t len = name ? strcspn(name, ":") : 0;

		if (len && !has_standard(standards, name, len))
			yyjson_mut_arr_add_strncpy(f->doc, standards, name,
						   len);
		if (name)
			yyjson_mut_arr_add_strcpy(f->doc, wanted, name);
	}
	if (!yyjson_mut_arr_size(standards))
		yyjson_mut_arr_add_str(f->doc, standards, "gatepost policy");
	yyjson_mut_obj_add_int(f->doc, c, "status_id", f->grade->status_id);
	text(f, c, "status", f->grade->caption);
	text(f, c, "status_detail", f->detail);
}

static void add_resources(struct finding *f)
{
	yyjson_mut_val *arr =
		yyjson_mut_obj_add_arr(f->doc, f->root, "resources");
	yyjson_mut_val *o = yyjson_mut_arr_add_obj(f->doc, arr);
	const char *repository = export_text(f->r->root, "repository");

	text(f, o, "type", "git ref");
	text(f, o, "name", repository);
	formatted(f, o, "uid", "%s %s", repository, ref_name(f));
	text(f, o, "version", export_text(f->ref, "new"));
}

/* What the schema has no place for. */
static void add_unmapped(struct finding *f)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(f->doc, f->root, "unmapped");
	yyjson_val *pusher = yyjson_obj_get(f->r->root, "pusher");

	text(f, o, "record", f->r->id);
	text(f, o, "verdict", export_text(f->r->root, "verdict"));
	text(f, o, "mode", export_text(f->rule ? f->rule : f->r->root, "mode"));
	text(f, o, "policy", export_text(f->r->root, "policy"));
	text(f, o, "pusher",
	     export_person(f->r, yyjson_obj_get(pusher, "person")));
}

static int add_finding(struct export *x, struct finding *f, struct err *e)
{
	f->doc = yyjson_mut_doc_new(NULL);
	if (!f->doc)
		return err_nomem(e);
	f->root = yyjson_mut_obj(f->doc);
	yyjson_mut_doc_set_root(f->doc, f->root);
	yyjson_mut_obj_add_int(f->doc, f->root, "category_uid", CATEGORY_UID);
	yyjson_mut_obj_add_int(f->doc, f->root, "class_uid", CLASS_UID);
	yyjson_mut_obj_add_int(f->doc, f->root, "activity_id", ACTIVITY_CREATE);
	yyjson_mut_obj_add_int(f->doc, f->root, "type_uid",
			       CLASS_UID * 100 + ACTIVITY_CREATE);
	yyjson_mut_obj_add_sint(f->doc, f->root, "time", f->r->ms);
	yyjson_mut_obj_add_int(f->doc, f->root, "severity_id",
			       f->grade->severity_id);
	text(f, f->root, "severity", f->grade->severity);
	yyjson_mut_obj_add_int(f->doc, f->root, "status_id", STATUS_NEW);
	add_metadata(x, f);
	add_info(f);
	add_compliance(f);
	add_resources(f);
	add_unmapped(f);
	return export_line(x, f->doc, e);
}

/* ------------------------------------------------------------- what for */

/* The codes of what was found about this ref by this rule. */
static void find_detail(struct export_record *r, yyjson_val *rule,
			struct buf *out)
{
	yyjson_val *one;
	size_t i, n;

	yyjson_arr_foreach(r->lists[LIST_FINDINGS], i, n, one)
	{
		const char *ref = export_text(one, "ref");

		if (strcmp(export_text(one, "rule"),
			   export_text(rule, "rule")) != 0 ||
		    (rule && *ref && strcmp(ref, export_text(rule, "ref"))))
			continue;
		buf_addf(out, "%s%s/%s", out->len ? " " : "",
			 export_text(one, "check"), export_text(one, "code"));
	}
}

static int add_rule(struct export *x, struct finding *f, struct err *e)
{
	struct buf detail = BUF_INIT(TEXT_MAX);
	int rc;

	f->grade = grade_of(export_text(f->rule, "result"));
	if (!f->grade || !strcmp(export_text(f->rule, "mode"), "preview"))
		return 0; /* it was not asked */
	if (f->grade->status_id != 1)
		find_detail(f->r, f->rule, &detail);
	f->detail = detail.data;
	rc = add_finding(x, f, e);
	buf_release(&detail);
	return rc;
}

/* A refusal that no rule brought about: a malformed object, or nothing could
 * be decided. */
static int add_push(struct export *x, struct export_record *r, struct err *e)
{
	const char *verdict = export_text(r->root, "verdict");
	struct finding f = {.r = r, .grade = grade_of("fail")};
	struct buf detail = BUF_INIT(TEXT_MAX);
	int rc = 0;

	find_detail(r, NULL, &detail);
	if (!strcmp(verdict, "error"))
		buf_adds(&detail, "nothing could be decided");
	if (detail.len && strcmp(verdict, "pass") != 0) {
		f.ref = yyjson_arr_get_first(r->lists[LIST_REFS]);
		f.detail = detail.data;
		rc = add_finding(x, &f, e);
	}
	buf_release(&detail);
	return rc;
}

static int add(struct export *x, struct export_record *r, struct err *e)
{
	struct finding f = {.r = r};
	size_t hint = 0, i, n;
	int rc = 0;

	yyjson_arr_foreach(r->lists[LIST_RULES], i, n, f.rule)
	{
		f.ref = export_ref(r, export_text(f.rule, "ref"), &hint);
		if (!rc)
			rc = add_rule(x, &f, e);
	}
	return rc ? rc : add_push(x, r, e);
}

const struct export_kind export_ocsf = {
	.word = "ocsf",
	.decisions = true,
	.add = add,
};
