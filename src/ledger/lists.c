/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/lists.h"

#include <stdio.h>

#include "ledger/json.h"

enum { LIST_NAME_MAX = 64 };

/* One object a line, made one array: `[` and `,` for the line feeds. */
static int parse_lines(struct span text, yyjson_doc **out, struct err *e)
{
	struct buf array = BUF_INIT(LEDGER_MAX_EVIDENCE + 2);
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;
	int rc;

	buf_addch(&array, '[');
	while (cursor_line(&c, &line)) {
		if (!line.n)
			continue;
		if (array.len > 1)
			buf_addch(&array, ',');
		buf_add(&array, line.p, line.n);
	}
	buf_addch(&array, ']');
	rc = buf_ok(&array) ? json_parse(out, span_of(array.data, array.len),
					 "evidence", e)
			    : err_nomem(e);
	buf_release(&array);
	return rc;
}

int ledger_list_load(struct ledger *l, yyjson_val *record, const char *name,
		     yyjson_val **list, yyjson_doc **held, struct err *e)
{
	struct buf text = BUF_INIT(LEDGER_MAX_EVIDENCE);
	char cited[LIST_NAME_MAX];
	const char *hex;
	int rc;

	*held = NULL;
	*list = yyjson_obj_get(record, name);
	snprintf(cited, sizeof(cited), "%s_evidence", name);
	hex = yyjson_get_str(
		yyjson_obj_get(yyjson_obj_get(record, cited), "sha256"));
	if (*list || !hex)
		return 0;
	rc = ledger_evidence_get(l, hex, &text, e);
	if (!rc)
		rc = parse_lines(span_of(text.data, text.len), held, e);
	buf_release(&text);
	*list = yyjson_doc_get_root(*held);
	return rc;
}
