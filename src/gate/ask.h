/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ASK_H
#define GATEPOST_GATE_ASK_H

/**
 * What the judge has to ask its parent, since it can start no program:
 * whose OpenPGP signature it is. The parent hands payload and signature on
 * to gpgv and reads neither.
 *
 * A question is the byte ASK_OPENPGP, two lengths (uint32, big-endian), the
 * payload, the signature; the answer is SIGNATURE_WIRE_SIZE bytes. What git
 * says of a difference it may ask as well: gate/ask_patch.h.
 */

#include "git/walk.h"
#include "policy/policy.h"
#include "sys/deadline.h"
#include "trust/openpgp.h"
#include "trust/signature.h"

enum {
	ASK_OPENPGP = 'V',
	ASK_MAX_OPENPGP = 1000, /* questions of one push; 5 ms each */
	ASK_MAX_PAYLOAD = WALK_MAX_COMMIT,
	ASK_MAX_SIGNATURE = OPENPGP_MAX_TEXT
};

/** The judge's side. What was asked once is not asked again. */
struct asker {
	int fd;
	const struct principals *people;
	struct asked *v;
	size_t n, cap;
	size_t patches;		      /* asked for so far (gate/ask_patch.h) */
	struct asked_ticket *tickets; /* gate/ask_ticket.h */
	size_t ntickets;
	const struct rule *rules; /* of the policy, to count from */
};

void asker_init(struct asker *a, int fd, const struct principals *people);
void asker_release(struct asker *a);

/**
 * For struct verifier; `ctx` is the struct asker. Blocks: the parent has the
 * deadline. Beyond ASK_MAX_OPENPGP signatures SIG_UNSUPPORTED.
 */
int asker_openpgp(void *ctx, struct span payload, struct span sig,
		  struct signature *out, struct err *e);

/** The rest of an answer, for the judge, who blocks. */
int asker_read(const struct asker *a, unsigned char *to, size_t n,
	       struct err *e);

/** The parent's side. */
struct answerer {
	int fd;
	const struct policy *policy;
	int64_t at; /* of receipt, milliseconds */
	struct deadline until;
	size_t n; /* answered so far */
	size_t patches;
};

/**
 * Answer the question whose first byte has been read.
 * @return 0; 1 when the judge has closed its end; ERR_INTERNAL for what is no
 *         question, and as openpgp_verify: then nothing can be judged
 */
int answerer_openpgp(struct answerer *a, struct err *e);

/** Send an answer. @return 0; 1 when the judge has closed its end; ERR_SYS,
 * ERR_TIMEOUT */
int answerer_say(const struct answerer *a, const unsigned char *from, size_t n,
		 struct err *e);

/**
 * Read `n` bytes within the deadline.
 * @return 0; 1 when the other end is closed before; ERR_TIMEOUT, ERR_SYS
 */
int ask_read(int fd, struct deadline until, void *to, size_t n, struct err *e);

#endif
