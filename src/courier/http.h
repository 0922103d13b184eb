/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_HTTP_H
#define GATEPOST_COURIER_HTTP_H

/**
 * POST to one fixed URL, or GET below it. The only code that talks to the
 * network: https (http to loopback only), certificates always verified, TLS 1.2
 * or newer, no redirect, proxy, cookie, netrc; total time, headers and body
 * bounded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	HTTP_MAX_BODY = 65536,	  /* bytes of an answer's body */
	HTTP_MAX_HEADERS = 65536, /* bytes of all its header lines */
	HTTP_MAX_URL = 4096,
	HTTP_MAX_DETAIL = 160, /* columns of libcurl's text in an error */
	HTTP_MAX_ERROR = 1024,
	HTTP_CONNECT_SECONDS = 10,
	HTTP_SLOW_SECONDS = 15,	     /* with less than one byte a second */
	HTTP_LIFETIME_SECONDS = 600, /* then certificates are seen again */
	HTTP_STOP_SECONDS = 5 /* what a request may still take when stopping */
};

struct http;

struct http_target {
	const char *url;
	const char *ca_file; /* NULL: the system's bundle */
	const char *pins; /* `sha256//…;sha256//…` of public keys, or NULL */
	/** PEM files, both or none: by what we make ourselves known. */
	const char *client_cert, *client_key;
	bool plain;	  /* http will do: the answer proves itself */
	int64_t seconds;  /* for a whole request */
	bool (*stop)(void *); /* asked every second, or NULL */
	void *stop_arg;
};

/** What came back. Zeroed memory is no answer. */
struct http_answer {
	long status;	     /* 0: no complete answer; `error` says why */
	int64_t retry_after; /* seconds, 0: not said */
	bool sent;	     /* the endpoint may have seen the request */
	bool long_body;	     /* cut, as it was more than `body` takes */
	struct buf body;
	char error[HTTP_MAX_ERROR];
	size_t own; /* bytes of it before the endpoint's; 0: all are ours */
};

/**
 * Check a sink's URL as libcurl itself reads it: https, or http to a loopback
 * address or `localhost`; no user or password in it.
 * @param plain  whether http to any host is fine
 * @return 0, ERR_CONFIG (the message never holds the URL's path)
 */
int http_check_url(const char *url, bool plain, struct err *e);

/** The first CA bundle that this system has; NULL when there is none. */
const char *http_system_bundle(void);

/** Once per process, before the first http_new. */
int http_start(struct err *e);

/** @return 0, ERR_CONFIG, ERR_DENIED (a CA file that others can write, a key
 *   that they can read), ERR_NOT_FOUND, ERR_MEMORY */
int http_new(struct http **out, const struct http_target *target,
	     struct err *e);
void http_free(struct http *h);

void http_answer_init(struct http_answer *a);
void http_answer_release(struct http_answer *a);

/**
 * Post `body`. Whatever the endpoint does is no error of this function:
 * it is in `answer`.
 *
 * @param headers  `Name: value` items, checked by the caller
 * @return 0, ERR_MEMORY
 */
int http_post(struct http *h, struct span body, const char *const *headers,
	      size_t n, struct http_answer *answer, struct err *e);

/** One request of several kinds to the same host. */
struct http_request {
	const char *method; /* POST, PUT, PATCH or GET, which has no body */
	const char *url;    /* as a whole: the target's, and what is behind */
	struct span body;
	/** Never sent a second time by libcurl itself, which else does so when
	 * a connection that was used before breaks. */
	bool once;
	const char *const *headers; /* `Name: value`, checked by the caller */
	size_t nheaders;
};

/** Send it, as http_post. */
int http_send(struct http *h, const struct http_request *request,
	      struct http_answer *answer, struct err *e);

/**
 * Get what is at `path` below the URL, which ends in `/`. As http_post; the
 * body is at most what `answer->body` takes.
 *
 * @param path  checked by the caller
 */
int http_get(struct http *h, const char *path, struct http_answer *answer,
	     struct err *e);

#endif
