/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/ssh_cert.h"

FUZZ(ssh_cert)
{
	enum ssh_key_fault fault;
	struct signature out = {0};
	const char *why = NULL;
	struct ssh_cert cert;
	struct cursor names;
	struct span name;
	struct err e = {0};

	ssh_cert_init(&cert);
	if (!ssh_cert_read(&cert, span_of(data, size), &fault, &why, &e)) {
		FUZZ_MUST(!fault == !why);
		if (!fault) {
			names = cursor_of(cert.principals.p, cert.principals.n);
			while (ssh_cert_principal(&names, &name))
				FUZZ_MUST(name.n <= size);
			ssh_cert_check(&cert, 1, true, &out);
		}
	}
	ssh_cert_release(&cert);
}
