/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"
#include "fuzz.h"
#include "trust/ssh_sig.h"

enum { WIDTH = 70 };

/* What stands inside the armour. */
FUZZ(ssh_blob)
{
	struct buf digits = BUF_INIT(1 << 20), text = BUF_INIT(1 << 20);
	struct signature out = {0};
	struct ssh_sig s;
	struct err e = {0};
	size_t at;

	base64_encode(&digits, data, size);
	buf_adds(&text, "-----BEGIN SSH SIGNATURE-----\n");
	for (at = 0; at < digits.len; at += WIDTH)
		buf_addf(&text, "%.*s\n", WIDTH, digits.data + at);
	buf_adds(&text, "-----END SSH SIGNATURE-----\n");
	ssh_sig_init(&s);
	if (buf_ok(&text) &&
	    !ssh_sig_read(&s, span_of(text.data, text.len), &out, &e)) {
		FUZZ_MUST(out.status != SIG_GOOD);
		FUZZ_MUST(out.status || s.key.type);
	}
	ssh_sig_release(&s);
	buf_release(&digits);
	buf_release(&text);
}
