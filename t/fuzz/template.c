/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <yyjson.h>

#include "base/text.h"
#include "courier/values.h"
#include "fuzz.h"

/* What a pusher wrote, in every place where a template may put it. */
static const char every[] =
	"{\"a\":\"${jsonstr:/x}\",\"b\":${json:/x},\"c\":${json:record},"
	"\"d\":\"${base64:/x}\",\"e\":\"${url:/x}\",\"f\":${json:/none|[]},"
	"\"g\":${map:/x|1=2,*=3},\"h\":\"${jsonstr:comment}\"}";

static void fill(struct values *v, struct span text, struct span record)
{
	values_init(v);
	FUZZ_MUST(!values_set(v, TEMPLATE_COMMENT, text, NULL));
	FUZZ_MUST(!buf_add(&v->record, record.p, record.n));
	values_take_record(v, NULL);
}

/* Whatever it is, what comes out is JSON with that very text in it. */
static void check_every(struct values *v, struct span text)
{
	struct buf out = BUF_INIT(VALUES_MAX_BODY);
	struct template t;
	yyjson_doc *doc;
	yyjson_val *root;

	FUZZ_MUST(!template_parse(&t, span_str(every), TEMPLATE_IN_BODY, NULL));
	FUZZ_MUST(!values_render(&t, v, &out, NULL));
	doc = yyjson_read(out.data, out.len, 0);
	root = yyjson_doc_get_root(doc);
	FUZZ_MUST(yyjson_obj_size(root) == 8);
	FUZZ_MUST(
		yyjson_equals_strn(yyjson_obj_get(root, "a"), text.p, text.n));
	FUZZ_MUST(
		yyjson_equals_strn(yyjson_obj_get(root, "h"), text.p, text.n));
	FUZZ_MUST(yyjson_equals(yyjson_obj_get(root, "a"),
				yyjson_obj_get(root, "b")));
	FUZZ_MUST(yyjson_equals(yyjson_obj_get(root, "a"),
				yyjson_ptr_get(root, "/c/x")));
	yyjson_doc_free(doc);
	template_release(&t);
	buf_release(&out);
}

/* The bytes as a template: only what it names itself comes out. */
static void check_own(struct values *v, struct span text)
{
	for (int place = TEMPLATE_IN_BODY; place <= TEMPLATE_IN_HEADER;
	     place++) {
		struct buf out = BUF_INIT(VALUES_MAX_BODY);
		struct template t;
		struct err e;

		if (!template_parse(&t, text, (enum template_place)place, &e))
			values_render(&t, v, &out, &e);
		template_release(&t);
		buf_release(&out);
	}
}

FUZZ(template)
{
	struct buf text = BUF_INIT(VALUES_MAX_BODY);
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	struct values v;
	char *record;
	size_t n;

	text_add_utf8(&text, span_of(data, size));
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_strn(doc, root, "x", text.data, text.len);
	record = yyjson_mut_write(doc, 0, &n);
	FUZZ_MUST(record != NULL);
	fill(&v, span_of(text.data, text.len), span_of(record, n));
	check_every(&v, span_of(text.data, text.len));
	check_own(&v, span_of(data, size));
	values_release(&v);
	free(record);
	yyjson_mut_doc_free(doc);
	buf_release(&text);
}
