/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger_keys.h"

#include <string.h>

#include "sys/files.h"

/* NAME+<8 digits>+…: no file is called so by people. */
static bool looks_like_vkey(const char *given)
{
	const char *plus = strchr(given, '+');

	return plus && strlen(plus) > 10 && plus[9] == '+';
}

int ledger_keys_read(const char *given, struct note_vkeys *out, struct err *e)
{
	struct buf text = BUF_INIT(NOTE_MAX_KEYS * NOTE_MAX_VKEY);
	int rc;

	if (looks_like_vkey(given))
		return note_vkeys_parse(out, span_str(given), e);
	rc = file_read(given, &text, e);
	if (!rc) {
		rc = note_vkeys_parse(out, span_of(text.data, text.len), e);
		if (rc)
			err_wrap(e, "%s", given);
	}
	if (!rc && !out->n)
		rc = err_set(e, ERR_CONFIG, "%s: has no vkey", given);
	buf_release(&text);
	return rc;
}
