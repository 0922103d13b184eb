/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/parse_value.h"

#include <string.h>

#include "base/time.h"
#include "policy/policy.h"

const char *const policy_mode_words[] = {"off", "warn", "enforce", NULL};

int policy_mode_parse(const char *word, struct err *e)
{
	int at = option_word(word, policy_mode_words, e);

	return at < 0 ? at : at + MODE_OFF - 1;
}

const char *policy_mode_word(enum policy_mode m)
{
	switch (m) {
	case MODE_PREVIEW:
		return "preview";
	case MODE_OFF:
	case MODE_WARN:
	case MODE_ENFORCE:
		return policy_mode_words[m - MODE_OFF];
	case MODE_UNSET:
		break;
	}
	return "unset";
}

int parse_mode(const char *value, void *field, const struct option_place *at,
	       struct err *e)
{
	int mode = policy_mode_parse(value, e);

	(void)at;
	if (mode < 0)
		return mode;
	*(int *)field = mode;
	return 0;
}

int parse_within(const char *value, void *field, const struct option_place *at,
		 struct err *e)
{
	struct within *w = field;
	int64_t seconds = 0;

	(void)at;
	if (strcmp(value, "0") != 0 &&
	    (!time_parse_duration(span_str(value), &seconds) ||
	     seconds > 365 * TIME_DAY))
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is neither 0 nor a duration of at most "
			       "365d (units s m h d w y)",
			       value);
	*w = (struct within){true, seconds};
	return 0;
}
