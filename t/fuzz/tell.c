/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "courier/tell.h"
#include "fuzz.h"

static void check_text(const struct buf *out)
{
	FUZZ_MUST(text_is_utf8(span_of(out->data, out->len)));
	for (size_t i = 0; i < out->len; i++) {
		unsigned char b = (unsigned char)out->data[i];

		FUZZ_MUST((b >= ' ' && b != 0x7f) || b == '\n');
		FUZZ_MUST(b != '<' || out->data[i + 1] != '/');
	}
}

/* A record, as anybody may have written it into a ledger. */
FUZZ(tell)
{
	struct ledger_item item = {
		.json = span_of(data, size),
		.persons = span_str("[{\"login\":\"\\u001b[31m\"},null]")};
	struct buf out = BUF_INIT(TELL_MAX_COMMENT);
	struct about a;

	if (about_read(&a, NULL, &item, false, NULL))
		return;
	tell_summary(&a, &out);
	FUZZ_MUST(!memchr(out.data, '\n', out.len));
	check_text(&out);
	buf_clear(&out);
	tell_comment(&a, &out);
	check_text(&out);
	buf_clear(&out);
	tell_count(&a, 3, "2027-01-31", "x", &out);
	check_text(&out);
	buf_release(&out);
	about_release(&a);
}
