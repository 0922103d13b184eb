/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/severity.h"

#include <string.h>

const char *const severity_words[] = {"low", "medium", "high", "critical",
				      NULL};

const char *severity_word(int severity)
{
	return severity > SEVERITY_NONE && severity <= SEVERITY_CRITICAL
		       ? severity_words[severity - 1]
		       : "none";
}

enum severity severity_of(const char *word)
{
	for (int i = 0; word && severity_words[i]; i++)
		if (!strcmp(word, severity_words[i]))
			return (enum severity)(i + 1);
	return SEVERITY_NONE;
}
