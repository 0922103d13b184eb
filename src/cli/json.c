/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"

#include <stdint.h>
#include <stdlib.h>

#include "cli/cli.h"

int cli_add_json(struct buf *out, yyjson_mut_doc *doc, struct err *e)
{
	size_t n = 0;
	char *text = yyjson_mut_write(doc, 0, &n);

	if (!text)
		return err_nomem(e);
	buf_add(out, text, n);
	buf_addch(out, '\n');
	free(text);
	return buf_ok(out) ? 0 : err_nomem(e);
}

int cli_print_json(yyjson_mut_doc *doc, struct err *e)
{
	struct buf out = BUF_INIT(SIZE_MAX / 2);
	int rc = cli_add_json(&out, doc, e);

	if (!rc)
		rc = cli_print(&out, e);
	buf_release(&out);
	return rc;
}
