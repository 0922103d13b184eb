/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_UNIT_GIT_PUSH_CERT_H
#define GATEPOST_UNIT_GIT_PUSH_CERT_H

#include <check.h>

Suite *suite_push_cert(void);

#endif
