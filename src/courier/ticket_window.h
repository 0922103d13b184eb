/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TICKET_WINDOW_H
#define GATEPOST_COURIER_TICKET_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"

/** Read a time as ticketing systems write it: RFC 3339, `YYYY-MM-DD HH:MM:SS`
 * in UTC, or a day. The first day of 1970 is none.
 * @param end  of a day, its last moment */
bool ticket_time(struct span text, bool end, int64_t *ms);

/** Whether a text has this repository's name in it as a whole word. */
bool ticket_names(struct span text, struct span repository);

#endif
