/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/sink_var.h"

#include <string.h>

#include "base/text.h"

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '-';
}

struct span sink_var_name(const char *line)
{
	size_t n = 0;

	while (is_name_byte(line[n]))
		n++;
	return span_of(line, n);
}

static struct span value_of(const char *line)
{
	return span_trim(span_str(line + sink_var_name(line).n));
}

int value_is_var(const char *value, struct err *e)
{
	size_t n = sink_var_name(value).n;
	struct span v = value_of(value);

	if (!n || n > SINK_VAR_MAX_NAME || value[n] != ' ' || !v.n)
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is no name of small letters, digits and "
			       "- with a value behind it: project changes",
			       value);
	if (v.n > SINK_VAR_MAX_VALUE)
		return err_set(e, ERR_CONFIG,
			       "the value is longer than %d bytes",
			       SINK_VAR_MAX_VALUE);
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return err_set(e, ERR_CONFIG,
				       "the value has control characters");
	return 0;
}

bool sink_var_find(const struct option_list *vars, struct span name,
		   struct span *value)
{
	for (size_t i = 0; vars && i < vars->n; i++) {
		if (!span_equal(sink_var_name(vars->v[i]), name))
			continue;
		*value = value_of(vars->v[i]);
		return true;
	}
	return false;
}
