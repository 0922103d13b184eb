/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_LEDGER_COSIGN_SERVE_H
#define GATEPOST_CLI_LEDGER_COSIGN_SERVE_H

#include "cli/place.h"

/**
 * Answer another host that cosigns, on standard input and output. It says
 * either `old N`, and gets the last checkpoint with a proof from N records
 * on; or a cosigned checkpoint, which goes into the inbox when one of the
 * policy's witnesses has cosigned it.
 * @return CLI_YES; CLI_NO with `e` when it said something else, or the
 *   cosignature is nobody's who is believed; a negative error
 */
int ledger_cosign_serve(const struct place *p, struct err *e);

#endif
