/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "courier/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "courier/identity.h"
#include "sys/files.h"

struct http {
	CURL *easy;
	struct http_target target;
	char *url, *ca_file;
	struct identity identity; /* lent to libcurl */
	char trouble[CURL_ERROR_SIZE];
	/* of the request that is running */
	struct http_answer *answer;
	size_t header_bytes;
	struct cursor unsent;
	const char *cut;     /* why we ended it, or NULL */
	int64_t stopping_us; /* since when, by time_mono_us; 0: not */
};

int http_start(struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(e, ERR_INTERNAL, "libcurl does not start");
	return 0;
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;

	if (!strcmp(host, "localhost") || !strcmp(host, "[::1]"))
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 &&
	       ntohl(v4.s_addr) >> 24 == 127;
}

static int check_parts(const char *scheme, const char *host, const char *user,
		       const char *password, bool plain, struct err *e)
{
	if (!scheme || !host)
		return err_set(e, ERR_CONFIG, "the URL cannot be read");
	if (user || password)
		return err_set(e, ERR_CONFIG,
			       "the URL must hold no user or password");
	if (strcmp(scheme, "https") &&
	    !(!strcmp(scheme, "http") && (plain || is_loopback(host))))
		return err_set(e, ERR_CONFIG,
			       "the URL must begin with https:// (http:// only "
			       "for a loopback address)");
	return 0;
}

int http_check_url(const char *url, bool plain, struct err *e)
{
	char *parts[4] = {NULL};
	static const CURLUPart names[4] = {CURLUPART_SCHEME, CURLUPART_HOST,
					   CURLUPART_USER, CURLUPART_PASSWORD};
	CURLU *u = curl_url();
	int rc;

	if (!u)
		return err_nomem(e);
	if (strlen(url) <= HTTP_MAX_URL &&
	    !curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME))
		for (size_t i = 0; i < 4; i++)
			curl_url_get(u, names[i], &parts[i], 0);
	rc = check_parts(parts[0], parts[1], parts[2], parts[3], plain, e);
	for (size_t i = 0; i < 4; i++)
		curl_free(parts[i]);
	curl_url_cleanup(u);
	return rc;
}

const char *http_system_bundle(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (file_exists(places[i]))
			return places[i];
	return NULL;
}

/* A short count ends the transfer. */
static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct http *h = arg;

	(void)size;
	if (!buf_add(&h->answer->body, bytes, n))
		return n;
	h->answer->long_body = true;
	h->cut = h->answer->body.max == HTTP_MAX_BODY
			 ? "the answer is longer than 64 KiB"
			 : "the answer is too long";
	return 0;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *arg)
{
	struct http *h = arg;

	(void)bytes;
	(void)size;
	h->header_bytes += n;
	if (h->header_bytes <= HTTP_MAX_HEADERS)
		return n;
	h->cut = "the answer's headers are too long";
	return 0;
}

/* Called once a second at least; non-zero ends the transfer. */
static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c,
		       curl_off_t d)
{
	struct http *h = arg;
	int64_t now = time_mono_us();

	(void)a, (void)b, (void)c, (void)d;
	if (!h->target.stop || !h->target.stop(h->target.stop_arg))
		return 0;
	if (!h->stopping_us)
		h->stopping_us = now;
	if (now - h->stopping_us < HTTP_STOP_SECONDS * INT64_C(1000000))
		return 0;
	h->cut = "stopped before the answer came";
	return 1;
}

/** One option; remembers the first failure. */
#define SET(h, rc, option, value)                                              \
	do {                                                                   \
		if (!(rc))                                                     \
			(rc) = curl_easy_setopt((h)->easy, (option), (value)); \
	} while (0)

static CURLcode set_identity(struct http *h)
{
	bool https = !strncmp(h->url, "https:", 6);
	CURLcode rc = CURLE_OK;

	SET(h, rc, CURLOPT_URL, h->url);
	SET(h, rc, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
	SET(h, rc, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http");
	SET(h, rc, CURLOPT_FOLLOWLOCATION, 0L);
	SET(h, rc, CURLOPT_MAXREDIRS, 0L);
	SET(h, rc, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	SET(h, rc, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(h, rc, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(h, rc, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(h, rc, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(h, rc, CURLOPT_CAINFO, h->ca_file);
	SET(h, rc, CURLOPT_CAPATH, NULL);
	SET(h, rc, CURLOPT_PATH_AS_IS, 1L);
	if (h->target.pins)
		SET(h, rc, CURLOPT_PINNEDPUBLICKEY, h->target.pins);
	return rc;
}

/* Not as names of files: what was checked is what is used. */
static CURLcode set_client(struct http *h)
{
	struct curl_blob cert = {.data = h->identity.cert.data,
				 .len = h->identity.cert.len,
				 .flags = CURL_BLOB_NOCOPY};
	struct curl_blob key = {.data = h->identity.key.data,
				.len = h->identity.key.len,
				.flags = CURL_BLOB_NOCOPY};
	CURLcode rc = CURLE_OK;

	if (!key.len)
		return rc;
	SET(h, rc, CURLOPT_SSLCERT_BLOB, &cert);
	SET(h, rc, CURLOPT_SSLKEY_BLOB, &key);
	/* else OpenSSL would ask at a terminal */
	SET(h, rc, CURLOPT_KEYPASSWD, "");
	return rc;
}

/* A libcurl built without a feature does not know the option against it:
 * then all is well. */
static CURLcode unless_absent(CURLcode rc)
{
	return rc == CURLE_UNKNOWN_OPTION || rc == CURLE_NOT_BUILT_IN ? CURLE_OK
								      : rc;
}

static CURLcode set_no_detours(struct http *h)
{
	CURLcode rc =
		unless_absent(curl_easy_setopt(h->easy, CURLOPT_PROXY, ""));

	if (!rc)
		rc = unless_absent(
			curl_easy_setopt(h->easy, CURLOPT_NOPROXY, "*"));
	if (!rc)
		rc = unless_absent(curl_easy_setopt(h->easy, CURLOPT_NETRC,
						    (long)CURL_NETRC_IGNORED));
	return rc;
}

static CURLcode set_bounds(struct http *h)
{
	CURLcode rc = CURLE_OK;
	long total = (long)h->target.seconds;

	SET(h, rc, CURLOPT_NOSIGNAL, 1L);
	SET(h, rc, CURLOPT_TIMEOUT, total);
	SET(h, rc, CURLOPT_CONNECTTIMEOUT,
	    total < HTTP_CONNECT_SECONDS ? total : (long)HTTP_CONNECT_SECONDS);
	SET(h, rc, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(h, rc, CURLOPT_LOW_SPEED_TIME, (long)HTTP_SLOW_SECONDS);
	SET(h, rc, CURLOPT_MAXLIFETIME_CONN, (long)HTTP_LIFETIME_SECONDS);
	SET(h, rc, CURLOPT_ERRORBUFFER, h->trouble);
	SET(h, rc, CURLOPT_WRITEFUNCTION, on_body);
	SET(h, rc, CURLOPT_WRITEDATA, h);
	SET(h, rc, CURLOPT_HEADERFUNCTION, on_header);
	SET(h, rc, CURLOPT_HEADERDATA, h);
	SET(h, rc, CURLOPT_NOPROGRESS, 0L);
	SET(h, rc, CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(h, rc, CURLOPT_XFERINFODATA, h);
	return rc;
}

/* Whoever can write the list of authorities can pose as the endpoint. */
static int take_bundle(struct http *h, struct err *e)
{
	const char *path =
		h->target.ca_file ? h->target.ca_file : http_system_bundle();
	int fd, rc;

	if (!path)
		return err_set(e, ERR_CONFIG,
			       "no list of certificate authorities on this "
			       "system: install ca-certificates or give "
			       "ca-file");
	rc = file_open_trusted(path, 0, &fd, e);
	if (rc)
		return rc;
	file_close(&fd);
	h->ca_file = strdup(path);
	return h->ca_file ? 0 : err_nomem(e);
}

static int set_up(struct http *h, struct err *e)
{
	CURLcode code;
	int rc = http_check_url(h->target.url, h->target.plain, e);

	if (!rc && !strncmp(h->target.url, "https:", 6))
		rc = take_bundle(h, e);
	if (!rc && h->target.client_cert)
		rc = identity_read(&h->identity, h->target.client_cert,
				   h->target.client_key, e);
	if (rc)
		return rc;
	h->url = strdup(h->target.url);
	h->easy = curl_easy_init();
	if (!h->url || !h->easy)
		return err_nomem(e);
	code = set_identity(h);
	if (!code)
		code = set_client(h);
	if (!code)
		code = set_no_detours(h);
	if (!code)
		code = set_bounds(h);
	return code ? err_set(e, ERR_INTERNAL, "libcurl: %s",
			      curl_easy_strerror(code))
		    : 0;
}

int http_new(struct http **out, const struct http_target *target, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));
	int rc;

	*out = NULL;
	if (!h)
		return err_nomem(e);
	h->target = *target;
	identity_init(&h->identity);
	rc = set_up(h, e);
	if (rc)
		http_free(h);
	else
		*out = h;
	return rc;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->easy);
	identity_release(&h->identity);
	free(h->url);
	free(h->ca_file);
	free(h);
}

void http_answer_init(struct http_answer *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->body, HTTP_MAX_BODY);
}

void http_answer_release(struct http_answer *a)
{
	buf_release(&a->body);
}

/* What went wrong, in words that stay when libcurl's change. */
static const char *in_words(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "the host's name is not known";
	case CURLE_COULDNT_CONNECT:
		return "cannot connect";
	case CURLE_OPERATION_TIMEDOUT:
		return "timed out";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
		return "TLS or the certificate failed";
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return "TLS or the certificate failed: its public key is no "
		       "pin of this destination";
	case CURLE_SSL_CERTPROBLEM:
		return "client-cert and client-key cannot be used";
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
		return "the answer was cut short";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_FAIL_REWIND:
		return "the connection broke";
	default:
		return "no proper answer";
	}
}

/* libcurl's own text may quote the peer, so it is cleaned. */
static void explain(struct http *h, CURLcode rc)
{
	struct buf text = BUF_INIT(HTTP_MAX_ERROR - 1);

	if (h->cut) {
		buf_adds(&text, h->cut);
	} else if (rc == CURLE_SEND_FAIL_REWIND) {
		buf_adds(&text, in_words(rc)); /* what it says is ours */
	} else {
		buf_addf(&text, "%s (", in_words(rc));
		text_add_printable(&text,
				   span_str(*h->trouble
						    ? h->trouble
						    : curl_easy_strerror(rc)),
				   HTTP_MAX_DETAIL);
		buf_addch(&text, ')');
	}
	memcpy(h->answer->error, text.data, text.len + 1);
	buf_release(&text);
}

/* Before any byte of the request was on its way. */
static bool is_early(CURLcode rc)
{
	return rc == CURLE_COULDNT_RESOLVE_HOST ||
	       rc == CURLE_COULDNT_CONNECT || rc == CURLE_SSL_CONNECT_ERROR ||
	       rc == CURLE_PEER_FAILED_VERIFICATION ||
	       rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_CERTPROBLEM ||
	       rc == CURLE_SSL_PINNEDPUBKEYNOTMATCH;
}

static void take_answer(struct http *h, CURLcode rc)
{
	struct http_answer *a = h->answer;
	curl_off_t seconds = 0;

	a->sent = !is_early(rc);
	if (rc) {
		explain(h, rc);
		return;
	}
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &seconds);
	a->retry_after = seconds > 0 ? (int64_t)seconds : 0;
	if (a->status < 200)
		a->status = 0;
	snprintf(a->error, sizeof(a->error), "the endpoint answered %ld%s",
		 a->status,
		 a->status / 100 == 3 ? ", a redirect, which is not followed"
				      : "");
}

static struct curl_slist *list_of(const char *const *headers, size_t n)
{
	/* Without waiting for a `100 Continue` that may never come. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; list && i < n; i++) {
		struct curl_slist *more = curl_slist_append(list, headers[i]);

		if (!more)
			curl_slist_free_all(list);
		list = more;
	}
	return list;
}

static void begin(struct http *h, struct http_answer *answer)
{
	h->answer = answer;
	h->header_bytes = 0;
	h->cut = NULL;
	h->stopping_us = 0;
	*h->trouble = 0;
}

/* libcurl cannot go back to its begin, as there is no way to tell it how. */
static size_t on_read(char *out, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	struct span part;

	if (n * size > cursor_left(&h->unsent))
		n = cursor_left(&h->unsent);
	cursor_take(&h->unsent, n, &part);
	memcpy(out, part.p, n);
	return n;
}

static CURLcode set_body(struct http *h, const struct http_request *r)
{
	CURLcode rc = CURLE_OK;

	h->unsent = cursor_of(r->body.p, r->body.n);
	SET(h, rc, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
	SET(h, rc, CURLOPT_POSTFIELDS, r->once ? NULL : r->body.p);
	SET(h, rc, CURLOPT_READFUNCTION, r->once ? on_read : NULL);
	SET(h, rc, CURLOPT_READDATA, h);
	return rc;
}

/* A handle keeps what the request before it was. */
static CURLcode set_method(struct http *h, const struct http_request *r)
{
	CURLcode rc = CURLE_OK;

	SET(h, rc, CURLOPT_URL, r->url);
	if (!strcmp(r->method, "GET")) {
		SET(h, rc, CURLOPT_CUSTOMREQUEST, NULL);
		SET(h, rc, CURLOPT_HTTPGET, 1L);
		return rc;
	}
	SET(h, rc, CURLOPT_POST, 1L);
	SET(h, rc, CURLOPT_CUSTOMREQUEST,
	    strcmp(r->method, "POST") ? r->method : NULL);
	return rc ? rc : set_body(h, r);
}

int http_send(struct http *h, const struct http_request *r,
	      struct http_answer *answer, struct err *e)
{
	struct curl_slist *list = list_of(r->headers, r->nheaders);
	CURLcode rc;

	if (!list)
		return err_nomem(e);
	begin(h, answer);
	rc = set_method(h, r);
	SET(h, rc, CURLOPT_HTTPHEADER, list);
	if (!rc)
		rc = curl_easy_perform(h->easy);
	take_answer(h, rc);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(list);
	h->answer = NULL;
	return 0;
}

int http_post(struct http *h, struct span body, const char *const *headers,
	      size_t n, struct http_answer *answer, struct err *e)
{
	struct http_request r = {.method = "POST",
				 .url = h->url,
				 .body = body,
				 .headers = headers,
				 .nheaders = n};

	return http_send(h, &r, answer, e);
}

int http_get(struct http *h, const char *path, struct http_answer *answer,
	     struct err *e)
{
	struct buf url = BUF_INIT(2 * HTTP_MAX_URL);
	CURLcode rc = CURLE_OK;

	buf_adds(&url, h->url);
	buf_adds(&url, path);
	if (!buf_ok(&url)) {
		buf_release(&url);
		return err_nomem(e);
	}
	begin(h, answer);
	SET(h, rc, CURLOPT_URL, url.data);
	SET(h, rc, CURLOPT_HTTPGET, 1L);
	if (!rc)
		rc = curl_easy_perform(h->easy);
	take_answer(h, rc);
	buf_release(&url);
	h->answer = NULL;
	return 0;
}

#undef SET
