/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/facts_fault.h"
#include "gate/follow_up.h"
#include "gate/signed.h"

/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts.h"
#include "gate/discard.h"
#include "gate/follow_up.h"
#include "gate/preview.h"
#include "gate/signed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void facts_init(struct facts *f)
{
	memset(f, 0, sizeof(*f));
	trailers_init(&f->trailers);
	trailers_init(&f->divided);
	buf_init(&f->followed, 4 * (size_t)WALK_MAX_COMMIT);
}

static void forget_object(struct facts *f)
{
	if (f->object.handle)
		object_release(&f->object);
	memset(&f->object, 0, sizeof(f->object));
}

void facts_release(struct facts *f)
{
	forget_object(f);
	trailers_release(&f->trailers);
	trailers_release(&f->divided);
	free(f->parents);
	free(f->areas);
	buf_release(&f->followed);
	facts_init(f);
}

static int load(struct facts *f, struct judging *j, const struct oid *id,
		struct span raw, struct span *out, struct err *e)
{
	int rc;

	forget_object(f);
	*out = raw;
	if (raw.p)
		return 0;
	rc = object_read(j->repo, id, WALK_MAX_COMMIT, &f->object, e);
	if (rc) {
		f->object.handle = NULL;
		return rc;
	}
	if (f->object.type != OBJECT_COMMIT)
		return err_set(e, ERR_MALFORMED, "not a commit");
	*out = span_of(f->object.data, f->object.size);
	return 0;
}

int facts_read(struct facts *f, struct judging *j, struct check_sink *sink,
	       const struct walk *walk, const struct walk_commit *at, bool *ok,
	       struct err *e)
{
	const struct oid *id = &at->id;
	struct object_fault fault = {0};
	struct span bytes;
	int rc;

	*ok = false;
	f->walk = walk;
	f->at = at;
	rc = load(f, j, id, at->raw, &bytes, e);
	if (rc)
		return facts_fault_read(sink, id, "unreadable commit", rc, e);
	memset(&f->facts, 0, sizeof(f->facts));
	f->facts.id = *id;
	f->has_message = false;
	f->has_areas = false;
	f->has_digest = false;
	f->has_signature = false;
	f->has_memory = false;
	f->has_bringer = false;
	f->first_any = false;
	f->known = NULL;
	f->lands = f->back = false;
	f->nparents = 0;
	if (!commit_parse(bytes, j->algo, &j->in->policy->limits, &f->commit,
			  &fault)) {
		*ok = fault.code == FAULT_ENCODING || fault.code == FAULT_NUL;
		rc = facts_fault_say(sink, id, &fault, e);
	} else {
		*ok = true;
	}
	f->facts.commit = *ok ? &f->commit : NULL;
	f->facts.merge = *ok && f->commit.nparents > 1;
	return rc;
}

int facts_signature(struct facts *f, struct judging *j, struct err *e)
{
	int rc = 0;

	if (!f->has_signature)
		rc = signed_commit(j, &f->facts.id, &f->commit, &f->signature,
				   e);
	f->has_signature = !rc;
	return rc;
}

/* A divider can only matter when there is a line that begins with it. */
static bool has_divider(struct span message)
{
	const char *end = message.p + message.n;
	const char *at = message.p;

	while (at && end - at >= 3) {
		if (!memcmp(at, "---", 3))
			return true;
		at = memchr(at, '\n', (size_t)(end - at));
		if (at)
			at++;
	}
	return false;
}

int facts_message(struct facts *f, struct judging *j, struct check_sink *sink,
		  struct err *e)
{
	const struct policy *p = j->in->policy;
	struct commit *c = &f->commit;
	struct object_fault fault = {.code = FAULT_TOO_BIG};
	size_t i;
	int rc;

	if (f->has_message)
		return 0;
	f->has_message = true;
	rc = follow_ups_extend(j->follow_ups, &f->facts.id, &c->message,
			       &f->followed, e);
	if (rc)
		return rc;
	rc = trailers_parse(&f->trailers, c->message, TRAILERS_NO_DIVIDER,
			    p->limits.trailers, e);
	if (!rc && has_divider(c->message)) {
		rc = trailers_parse(&f->divided, c->message, TRAILERS_DIVIDER,
				    p->limits.trailers, e);
		f->facts.divided = &f->divided;
	}
	if (rc == ERR_LIMIT) {
		err_clear(e);
		snprintf(fault.text, sizeof(fault.text),
			 "more than %zu trailers in one message",
			 p->limits.trailers);
		rc = facts_fault_say(sink, &f->facts.id, &fault, e);
	}
	if (rc)
		return rc;
	f->facts.trailers = &f->trailers;
	agents_examine(p->agents, c, &f->trailers, &f->agents);
	f->facts.agents = &f->agents;
	f->facts.shows_ai = f->agents.nseen > 0 || f->agents.too_many;
	for (i = 0; i < f->agents.ndeclared; i++)
		if (!f->agents.declared[i].none &&
		    !f->agents.declared[i].person)
			f->facts.shows_ai = true;
	f->facts.ai_assisted = f->facts.shows_ai;
	return 0;
}
