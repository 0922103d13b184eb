/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SEVERITY_H
#define GATEPOST_POLICY_SEVERITY_H

/** How grave what a rule asks for is; SEVERITY_NONE is less than all. */
enum severity {
	SEVERITY_NONE = 0,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};

/** The words of it, SEVERITY_LOW first; NULL ends them. */
extern const char *const severity_words[];

/** "none", "low", "medium", … */
const char *severity_word(int severity);

/** The other way round; SEVERITY_NONE for any other word. */
enum severity severity_of(const char *word);

#endif
