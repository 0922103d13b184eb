/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "courier/own_record.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

enum {
	OWN_FORMAT = 1, /* of records, as for all kinds */
	MAX_HOST = 256,
	MAX_TEXT = 4096
};

bool own_record_text(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     const char *text)
{
	struct buf clean = BUF_INIT(MAX_TEXT);
	bool ok;

	if (!text)
		return true;
	text_add_utf8(&clean, span_str(text));
	ok = yyjson_mut_obj_add_strncpy(doc, o, name, clean.data, clean.len);
	buf_release(&clean);
	return ok;
}

static bool fill(yyjson_mut_doc *doc, const char *kind, const char *id,
		 const char *time, const char *host)
{
	yyjson_mut_val *o = yyjson_mut_obj(doc);

	yyjson_mut_doc_set_root(doc, o);
	return yyjson_mut_obj_add_uint(doc, o, "v", OWN_FORMAT) &&
	       yyjson_mut_obj_add_strcpy(doc, o, "id", id) &&
	       yyjson_mut_obj_add_strcpy(doc, o, "kind", kind) &&
	       yyjson_mut_obj_add_strcpy(doc, o, "time", time) &&
	       own_record_text(doc, o, "host", host) &&
	       yyjson_mut_obj_add_str(doc, o, "gatepost", PACKAGE_VERSION);
}

yyjson_mut_doc *own_record_new(const char *kind, int64_t now, struct err *e)
{
	char id[UUID_TEXT_SIZE], time[TIME_RFC3339_SIZE], host[MAX_HOST] = "";
	yyjson_mut_doc *doc;

	time_format(now, time);
	if (gethostname(host, sizeof(host) - 1)) {
		err_sys(e, "gethostname");
		return NULL;
	}
	if (uuid7_make(now, id, e))
		return NULL;
	doc = yyjson_mut_doc_new(NULL);
	if (doc && fill(doc, kind, id, time, host))
		return doc;
	yyjson_mut_doc_free(doc);
	err_nomem(e);
	return NULL;
}

int own_record_append(yyjson_mut_doc *doc, const char *ledger_dir,
		      struct err *e)
{
	struct ledger_entry entry = {.persons = span_str("[]")};
	struct ledger *ledger = NULL;
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	char *text = NULL;
	uint64_t index;
	size_t n = 0;
	int rc;

	if (yyjson_mut_obj_add_val(doc, root, "persons", yyjson_mut_arr(doc)))
		text = yyjson_mut_write(doc, 0, &n);
	if (!text)
		return err_nomem(e);
	rc = ledger_open(&ledger, ledger_dir, LEDGER_APPEND, e);
	entry.json = span_of(text, n);
	if (!rc)
		rc = ledger_append(ledger, &entry, &index, e);
	ledger_close(ledger);
	free(text);
	return rc;
}
