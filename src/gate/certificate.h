/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CERTIFICATE_H
#define GATEPOST_GATE_CERTIFICATE_H

/**
 * The certificate of a signed push, verified again. What git says of it
 * stands in the environment, which a client of sshd may set when its push is
 * not signed: so the signature, the updates, the push options, and the nonce
 * down to its secret and its age are all looked at here.
 */

#include "gate/judging.h"

/**
 * Read and verify it, once a push; j->certificate and the report get what was
 * found. Without engine_input.certificate nothing.
 */
int certificate_read(struct judging *j, struct err *e);

/** Whoever signed the push is the pusher, where the policy says so. */
int certificate_pusher(struct judging *j, struct err *e);

void certificate_free(struct push_cert_facts *facts);

#endif
