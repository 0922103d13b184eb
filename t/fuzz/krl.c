/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/revoked.h"

FUZZ(krl)
{
	struct span key = span_of(data, size < 64 ? size : 64);
	struct revoked r;
	struct err e = {0};
	bool yes;

	revoked_init(&r);
	if (!revoked_read(&r, "list", span_of(data, size), &e)) {
		revoked_has(&r, key, &yes, &e);
		revoked_has_certificate(&r, key, 7, key, &yes, &e);
	}
	revoked_release(&r);
}
