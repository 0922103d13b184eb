/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "courier/park.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

enum {
	PARK_FORMAT = 1, /* of records, as for all kinds */
	MAX_HOST = 256,
	MAX_REASON = 4096
};

struct parts {
	char id[UUID_TEXT_SIZE];
	char time[TIME_RFC3339_SIZE];
	char host[MAX_HOST];
	struct buf reason; /* made valid UTF-8 */
};

static int fill(struct parts *parts, const char *reason, struct err *e)
{
	int64_t now = time_now_ms();

	time_format(now, parts->time);
	text_add_utf8(&parts->reason, span_str(reason));
	if (gethostname(parts->host, sizeof(parts->host) - 1))
		return err_sys(e, "gethostname");
	return uuid7_make(now, parts->id, e);
}

static char *render(const struct park *park, const struct parts *parts,
		    size_t *n)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *o = yyjson_mut_obj(doc);
	char *text = NULL;

	yyjson_mut_doc_set_root(doc, o);
	if (yyjson_mut_obj_add_uint(doc, o, "v", PARK_FORMAT) &&
	    yyjson_mut_obj_add_str(doc, o, "id", parts->id) &&
	    yyjson_mut_obj_add_str(doc, o, "kind", "parked") &&
	    yyjson_mut_obj_add_str(doc, o, "time", parts->time) &&
	    yyjson_mut_obj_add_str(doc, o, "host", parts->host) &&
	    yyjson_mut_obj_add_str(doc, o, "gatepost", PACKAGE_VERSION) &&
	    yyjson_mut_obj_add_str(doc, o, "sink", park->sink) &&
	    (!*park->id ||
	     yyjson_mut_obj_add_str(doc, o, "record", park->id)) &&
	    yyjson_mut_obj_add_uint(doc, o, "index", park->index) &&
	    yyjson_mut_obj_add_int(doc, o, "status", park->status) &&
	    yyjson_mut_obj_add_str(doc, o, "reason", parts->reason.data) &&
	    yyjson_mut_obj_add_val(doc, o, "persons", yyjson_mut_arr(doc)))
		text = yyjson_mut_write(doc, 0, n);
	yyjson_mut_doc_free(doc);
	return text;
}

int park_record(const struct park *park, struct err *e)
{
	struct parts parts = {.host = "", .reason = BUF_INIT(MAX_REASON)};
	struct ledger_entry entry = {.persons = span_str("[]")};
	struct ledger *ledger = NULL;
	char *text = NULL;
	uint64_t index;
	size_t n = 0;
	int rc = fill(&parts, park->reason, e);

	if (!rc && !(text = render(park, &parts, &n)))
		rc = err_nomem(e);
	if (!rc)
		rc = ledger_open(&ledger, park->ledger_dir, LEDGER_APPEND, e);
	entry.json = span_of(text, n);
	if (!rc)
		rc = ledger_append(ledger, &entry, &index, e);
	ledger_close(ledger);
	free(text);
	buf_release(&parts.reason);
	return rc;
}
