/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_ANSWER_H
#define GATEPOST_COURIER_ANSWER_H

/** What an endpoint's status means for the record that was posted. */

#include <stdbool.h>
#include <stdint.h>

enum answer {
	ANSWER_NONE = 0,
	ANSWER_DELIVERED,
	ANSWER_RETRY,  /* the endpoint's trouble: later, the same bytes */
	ANSWER_SUSPECT /* perhaps this record's: see whether another one
			* that was taken before is still taken */
};

enum {
	SUSPECT_REFUSED = 1, /* attempts before 400, 413, 422 are suspect */
	SUSPECT_OTHER = 4,   /* before another 4xx is */
	SUSPECT_BROKEN = 8 /* before a 5xx is: a record may crash its reader */
};

/**
 * @param status    of the complete answer; 0 when there was none
 * @param attempts  how often this record was posted, this time included
 */
enum answer answer_of(long status, uint64_t attempts);

/** Whether it may be for what was asked for, and not for how the endpoint or
 * our account there fares: 4xx, but for some. */
bool answer_is_for_request(long status);

#endif
