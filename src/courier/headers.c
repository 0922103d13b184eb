/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/headers.h"

#include <string.h>

#include "base/text.h"

static const char *const reserved[] = {"connection",
				       "content-length",
				       "content-type",
				       "expect",
				       "host",
				       "te",
				       "trailer",
				       "transfer-encoding",
				       "upgrade",
				       "user-agent",
				       "webhook-id",
				       "webhook-signature",
				       "webhook-timestamp"};

static bool is_token_byte(char c)
{
	return ascii_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static int check_name(struct span name, struct err *e)
{
	if (!name.n)
		return err_set(e, ERR_CONFIG, "a header needs a name");
	for (size_t i = 0; i < name.n; i++)
		if (!is_token_byte(name.p[i]))
			return err_set(e, ERR_CONFIG,
				       "a header's name has a byte that no "
				       "header's name may have");
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (span_is_nocase(name, reserved[i]))
			return err_set(e, ERR_CONFIG,
				       "header %s is set by gatepost alone",
				       reserved[i]);
	return 0;
}

int header_check(const char *item, struct err *e)
{
	struct cursor c = cursor_of(item, strlen(item));
	struct span name;

	if (cursor_left(&c) > HEADER_MAX_BYTES)
		return err_set(e, ERR_CONFIG,
			       "a header is longer than %d bytes",
			       HEADER_MAX_BYTES);
	if (!cursor_until(&c, ':', &name))
		return err_set(e, ERR_CONFIG, "a header is `Name: value`");
	if (check_name(name, e))
		return ERR_CONFIG;
	for (; cursor_left(&c); c.p++)
		if (*c.p != '\t' && (*c.p < ' ' || *c.p > '~'))
			return err_set(e, ERR_CONFIG,
				       "header %.*s has a byte that is not "
				       "printable ASCII",
				       (int)name.n, name.p);
	return 0;
}
