/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/retry_request.h"

#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "courier/parked.h"
#include "courier/place.h"

static int sort_words(struct retry_request *r, struct err *e)
{
	if (r->sink && !r->id && uuid_is(span_str(r->sink))) {
		r->id = r->sink;
		r->sink = NULL;
	}
	if (!r->id && !r->all)
		return err_set(e, ERR_USAGE,
			       "retry needs the id of a record, or --all");
	if (r->id && r->all)
		return err_set(e, ERR_USAGE, "one record, or --all?");
	if (r->id && !uuid_is(span_str(r->id)))
		return err_set(e, ERR_USAGE,
			       "the second word is the whole id of a record");
	return 0;
}

static int ask_one(const struct retry_request *r, const struct policy *policy,
		   const char *sink, struct buf *out, bool *waiting,
		   struct err *e)
{
	size_t n;
	int rc = parked_want(policy->ledger, sink, r->id, &n, e);

	if (rc || !n)
		return rc;
	buf_adds(out, "destination ");
	text_add_printable(out, span_str(sink), 200);
	buf_addf(out, ": %zu parked record%s will be sent again\n", n,
		 n == 1 ? "" : "s");
	*waiting = *waiting || !place_is_drained(policy->ledger, sink);
	return 0;
}

int retry_request(const struct retry_request *given,
		  const struct policy *policy, struct buf *out, bool *waiting,
		  struct err *e)
{
	struct retry_request r = *given;
	bool known = false;
	int rc = sort_words(&r, e);

	for (size_t i = 0; !rc && i < policy->nsinks; i++) {
		const char *name = policy->sinks[i].name;

		if (r.sink && strcmp(r.sink, name) != 0)
			continue;
		known = true;
		rc = ask_one(&r, policy, name, out, waiting, e);
		/* another may have it */
		if (rc == ERR_NOT_FOUND && !r.sink) {
			err_clear(e);
			rc = 0;
		}
	}
	if (rc)
		return rc;
	if (!known)
		return err_set(e, ERR_NOT_FOUND,
			       "there is no such destination");
	if (!out->len)
		return err_set(e, ERR_NOT_FOUND, "nothing of that is parked");
	return buf_ok(out) ? 0 : err_nomem(e);
}
