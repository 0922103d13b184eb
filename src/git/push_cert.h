/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_PUSH_CERT_H
#define GATEPOST_GIT_PUSH_CERT_H

/**
 * The certificate of a signed push, read strictly (gitprotocol-pack(5)): what
 * `git push --signed` writes and nothing that another reader could take in
 * two ways.
 *
 *	certificate version 0.1
 *	pusher <whoever> <seconds> <zone>
 *	pushee <url>			(may be missing)
 *	nonce <nonce>			(may be missing)
 *	push-option <option>		(any number)
 *
 *	<old> <new> <ref>		(at least one)
 *	-----BEGIN …			(one signature, to the end)
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "git/push.h"

enum { PUSH_CERT_MAX_BYTES = 8 << 20 };

/** Spans point into the bytes that were given. */
struct push_cert {
	struct span pusher;  /* as the signing program calls them, no proof */
	struct span pushee;  /* empty when missing */
	struct span nonce;   /* likewise */
	struct span options; /* the lines of push options */
	struct span updates; /* the lines of ref updates */
	struct span payload; /* what is signed */
	struct span signature;
};

/** @return NULL, or what is off, for people */
const char *push_cert_parse(struct span raw, struct push_cert *out);

/** Whether its updates are exactly those of the push, in their order. */
bool push_cert_is_of(const struct push_cert *c, const struct push *push,
		     enum oid_algo algo);

/** Whether its push options are exactly these, in their order. */
bool push_cert_has_options(const struct push_cert *c,
			   const char *const *options, size_t n);

#endif
