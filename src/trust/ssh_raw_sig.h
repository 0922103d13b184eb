/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_RAW_SIG_H
#define GATEPOST_TRUST_SSH_RAW_SIG_H

/**
 * The signature proper inside an SSHSIG, a certificate or a KRL: algorithm,
 * bytes, and what a security key adds (RFC 4253, 6.6; RFC 5656, 3.1.2;
 * RFC 8332, 3; RFC 8709, 6; PROTOCOL.u2f). One canonical form:
 *
 * * RSA: rsa-sha2-256 or -512, as long as the modulus;
 * * ECDSA: r and s in shortest form, in [1, n-1]. Honest signers make a
 *   large s as often as a small one, so both of s and n-s are taken: no
 *   signature's bytes may serve as a name for what was signed;
 * * Ed25519: 64 bytes, S less than the group's order;
 * * nothing behind the parts.
 */

#include <stdint.h>

#include "base/cursor.h"
#include "trust/ssh_hash.h"
#include "trust/ssh_key.h"

enum {
	SSH_SIG_PRESENT = 1, /* flags of a security key: touched */
	SSH_SIG_VERIFIED = 4 /* and its user recognised */
};

/** Spans point into the bytes that were read. */
struct ssh_raw_sig {
	struct span algorithm;
	enum ssh_hash hash; /* of the algorithm; none for Ed25519 */
	struct span bytes;  /* Ed25519, RSA */
	struct span r, s;   /* ECDSA */
	uint8_t flags;	    /* sk */
	uint32_t counter;
};

enum ssh_raw_fault {
	SSH_RAW_OK = 0,
	SSH_RAW_MALFORMED,
	SSH_RAW_ALGORITHM /* not one for this key; SHA-1 among them */
};

/**
 * Read what a key is said to have signed with.
 * @param why  gets a static text on any fault
 */
enum ssh_raw_fault ssh_raw_sig_read(struct ssh_raw_sig *raw,
				    const struct ssh_key *key, struct span sig,
				    const char **why);

#endif
