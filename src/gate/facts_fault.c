/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts_fault.h"

#include <stdio.h>

#include "gate/preview.h"

int facts_fault_say(struct check_sink *sink, const struct oid *id,
		    const struct object_fault *fault, struct err *e)
{
	const char *hint = "git fsck names such objects; make the commit "
			   "again with git and push that";

	if (fault->code == FAULT_ENCODING)
		hint = "git config --unset i18n.commitEncoding && git commit "
		       "--amend --no-edit";
	if (fault->code == FAULT_TOO_BIG)
		hint = "split the change, or ask the admin to raise the "
		       "limit in the policy";
	return judging_find(sink, judging_fault_code(fault->code), id, hint, e,
			    "%s", fault->text);
}

int facts_fault_read(struct check_sink *sink, const struct oid *id,
		     const char *what, int rc, struct err *e)
{
	struct object_fault fault = {.code = FAULT_MALFORMED};

	if (!object_is_amiss(rc))
		return rc;
	if (rc == ERR_LIMIT)
		fault.code = FAULT_TOO_BIG;
	snprintf(fault.text, sizeof(fault.text), "%s: %.150s", what,
		 e ? e->msg : "");
	err_clear(e);
	return facts_fault_say(sink, id, &fault, e);
}

int facts_fault_diff(const struct facts *f, struct check_sink *sink,
		     const struct object_fault *fault, int rc, struct err *e)
{
	if (fault->code == FAULT_NONE)
		return facts_fault_read(sink, &f->facts.id, "unreadable tree",
					rc, e);
	err_clear(e);
	return facts_fault_say(sink, &f->facts.id, fault, e);
}

int facts_fault_paths(const struct facts *f, struct judging *j,
		      const struct check_sink *sink, struct err *e)
{
	struct check_sink of = *sink;

	/* without the advice nobody would have looked */
	if (preview_is(j, sink->ref))
		of.mode = MODE_PREVIEW;
	return judging_find(&of, "too-big", &f->facts.id,
			    "push the history in parts, or ask the admin to "
			    "raise paths-max in the policy",
			    e, "the push changes more than %zu paths",
			    j->in->policy->limits.paths);
}
