/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_REPORT_H
#define GATEPOST_DESK_DECISION_REPORT_H

#include "desk/record.h"

enum {
	/** People whom one decision names; each takes 74 bytes of it. Of the
	 * others it names the commits alone, and says how many they are. */
	DECISION_PERSONS_MAX = 300
};

/** Add to a record of kind decision all that the judge has reported. */
int decision_add_report(struct record *r, const struct report *report,
			const struct policy *policy, struct err *e);

#endif
