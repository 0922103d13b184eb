/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_JUDGE_H
#define GATEPOST_COURIER_JUDGE_H

/** What an endpoint's answer means, by what its sink says of answers. */

#include <stdbool.h>
#include <stdint.h>

#include "courier/answer.h"
#include "courier/holds.h"
#include "courier/http.h"
#include "courier/values.h"
#include "policy/sink.h"
#include "policy/status_set.h"

enum { JUDGE_MAX_EXCERPT = 160 /* columns of an answer's body in an error */ };

struct judge {
	const struct sink *sink; /* borrowed */
	struct status_set ok, duplicate, permanent;
};

int judge_init(struct judge *j, const struct sink *sink, struct err *e);

/** What came of one post. */
struct judgement {
	enum answer answer;
	bool duplicate;		 /* it was there before */
	struct items_held items; /* of several records at once */
};

/**
 * Judge the answer to a post. With id-json its ${remote-id} goes into `v`.
 * Where the status is good and the rest is not, the answer's error says so.
 *
 * @param out       `items` says what was sent, and has room for each
 * @param attempts  of this record, this one included
 * @return 0, ERR_MEMORY
 */
int judge_post(const struct judge *j, struct http_answer *a, struct values *v,
	       uint64_t attempts, struct judgement *out, struct err *e);

/** Whether a request that carries no record went well. */
bool judge_is_ok(const struct judge *j, const struct http_answer *a);

/**
 * What a look-up has found.
 * @param pointer  where the id is, which goes into `v` as `name`; or NULL
 * @return 1 found, 0 not; ERR_MALFORMED when the answer is no use, and its
 *   error says why; ERR_MEMORY
 */
int judge_found(const struct judge *j, struct http_answer *a,
		const struct option_list *found, const char *pointer,
		struct values *v, struct err *e);

/** Whether all conditions hold of an answer; and note which did not. */
int judge_conditions(struct http_answer *a, const struct option_list *all,
		     struct values *v, struct items_held *items, bool *hold,
		     struct err *e);

/** Take an id from an answer. @return whether there is one */
bool judge_take_id(const struct http_answer *a, const char *pointer,
		   enum template_name name, struct values *v);

#endif
