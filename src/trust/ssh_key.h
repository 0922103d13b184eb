/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_KEY_H
#define GATEPOST_TRUST_SSH_KEY_H

/**
 * SSH public keys as bytes (RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709, 4;
 * OpenSSH's PROTOCOL.u2f). One canonical form is accepted. Nothing here
 * starts libcrypto, so that loading a list of keys costs little.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "trust/ssh_hash.h"

enum ssh_key_kind {
	SSH_KEY_NONE = 0,
	SSH_KEY_ED25519,
	SSH_KEY_ECDSA,
	SSH_KEY_RSA
};

enum {
	SSH_KEY_MAX_BLOB = 4096, /* an RSA key of 16,384 bits has 2,087 */
	SSH_KEY_MAX_TYPE = 47,	 /* characters of a type's name */
	SSH_KEY_MIN_RSA = 2048,	 /* bits of a modulus */
	SSH_KEY_MAX_RSA = 16384, /* what libcrypto takes */
	SSH_KEY_FINGERPRINT = 51 /* bytes, with the NUL */
};

/** A NIST curve (SEC 2, 2.4.2, 2.5.1, 2.6.1). */
struct ssh_curve {
	const char *name;	    /* as SSH has it, e.g. nistp256 */
	const char *group;	    /* as libcrypto has it */
	size_t size;		    /* bytes of a coordinate, and of order */
	const unsigned char *order; /* big-endian */
};

struct ssh_key_type {
	const char *name;
	enum ssh_key_kind kind;
	bool sk;		       /* of a security key */
	enum ssh_hash hash;	       /* none: its own, or by name */
	const struct ssh_curve *curve; /* SSH_KEY_ECDSA */
};

/** A parsed key. All spans point into `blob`, which the caller keeps. */
struct ssh_key {
	const struct ssh_key_type *type;
	struct span blob;
	struct span point;	 /* Ed25519: 32 bytes; ECDSA: 04 x y */
	struct span e, n;	 /* RSA: exponent, modulus; no leading zero */
	struct span application; /* sk */
};

enum ssh_key_fault {
	SSH_KEY_OK = 0,
	SSH_KEY_MALFORMED,   /* not the canonical form */
	SSH_KEY_UNSUPPORTED, /* a type that is not accepted */
	SSH_KEY_CERTIFICATE, /* a certificate of OpenSSH */
	SSH_KEY_WEAK	     /* too short, or of small order */
};

/** The row of a type; NULL when it is none of ours. */
const struct ssh_key_type *ssh_key_type_find(struct span name);

/** Whether the name is that of an OpenSSH certificate. */
bool ssh_key_type_is_certificate(struct span name);

/** The type of the key that a certificate of this type is for; NULL when it
 * is none of ours. */
const struct ssh_key_type *ssh_key_type_certified(struct span name);

/** Take the parts of a key whose type is known: all that stands behind the
 * type in its wire form. The rest as ssh_key_parse. */
enum ssh_key_fault ssh_key_take_parts(struct ssh_key *k, struct cursor *c,
				      const char **why);

/**
 * Parse a key's wire form strictly.
 * @param why  gets a static sentence part on any fault ("its … is …")
 */
enum ssh_key_fault ssh_key_parse(struct ssh_key *k, struct span blob,
				 const char **why);

/**
 * Take `type blank base64` from a line, as authorized_keys and .pub files
 * have them; a comment may follow and is left.
 * @param type  the word as written
 * @param blob  gets the decoded bytes appended, which are not yet parsed
 *              but whose type is that word
 * @return NULL, or what is wrong, as a static text
 */
const char *ssh_key_take(struct cursor *line, struct span *type,
			 struct buf *blob);

/** `SHA256:` and the unpadded base64 of the blob's digest. */
void ssh_key_fingerprint(struct span blob, char out[SSH_KEY_FINGERPRINT]);

/**
 * Take a string that holds a positive multiple-precision integer in its
 * shortest form (RFC 4251, 5), without the sign's zero byte.
 */
bool ssh_take_mpint(struct cursor *c, struct span *out);

#endif
