/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/tags.h"

enum {
	TAGS_MAX_DEPTH = 16,
	TAGS_HEADER_BYTES = 16384 /* beside the message */
};

static int judge_one(struct judging *j, struct check_sink *sink,
		     const struct oid *id, struct oid *next, bool *more,
		     struct err *e)
{
	const struct object_limits *limits = &j->in->policy->limits;
	struct object_fault fault = {0};
	struct object o;
	struct tag tag;
	int rc = object_read(j->repo, id, limits->message + TAGS_HEADER_BYTES,
			     &o, e);

	*more = false;
	if (rc == ERR_LIMIT) {
		err_clear(e);
		return judging_find(sink, "too-big", id, NULL, e,
				    "the tag is too large");
	}
	if (rc)
		return rc;
	if (o.type == OBJECT_TAG &&
	    !tag_parse(span_of(o.data, o.size), j->algo, limits, &tag, &fault))
		rc = judging_find(sink, judging_fault_code(fault.code), id,
				  "make the tag again with: git tag -a", e,
				  "tag: %s", fault.text);
	else if (o.type == OBJECT_TAG && tag.type == OBJECT_TAG) {
		*next = tag.object;
		*more = true;
	}
	object_release(&o);
	return rc;
}

int tags_judge(struct judging *j, size_t ref, struct err *e)
{
	struct oid id = j->refs[ref].update->new_, next;
	enum object_type type;
	struct check_sink sink;
	uint64_t size;
	size_t depth;
	bool more = true;
	int rc = 0;

	judging_sink_ref(j, ref, "object", &sink);
	for (depth = 0; !rc && more && depth <= TAGS_MAX_DEPTH; depth++) {
		/* commits are looked at elsewhere, and old tags were */
		if (!object_is_new(j->repo, &id) ||
		    object_stat(j->repo, &id, &type, &size, e) ||
		    type != OBJECT_TAG) {
			err_clear(e);
			return 0;
		}
		rc = judge_one(j, &sink, &id, &next, &more, e);
		id = next;
	}
	if (!rc && more)
		rc = judging_find(&sink, "too-big", &id, NULL, e,
				  "tags of tags, more than %d deep",
				  TAGS_MAX_DEPTH);
	return rc;
}
