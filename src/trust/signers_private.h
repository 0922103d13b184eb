/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SIGNERS_PRIVATE_H
#define GATEPOST_TRUST_SIGNERS_PRIVATE_H

/** What is behind `struct signers`, for this room alone. */

#include <stdbool.h>

#include "trust/allowed_signers.h"
#include "trust/revoked.h"
#include "trust/signers.h"
#include "trust/ssh_certified.h"
#include "trust/x509_trust.h"

struct signers {
	bool has_ssh, has_openpgp, has_x509; /* configured */
	struct allowed_signers ssh;
	struct revoked ssh_revoked;
	struct ssh_certified *certified; /* a cache */
	struct x509_trust *x509;	 /* NULL without has_x509 */
};

#endif
