/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/record_list.h"

#include <stdio.h>

enum { MEMBER_MAX = 64 };

/* Evidence has one element a line. */
static int read_lines(struct record_list *list, const struct buf *lines,
		      struct err *e)
{
	struct buf array = BUF_INIT(LEDGER_MAX_EVIDENCE + 2);
	size_t i, last = lines->len ? lines->len - 1 : 0;

	buf_addch(&array, '[');
	buf_add(&array, lines->data, last);
	for (i = 0; i < array.len; i++)
		if (array.data[i] == '\n')
			array.data[i] = ',';
	buf_addch(&array, ']');
	if (buf_ok(&array))
		list->doc = yyjson_read(array.data, array.len, 0);
	list->v = yyjson_doc_get_root(list->doc);
	buf_release(&array);
	return list->doc ? 0 : err_set(e, ERR_MALFORMED, "evidence is no list");
}

int record_list_read(struct record_list *out, struct ledger *l,
		     yyjson_val *record, const char *name, struct err *e)
{
	struct buf lines = BUF_INIT(LEDGER_MAX_EVIDENCE);
	char cited[MEMBER_MAX];
	const char *hex;
	int rc;

	*out = (struct record_list){.v = yyjson_obj_get(record, name)};
	snprintf(cited, sizeof(cited), "%s_evidence", name);
	hex = yyjson_get_str(
		yyjson_obj_get(yyjson_obj_get(record, cited), "sha256"));
	if (out->v || !hex)
		return 0;
	rc = ledger_evidence_get(l, hex, &lines, e);
	if (!rc)
		rc = read_lines(out, &lines, e);
	buf_release(&lines);
	return rc;
}

void record_list_release(struct record_list *list)
{
	yyjson_doc_free(list->doc);
	*list = (struct record_list){NULL, NULL};
}
