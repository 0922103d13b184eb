/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/sink_table.h"

#include <string.h>

#include "base/text.h"
#include "policy/check_value.h"
#include "policy/policy.h"
#include "policy/sink_value.h"
#include "policy/sink_var.h"

static const char *const format_words[] = {"cloudevents", "cloudevents-batch",
					   "ndjson", "template", NULL};
static const char *const sign_words[] = {"none", "standard-webhooks", "rfc9421",
					 NULL};
static const char *const auth_words[] = {"none",   "basic",  "bearer", "token",
					 "splunk", "oauth2", NULL};
static const char *const frame_words[] = {"single", "array", "ndjson", NULL};
static const char *const method_words[] = {"POST", "PUT", "PATCH", NULL};
static const char *const per_words[] = {"record", "change", NULL};

#define AT(field) .offset = offsetof(struct sink, field)
#define STRING(key, field, test, what)                                         \
	{                                                                      \
		.name = (key), .type = OPTION_STRING, AT(field),               \
		.check = (test), .help = (what)                                \
	}
#define STRINGS(key, field, test, what)                                        \
	{                                                                      \
		.name = (key), .type = OPTION_STRINGS, AT(field),              \
		.check = (test), .help = (what)                                \
	}
#define STATUSES(key, field, first, what)                                      \
	{                                                                      \
		.name = (key), .type = OPTION_STRING, AT(field),               \
		.fallback = (first), .check = value_is_status_set,             \
		.help = (what)                                                 \
	}
#define FILE_NAME(key, field, what)                                            \
	{                                                                      \
		.name = (key), .type = OPTION_PATH, AT(field), .help = (what)  \
	}
#define WORD(key, field, list, first, what)                                    \
	{                                                                      \
		.name = (key), .type = OPTION_WORD, AT(field),                 \
		.words = (list), .fallback = (first), .help = (what)           \
	}
#define SECONDS(key, field, first, least, most, what)                          \
	{                                                                      \
		.name = (key), .type = OPTION_DURATION, AT(field),             \
		.fallback = (first), .min = (least), .max = (most),            \
		.help = (what)                                                 \
	}
#define NUMBER(key, field, first, least, most, what)                           \
	{                                                                      \
		.name = (key), .type = OPTION_NUMBER, AT(field),               \
		.fallback = (first), .min = (least), .max = (most),            \
		.help = (what)                                                 \
	}

static const struct option sink_options[] = {
	{.name = "url",
	 .type = OPTION_STRING,
	 AT(url),
	 .required = true,
	 .check = value_is_sink_base,
	 .help = "where records are posted"},
	STRING("template", ready, NULL,
	       "a ready template, which gives the keys that are not here"),
	STRINGS("var", vars, value_is_var,
		"what ${var.NAME} stands for in templates: NAME VALUE"),
	STRING("post-url", post_url, value_is_sink_path,
	       "what is appended to url for the request with the record"),
	WORD("method", method, method_words, "POST", "how it is sent"),
	WORD("format", format, format_words, "cloudevents", "what is posted"),
	FILE_NAME("body-template", body_template,
		  "with format = template: the file that says what"),
	STRING("content-type", content_type, value_is_media_type,
	       "of what is posted; none: the format's"),
	WORD("frame", frame, frame_words, NULL,
	     "how several records stand in one request; none: the format's"),
	NUMBER("batch-max", batch_max, "1", 1, 10000,
	       "the most records of one request"),
	NUMBER("batch-bytes", batch_bytes, "1m", 1024, 64 << 20,
	       "the most bytes of one request with several records"),
	WORD("auth", auth, auth_words, "none", "how the courier logs in"),
	STRING("token-url", token_url, value_is_sink_url,
	       "with auth = oauth2: the whole URL that gives access tokens"),
	STRING("client-id", client_id, value_is_client_id,
	       "with auth = oauth2: who we are there"),
	STRING("scope", scope, value_is_scope,
	       "with auth = oauth2: what to ask a token for"),
	WORD("sign", sign, sign_words, "none", "how posts are signed"),
	FILE_NAME("secret-file", secret_file,
		  "the file with the secret of auth, headers, or sign"),
	FILE_NAME("sign-secret-file", sign_secret_file,
		  "the file with the key that signs, where there are both"),
	{.name = "sign-key-id",
	 .type = OPTION_STRING,
	 AT(sign_key_id),
	 .fallback = "gatepost",
	 .check = value_is_key_id,
	 .help = "with sign = rfc9421: what the receiver knows the key by"},
	FILE_NAME("ca-file", ca_file,
		  "whom to trust for this URL, in PEM; none: the system's"),
	FILE_NAME("client-cert", client_cert,
		  "the certificate that the courier shows, in PEM"),
	FILE_NAME("client-key", client_key,
		  "the private key of client-cert, in PEM"),
	STRINGS("pin", pins, value_is_pin,
		"a public key that the endpoint must have: sha256//BASE64"),
	STRINGS("header", headers, value_is_sink_header,
		"a header to send, `Name: value`"),
	STATUSES("ok-status", ok_status, "200-299",
		 "statuses that mean it was taken"),
	STRINGS("ok-json", ok_json, value_is_predicate,
		"what the answer must say besides"),
	STATUSES("duplicate-status", duplicate_status, NULL,
		 "statuses that mean it is there already"),
	STATUSES("permanent-status", permanent_status, "400,413,422",
		 "statuses that mean this record will never be taken"),
	STRING("id-json", id_json, value_is_pointer,
	       "where the answer has the ${remote-id}"),
	STRING("lookup-url", lookup_url, value_is_sink_path,
	       "asked whether it is there before it is sent again"),
	STRINGS("lookup-found", lookup_found, value_is_predicate,
		"what that answer says then"),
	STRING("lookup-id", lookup_id, value_is_pointer,
	       "where that answer has the ${remote-id}"),
	STRING("then-url", then.url, value_is_sink_path,
	       "a request that follows"),
	WORD("then-method", then.method, method_words, "POST",
	     "how that is sent"),
	FILE_NAME("then-template", then.template, "the file that says what"),
	STRINGS("then-ok-json", then_ok_json, value_is_predicate,
		"what its answer must say, asked again until it does"),
	SECONDS("then-within", then_within, "60s", 1, 3600,
		"how long to ask before all is sent again"),
	STRINGS("record", records, value_is_record_kind,
		"a kind of record to post; none given: all"),
	STRINGS("verdict", verdicts, value_is_verdict,
		"of decisions and what came of them, those with this verdict"),
	WORD("severity", severity, severity_words, NULL,
	     "records of at least this severity"),
	{.name = "gate",
	 .type = OPTION_GLOBS,
	 AT(gates),
	 .help = "of decisions, those that a gate of this name judged"},
	{.name = "repo",
	 .type = OPTION_GLOBS,
	 AT(repos),
	 .help = "records of these repositories, by name"},
	SECONDS("timeout", timeout, "30s", 1, 600,
		"the most time that one request may take"),
	WORD("per", per, per_words, "record",
	     "whether each record is posted, or a ticket kept for each change"),
	STRINGS("open", opens, value_is_opener,
		"what may open a ticket; none given: emergency"),
	STRING("ticket-pattern", ticket_pattern, value_is_ticket_pattern,
	       "extended regular expression for tickets of this system"),
	STRING("ticket-url", ticket_url, value_is_sink_path,
	       "asked whether the ticket that a change names exists"),
	STRINGS("ticket-found", ticket_found, value_is_predicate,
		"what that answer says then; none: an ok-status"),
	STRING("ticket-id", ticket_id, value_is_pointer,
	       "where that answer has its ${remote-id}; none: ${ticket}"),
	STRING("ticket-state", ticket_state, value_is_pointer,
	       "where that answer has the ticket's state"),
	STRINGS("ticket-approved", ticket_approved, value_is_predicate,
		"what that answer says of a ticket that is approved"),
	STRING("ticket-window-start", ticket_window_start, value_is_pointer,
	       "where that answer has the start of the change window"),
	STRING("ticket-window-end", ticket_window_end, value_is_pointer,
	       "where that answer has the end of the change window"),
	STRING("ticket-backout", ticket_backout, value_is_pointer,
	       "where that answer has the backout plan"),
	STRING("ticket-repository", ticket_repository, value_is_pointer,
	       "where that answer has the names of repositories"),
	STRING("comment-url", comment.url, value_is_sink_path,
	       "where a comment goes"),
	WORD("comment-method", comment.method, method_words, "POST",
	     "how that is sent"),
	FILE_NAME("comment-template", comment.template,
		  "the file that says what a comment is"),
	STRINGS("comment-ok-json", comment_ok_json, value_is_predicate,
		"what the answer to a comment must say"),
	STRING("comment-lookup-url", comment_lookup_url, value_is_sink_path,
	       "asked whether the ticket tells ${id} already"),
	STRINGS("comment-lookup-found", comment_lookup_found,
		value_is_predicate, "what that answer says then"),
	STRING("upload-url", upload_url, value_is_sink_path,
	       "where the proof of a record goes before its comment"),
	STRING("upload-type", upload_type, value_is_media_type,
	       "the media type of an upload"),
	STRING("upload-id", upload_id, value_is_pointer,
	       "where that answer has the ${upload-id}"),
};

_Static_assert(sizeof(sink_options) / sizeof(sink_options[0]) == SINK_N_OPTIONS,
	       "SINK_N_OPTIONS is not how many there are");

const struct policy_section_desc sink_section = SECTION_NAMED(
	"sink", sink_options, struct sink, sinks, nsinks, sinks_cap, name);

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_list(const struct option_list *a, const struct option_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static bool same_field(const struct option *o, const struct sink *a,
		       const struct sink *b)
{
	const char *x = (const char *)a + o->offset;
	const char *y = (const char *)b + o->offset;
	char *s, *t;

	switch (o->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		memcpy(&s, x, sizeof(s));
		memcpy(&t, y, sizeof(t));
		return same_text(s, t);
	case OPTION_STRINGS:
	case OPTION_GLOBS:
		return same_list((const void *)x, (const void *)y);
	case OPTION_WORD:
		return !memcmp(x, y, sizeof(int));
	default:
		return !memcmp(x, y, sizeof(int64_t));
	}
}

bool sink_is_same(const struct sink *a, const struct sink *b)
{
	for (size_t i = 0; i < SINK_N_OPTIONS; i++)
		if (!same_field(&sink_options[i], a, b))
			return false;
	return same_text(a->name, b->name);
}
