/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_PUSH_H
#define GATEPOST_GIT_PUSH_H

/**
 * What pre-receive and post-receive get on standard input, read strictly:
 * `<old> SP <new> SP <ref> LF` (githooks(5)). git checks ref names only after
 * pre-receive, so a name here is whatever the client sent.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/err.h"
#include "git/oid.h"

enum {
	PUSH_MAX_BYTES = 64 << 20, /* of standard input */
	PUSH_MAX_REFS = 100000,	   /* ever read; policy's limit is lower */
	PUSH_MAX_OPTIONS = 64,
	PUSH_MAX_OPTION = 4096 /* bytes of one push option */
};

/** Codes of findings, as stable words. */
enum push_fault { PUSH_OK = 0, PUSH_MALFORMED, PUSH_DUPLICATE_REF };

struct ref_update {
	char *name;	 /* as the client sent it */
	struct oid old;	 /* as the client said; null: create */
	struct oid new_; /* null: delete */
};

struct push {
	struct ref_update *v;
	size_t n, cap;
	enum push_fault fault;
	char text[200]; /* what is off, for people; may quote hostile bytes */
};

void push_init(struct push *p);
void push_release(struct push *p);

/**
 * Parse all of standard input. An anomaly sets p->fault and p->text (of the
 * first one) and is no error of this call:
 *
 * - no input, input that ends within a line, more than `max_refs` lines;
 * - a line that is not of that form, an id of another length or in capitals;
 * - a name that refs_name_ok refuses, or that is not UTF-8;
 * - unless it is deleted, a name that looks like something else: a part that
 *   begins with `-`; under refs/heads/ or refs/tags/, `refs/…`, `HEAD`, or 40
 *   or 64 hex digits;
 * - old and new both null; a name that comes twice.
 *
 * Updates that could be read stay in `v`, for the record.
 */
int push_parse(struct push *p, struct span input, enum oid_algo algo,
	       size_t max_refs, struct err *e);

#endif
