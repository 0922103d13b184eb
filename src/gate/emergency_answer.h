/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_EMERGENCY_ANSWER_H
#define GATEPOST_GATE_EMERGENCY_ANSWER_H

/** What an answer says of emergencies, and of what was taken back. */

#include "gate/answer.h"

/** Of an accepted push: who owes what until when.
 * @return lines added */
size_t emergency_answer_owed(const struct answer *a, struct buf *out);

/** Of an accepted push: what was let in since it only takes back, and until
 * when a review is due.
 * @return lines added */
size_t revert_answer_owed(const struct answer *a, struct buf *out);

/** Of a refused one: that an emergency could be declared, if all that refuses
 * can be excused by somebody, and nobody has tried.
 * @return lines added */
size_t emergency_answer_offer(const struct answer *a, struct buf *out);

#endif
