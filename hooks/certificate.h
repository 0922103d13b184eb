/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_HOOKS_CERTIFICATE_H
#define GATEPOST_HOOKS_CERTIFICATE_H

/** What this hook's environment and ancestors say of a signed push. */

#include "base/buf.h"
#include "gate/engine.h"
#include "hook.h"
#include "sys/env.h"

struct certificate_source {
	struct engine_certificate facts; /* points into what follows */
	const char *options[ENV_MAX_PUSH_OPTIONS];
	struct buf arguments; /* of git-receive-pack */
};

/** Without a certificate only the push options are read. Release it also after
 * an error. */
int certificate_source_read(struct certificate_source *s, const struct hook *h,
			    struct err *e);
void certificate_source_release(struct certificate_source *s);

#endif
