/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_CHECK_VALUE_H
#define GATEPOST_POLICY_CHECK_VALUE_H

/**
 * What single values of a policy may look like, beyond their type. Each
 * returns 0, or ERR_CONFIG with a message that reads well behind
 * "file:line: key: ".
 */

#include "base/err.h"

enum { VALUE_MAX_WORD = 128 };

/** Before the name of a role where a principal's may stand, too. */
#define VALUE_ROLE "role:"

/** One printable word without blanks: a login, a role. */
int value_is_word(const char *value, struct err *e);
/** What stands in `[rule "…"]`: letters, digits and `._-@+`, the first a
 * letter or digit: it becomes a file's or ref's name. */
int value_is_name(const char *value, struct err *e);
/** A principal's name, or `role:` and a word. */
int value_is_owner(const char *value, struct err *e);
int value_is_email(const char *value, struct err *e);
#define PUSHER_FROM_CERTIFICATE "push-certificate"
/** `uid`, `push-certificate`, or a variable that neither git nor the loader nor the pusher's
 * client gives a meaning. */
int value_is_pusher_from(const char *value, struct err *e);
/** `syslog`, or an absolute path. */
int value_is_log(const char *value, struct err *e);
/** An http or https URL. */
int value_is_link(const char *value, struct err *e);
/** An https URL without user; http only to this machine itself. */
int value_is_sink_url(const char *value, struct err *e);
/** The same, or http: a time stamp says itself who made it. */
int value_is_timestamp_url(const char *value, struct err *e);
/** The public key of somebody who cosigns: NAME+ID+base64, as C2SP
 * signed-note and tlog-cosignature have it. */
int value_is_vkey(const char *value, struct err *e);
/** `Name: value` of a header that the courier does not send itself. */
int value_is_header(const char *value, struct err *e);
int value_is_record_kind(const char *value, struct err *e);
/** An extended regular expression. */
/** A branch's short name, or one full ref name. */
int value_is_carry(const char *value, struct err *e);
int value_is_pattern(const char *value, struct err *e);
/** A pattern for paths in a repository: no `/` at its start, no `.` or `..`
 * component. */
int value_is_path_glob(const char *value, struct err *e);
/** A pattern for full ref names. */
int value_is_ref_glob(const char *value, struct err *e);
/** `ai-assisted`, `area:NAME`, `merge` or `not-merge`. */
int value_is_when(const char *value, struct err *e);

#endif
