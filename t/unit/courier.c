/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/time.h"
#include "courier/answer.h"
#include "courier/backoff.h"
#include "courier/event.h"
#include "courier/headers.h"
#include "courier/http.h"
#include "courier/place.h"
#include "courier/progress.h"
#include "courier/wake.h"
#include "courier/webhook.h"
#include "ledger/ledger.h"
#include "sys/lock.h"

static char scratch[64];

static void make_scratch(void)
{
	strcpy(scratch, "/tmp/gatepost-courier-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static void remove_scratch(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", scratch);
	ck_assert_int_eq(system(command), 0);
}

static const char *in_scratch(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

static void expect(int rc, int code, const struct err *e, const char *word)
{
	ck_assert_msg(rc == code, "%d instead of %d: %s", rc, code, e->msg);
	ck_assert_msg(strstr(e->msg, word) != NULL, "no \"%s\" in: %s", word,
		      e->msg);
}

/* Signatures */

static void sign_as(const char *secrets, const char *id, int64_t when,
		    const char *body, struct buf *out)
{
	struct webhook_keys keys;
	struct err e;

	err_clear(&e);
	ck_assert_msg(!webhook_keys_parse(&keys, span_str(secrets), &e), "%s",
		      e.msg);
	ck_assert_msg(!webhook_sign(&keys, id, when, span_str(body), out, &e),
		      "%s", e.msg);
	webhook_keys_wipe(&keys);
	ck_assert_uint_eq(keys.n, 0);
}

#define PUBLISHED_SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define PUBLISHED_ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define PUBLISHED_BODY "{\"test\": 2432232314}"
#define PUBLISHED_SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

START_TEST(hmac_signature_matches_the_published_vector)
{
	struct buf out = BUF_INIT(WEBHOOK_MAX_HEADER);

	sign_as(PUBLISHED_SECRET "\n", PUBLISHED_ID, 1614265330, PUBLISHED_BODY,
		&out);
	ck_assert_str_eq(out.data, PUBLISHED_SIGNATURE);
	buf_release(&out);
}
END_TEST

/* Key and signature made with `openssl pkeyutl -sign -rawin`; the key is
 * that of RFC 8032, 7.1, test 1. */
START_TEST(ed25519_signature_matches_that_of_openssl)
{
	struct buf out = BUF_INIT(WEBHOOK_MAX_HEADER);

	sign_as("whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
		PUBLISHED_ID, 1614265330, PUBLISHED_BODY, &out);
	ck_assert_str_eq(out.data,
			 "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbz"
			 "EHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw==");
	buf_release(&out);
}
END_TEST

START_TEST(every_secret_signs_while_rotating)
{
	struct buf out = BUF_INIT(WEBHOOK_MAX_HEADER);

	sign_as("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " PUBLISHED_SECRET,
		PUBLISHED_ID, 1614265330, PUBLISHED_BODY, &out);
	ck_assert_msg(strstr(out.data, " " PUBLISHED_SIGNATURE) != NULL, "%s",
		      out.data);
	ck_assert_int_eq(strncmp(out.data, "v1,", 3), 0);
	buf_release(&out);
}
END_TEST

static const struct {
	const char *text, *word;
} bad_secrets[] = {
	{"", "no secret"},
	{" \n", "no secret"},
	{"hunter2", "begins with"},
	{"whsec_", "24 to 64"},
	{"whsec_AAAA", "24 to 64"},
	{"whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "24 to 64"},
	{"whsk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "32 or 64"},
	{PUBLISHED_SECRET " " PUBLISHED_SECRET " " PUBLISHED_SECRET
			  " " PUBLISHED_SECRET " " PUBLISHED_SECRET,
	 "more than 4"},
};

START_TEST(a_bad_secret_is_refused_without_quoting_it)
{
	struct webhook_keys keys;
	struct err e;
	const char *text = bad_secrets[_i].text;

	err_clear(&e);
	expect(webhook_keys_parse(&keys, span_str(text), &e), ERR_CONFIG, &e,
	       bad_secrets[_i].word);
	ck_assert_uint_eq(keys.n, 0);
	if (strlen(text) > 6)
		ck_assert_ptr_null(strstr(e.msg, text + 6));
}
END_TEST

static void write_secret(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, PUBLISHED_SECRET "\n", 39), 39);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

START_TEST(a_secret_that_others_can_read_is_refused)
{
	struct webhook_keys keys;
	struct err e;
	const char *path = in_scratch("secret");

	err_clear(&e);
	write_secret(path, 0600);
	ck_assert_msg(!webhook_keys_read(&keys, path, &e), "%s", e.msg);
	ck_assert_uint_eq(keys.n, 1);
	write_secret(path, 0644);
	ck_assert_int_eq(webhook_keys_read(&keys, path, &e), ERR_DENIED);
	ck_assert_uint_eq(keys.n, 0);
	ck_assert_ptr_null(strstr(e.msg, "MfKQ"));
}
END_TEST

/* Events */

#define ID "01934f6e-7b3a-7cc1-9d3f-0123456789ab"
#define RECORD                                                                 \
	"{\"kind\":\"decision\",\"id\":\"" ID                                  \
	"\",\"time\":\"2027-01-31T23:59:59.123Z\","                            \
	"\"repository\":\"payments/api\",\"persons\":[]}"

static yyjson_doc *render(const char *record, const char *origin,
			  struct buf *out)
{
	struct err e;
	yyjson_doc *doc;

	err_clear(&e);
	ck_assert_msg(!event_render(span_str(record), span_str("[]"), origin, 7,
				    out, &e),
		      "%s", e.msg);
	doc = yyjson_read(out->data, out->len, 0);
	ck_assert_msg(doc != NULL, "not JSON: %s", out->data);
	return doc;
}

static const char *text_of(yyjson_doc *doc, const char *name)
{
	const char *s =
		yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc), name));

	return s ? s : "(absent)";
}

START_TEST(an_event_has_what_cloudevents_asks_for)
{
	struct buf out = BUF_INIT(EVENT_MAX_BYTES);
	yyjson_doc *doc = render(RECORD, "git.example.com", &out);

	ck_assert_str_eq(text_of(doc, "specversion"), "1.0");
	ck_assert_str_eq(text_of(doc, "id"), ID);
	ck_assert_str_eq(text_of(doc, "source"), "/gatepost/git.example.com");
	ck_assert_str_eq(text_of(doc, "type"), "dev.gatepost.decision.v1");
	ck_assert_str_eq(text_of(doc, "subject"), "payments/api");
	ck_assert_str_eq(text_of(doc, "time"), "2027-01-31T23:59:59.123Z");
	ck_assert_str_eq(text_of(doc, "datacontenttype"), "application/json");
	ck_assert_str_eq(text_of(doc, "sequence"), "00000000000000000007");
	ck_assert(yyjson_is_obj(
		yyjson_obj_get(yyjson_doc_get_root(doc), "data")));
	yyjson_doc_free(doc);
	buf_release(&out);
}
END_TEST

START_TEST(an_event_is_the_same_bytes_every_time)
{
	struct buf a = BUF_INIT(EVENT_MAX_BYTES), b = BUF_INIT(EVENT_MAX_BYTES);

	yyjson_doc_free(render(RECORD, "h", &a));
	yyjson_doc_free(render(RECORD, "h", &b));
	ck_assert_str_eq(a.data, b.data);
	buf_release(&a);
	buf_release(&b);
}
END_TEST

START_TEST(an_origin_cannot_leave_its_place_in_the_source)
{
	struct buf out = BUF_INIT(EVENT_MAX_BYTES);
	yyjson_doc *doc = render(RECORD, "a/../b?c\"", &out);

	ck_assert_str_eq(text_of(doc, "source"), "/gatepost/a%2f..%2fb%3fc%22");
	yyjson_doc_free(doc);
	buf_release(&out);
}
END_TEST

START_TEST(hostile_names_stay_inside_their_json_string)
{
	static const char record[] =
		"{\"kind\":\"decision\",\"id\":\"" ID
		"\",\"repository\":\"a\\\",\\\"id\\\":\\\"b\\r\\nX: y\","
		"\"persons\":[]}";
	struct buf out = BUF_INIT(EVENT_MAX_BYTES);
	yyjson_doc *doc = render(record, "h", &out);

	ck_assert_str_eq(text_of(doc, "subject"), "a\",\"id\":\"b\r\nX: y");
	ck_assert_str_eq(text_of(doc, "id"), ID);
	ck_assert_ptr_null(strchr(out.data, '\n'));
	yyjson_doc_free(doc);
	buf_release(&out);
}
END_TEST

static const struct {
	const char *record, *word;
} bad_records[] = {
	{"", "not a JSON object"},
	{"[]", "not a JSON object"},
	{"{\"kind\":\"decision\"}", "no id"},
	{"{\"kind\":\"decision\",\"id\":\"x\\r\\nEvil: 1\"}", "no id"},
	{"{\"id\":\"" ID "\"}", "no kind"},
	{"{\"kind\":\"../x\",\"id\":\"" ID "\"}", "no kind"},
	{"{\"kind\":\"abcdefghijklmnopqrstuvwxyzabcdefghij\",\"id\":\"" ID
	 "\"}",
	 "no kind"},
};

START_TEST(what_is_no_record_makes_no_event)
{
	struct buf out = BUF_INIT(EVENT_MAX_BYTES);
	struct event_head head;
	struct err e;
	struct span json = span_str(bad_records[_i].record);

	err_clear(&e);
	expect(event_render(json, span_str("[]"), "h", 0, &out, &e),
	       ERR_MALFORMED, &e, bad_records[_i].word);
	expect(event_read_head(json, &head, &e), ERR_MALFORMED, &e,
	       bad_records[_i].word);
	buf_release(&out);
}
END_TEST

/* Retrying */

START_TEST(waits_double_up_to_a_quarter_of_an_hour_for_ever)
{
	int64_t whole = BACKOFF_FIRST_MS;

	for (uint64_t attempts = 1; attempts < 100; attempts++) {
		ck_assert_int_eq(backoff_ms(attempts, 0, 0), whole / 2);
		for (uint32_t random = 1; random < 1000; random += 37) {
			int64_t ms = backoff_ms(attempts, random, 0);

			ck_assert_int_ge(ms, whole / 2);
			ck_assert_int_le(ms, whole);
		}
		whole = whole * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : whole * 2;
	}
	ck_assert_int_eq(whole, 900000);
	ck_assert_int_le(backoff_ms(UINT64_MAX, 12345, 0), BACKOFF_MAX_MS);
}
END_TEST

START_TEST(retry_after_is_honoured_within_bounds)
{
	ck_assert_int_eq(backoff_ms(1, 0, 120), 120000);
	ck_assert_int_eq(backoff_ms(1, 0, INT64_MAX / 2), BACKOFF_MAX_MS);
	ck_assert_int_eq(backoff_ms(20, 0, 1), BACKOFF_MAX_MS / 2);
}
END_TEST

START_TEST(statuses_mean_what_the_specification_says)
{
	for (long s = 200; s < 300; s++)
		ck_assert_int_eq(answer_of(s, 1), ANSWER_DELIVERED);
	for (long s = 300; s < 400; s++)
		ck_assert_int_eq(answer_of(s, 1000), ANSWER_RETRY);
	ck_assert_int_eq(answer_of(0, 1000), ANSWER_RETRY);
	ck_assert_int_eq(answer_of(-1, 1000), ANSWER_RETRY);
	ck_assert_int_eq(answer_of(600, 1000), ANSWER_RETRY);
	ck_assert_int_eq(answer_of(422, 1), ANSWER_SUSPECT);
	ck_assert_int_eq(answer_of(403, 1), ANSWER_RETRY);
	ck_assert_int_eq(answer_of(403, SUSPECT_OTHER), ANSWER_SUSPECT);
	ck_assert_int_eq(answer_of(500, SUSPECT_OTHER), ANSWER_RETRY);
	ck_assert_int_eq(answer_of(500, SUSPECT_BROKEN), ANSWER_SUSPECT);
}
END_TEST

START_TEST(no_record_is_blamed_for_credentials_or_load)
{
	static const long statuses[] = {401, 407, 408, 425, 429, 502, 503, 504};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		ck_assert_int_eq(answer_of(statuses[i], 1000), ANSWER_RETRY);
}
END_TEST

/* What goes on the wire */

static const struct {
	const char *url, *word;
} bad_urls[] = {
	{"http://example.com/", "https://"},
	{"http://127.0.0.1.example.com/", "https://"},
	{"http://localhost.example.com/", "https://"},
	{"http://[::2]/", "https://"},
	{"http://128.0.0.1/", "https://"},
	{"ftp://127.0.0.1/", "https://"},
	{"file:///etc/passwd", ""},
	{"https://user:hunter2@example.com/", "no user"},
	{"https://user@example.com/", "no user"},
	{"https://", "cannot be read"},
	{"https://exa mple.com/", "cannot be read"},
	{"https://example.com/\r\nX: y", "cannot be read"},
	{"", "cannot be read"},
};

START_TEST(a_url_off_https_is_refused)
{
	struct err e;

	err_clear(&e);
	expect(http_check_url(bad_urls[_i].url, false, &e), ERR_CONFIG, &e,
	       bad_urls[_i].word);
	ck_assert_ptr_null(strstr(e.msg, "hunter2"));
}
END_TEST

START_TEST(https_and_http_to_loopback_are_taken)
{
	static const char *const good[] = {
		"https://example.com/hooks", "https://example.com:8443/",
		"http://127.0.0.1:8080/x",   "http://127.9.9.9/",
		"http://localhost/",	     "http://[::1]:80/",
		"HTTPS://EXAMPLE.COM/"};
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		err_clear(&e);
		ck_assert_msg(!http_check_url(good[i], false, &e), "%s: %s",
			      good[i], e.msg);
	}
}
END_TEST

static const struct {
	const char *item, *word;
} bad_headers[] = {
	{"X-Key: a\r\nX-Other: b", "not printable"},
	{"X-Key: a\nb", "not printable"},
	{"X-Key: \x80", "not printable"},
	{"X-Key: \x7f", "not printable"},
	{"X-Key", "Name: value"},
	{": value", "needs a name"},
	{"X Key: value", "name has a byte"},
	{"X-Key\r\n: value", "name has a byte"},
	{"Content-Length: 0", "gatepost alone"},
	{"TRANSFER-ENCODING: chunked", "gatepost alone"},
	{"host: other.example", "gatepost alone"},
	{"Webhook-Signature: v1,x", "gatepost alone"},
};

START_TEST(a_header_that_injects_or_reframes_is_refused)
{
	struct err e;

	err_clear(&e);
	expect(header_check(bad_headers[_i].item, &e), ERR_CONFIG, &e,
	       bad_headers[_i].word);
}
END_TEST

START_TEST(plain_headers_are_taken)
{
	struct err e;

	err_clear(&e);
	ck_assert_int_eq(header_check("Authorization: Bearer a.b-c=", &e), 0);
	ck_assert_int_eq(header_check("X-Empty:", &e), 0);
}
END_TEST

/* Delivery state */

START_TEST(no_sinks_name_leaves_the_cursors_folder)
{
	char path[FILE_MAX_PATH], other[FILE_MAX_PATH], name[1000];
	struct err e;

	ck_assert_int_eq(place_file("/l", "grc", ".json", path, &e), 0);
	ck_assert_str_eq(path, "/l/cursors/grc.json");
	ck_assert_int_eq(place_file("/l", "../x/\xff", ".json", path, &e), 0);
	ck_assert_str_eq(path, "/l/cursors/%2e%2e%2fx%2f%ff.json");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	ck_assert_int_eq(place_file("/l", name, ".json", path, &e), 0);
	name[0] = 'b';
	ck_assert_int_eq(place_file("/l", name, ".json", other, &e), 0);
	ck_assert_str_ne(path, other);
	ck_assert_uint_lt(strlen(path), 100);
}
END_TEST

START_TEST(progress_comes_back_as_it_was_saved)
{
	struct progress p = {.next = UINT64_MAX,
			     .attempts = 3,
			     .next_attempt = 1,
			     .sent = 4,
			     .retried = 5,
			     .parked = 6,
			     .last_success = INT64_MAX,
			     .proven = true,
			     .last_index = 7,
			     .parked_id = ID,
			     .parked_status = 422};
	struct progress q;
	struct err e;
	int fd;

	progress_fail(&p, 9, 503, "off \x1b[31m \xff \"quoted\"");
	ck_assert_str_eq(p.error, "off ?[31m ? \"quoted\"");
	ck_assert_int_eq(p.failing_since, 9);
	ck_assert_msg(!place_lock(scratch, "s", &fd, &e), "%s", e.msg);
	ck_assert_msg(!progress_save(&p, scratch, "s", &e), "%s", e.msg);
	ck_assert_msg(!progress_load(&q, scratch, "s", &e), "%s", e.msg);
	ck_assert_uint_eq(q.next, UINT64_MAX);
	ck_assert_uint_eq(q.attempts, 3);
	ck_assert_uint_eq(q.sent + q.retried + q.parked, 15);
	ck_assert_int_eq(q.last_success, INT64_MAX);
	ck_assert(q.proven);
	ck_assert_uint_eq(q.last_index, 7);
	ck_assert_int_eq(q.error_status, 503);
	ck_assert_str_eq(q.error, p.error);
	ck_assert_str_eq(q.parked_id, ID);
	ck_assert_int_eq(q.parked_status, 422);
	lock_release(&fd);
}
END_TEST

START_TEST(a_sink_never_seen_starts_at_the_first_record)
{
	struct progress p;
	struct err e;

	ck_assert_int_eq(progress_load(&p, scratch, "new", &e), 0);
	ck_assert_uint_eq(p.next, 0);
	ck_assert(!p.proven);
}
END_TEST

static void save_text(const char *text)
{
	struct err e;
	int fd;

	ck_assert_int_eq(place_lock(scratch, "s", &fd, &e), 0);
	lock_release(&fd);
	ck_assert_int_eq(file_write(in_scratch("cursors/s.json"), text,
				    strlen(text), 0600, &e),
			 0);
}

START_TEST(a_damaged_cursor_is_an_error_and_no_new_start)
{
	struct progress p;
	struct err e;

	err_clear(&e);
	save_text("{\"format\":1,\"next\":12");
	expect(progress_load(&p, scratch, "s", &e), ERR_MALFORMED, &e,
	       "not a delivery cursor");
	save_text("");
	expect(progress_load(&p, scratch, "s", &e), ERR_MALFORMED, &e,
	       "not a delivery cursor");
	save_text("{\"format\":2}");
	expect(progress_load(&p, scratch, "s", &e), ERR_CONFIG, &e,
	       "newer gatepost");
}
END_TEST

START_TEST(a_sink_has_one_drainer_and_lookers_do_not_disturb)
{
	struct err e;
	int fd, other;

	err_clear(&e);
	ck_assert(!place_is_drained(scratch, "s"));
	ck_assert_int_eq(place_lock(scratch, "s", &fd, &e), 0);
	ck_assert(place_is_drained(scratch, "s"));
	ck_assert(!place_is_drained(scratch, "t"));
	ck_assert_int_eq(place_lock(scratch, "s", &other, &e), ERR_TIMEOUT);
	lock_release(&fd);
	ck_assert(!place_is_drained(scratch, "s"));
	ck_assert_int_eq(place_lock(scratch, "s", &fd, &e), 0);
	lock_release(&fd);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("courier");
	TCase *t = tcase_create("pure");
	TCase *f = tcase_create("files");

#define COUNT(a) (int)(sizeof(a) / sizeof(*(a)))
	tcase_add_test(t, hmac_signature_matches_the_published_vector);
	tcase_add_test(t, ed25519_signature_matches_that_of_openssl);
	tcase_add_test(t, every_secret_signs_while_rotating);
	tcase_add_loop_test(t, a_bad_secret_is_refused_without_quoting_it, 0,
			    COUNT(bad_secrets));
	tcase_add_test(t, an_event_has_what_cloudevents_asks_for);
	tcase_add_test(t, an_event_is_the_same_bytes_every_time);
	tcase_add_test(t, an_origin_cannot_leave_its_place_in_the_source);
	tcase_add_test(t, hostile_names_stay_inside_their_json_string);
	tcase_add_loop_test(t, what_is_no_record_makes_no_event, 0,
			    COUNT(bad_records));
	tcase_add_test(t, waits_double_up_to_a_quarter_of_an_hour_for_ever);
	tcase_add_test(t, retry_after_is_honoured_within_bounds);
	tcase_add_test(t, statuses_mean_what_the_specification_says);
	tcase_add_test(t, no_record_is_blamed_for_credentials_or_load);
	tcase_add_loop_test(t, a_url_off_https_is_refused, 0, COUNT(bad_urls));
	tcase_add_test(t, https_and_http_to_loopback_are_taken);
	tcase_add_loop_test(t, a_header_that_injects_or_reframes_is_refused, 0,
			    COUNT(bad_headers));
	tcase_add_test(t, plain_headers_are_taken);
	tcase_add_test(t, no_sinks_name_leaves_the_cursors_folder);
	tcase_add_checked_fixture(f, make_scratch, remove_scratch);
	tcase_add_test(f, a_secret_that_others_can_read_is_refused);
	tcase_add_test(f, progress_comes_back_as_it_was_saved);
	tcase_add_test(f, a_sink_never_seen_starts_at_the_first_record);
	tcase_add_test(f, a_damaged_cursor_is_an_error_and_no_new_start);
	tcase_add_test(f, a_sink_has_one_drainer_and_lookers_do_not_disturb);
	suite_add_tcase(s, t);
	suite_add_tcase(s, f);
	return s;
}

/* For the tests in shell: `append DIR ORIGIN` makes the ledger where it is
 * missing and appends the records on standard input, one a line. */
static int append_lines(const char *dir, const char *origin)
{
	static char line[LEDGER_MAX_RECORD + LEDGER_MAX_PERSONS + 3];
	struct ledger *l = NULL;
	struct err e;
	uint64_t index;

	err_clear(&e);
	if (!file_exists(dir) && ledger_create(dir, origin, &e))
		return fprintf(stderr, "%s\n", e.msg), 2;
	if (ledger_open(&l, dir, LEDGER_APPEND, &e))
		return fprintf(stderr, "%s\n", e.msg), 2;
	while (fgets(line, sizeof(line), stdin)) {
		size_t n = strcspn(line, "\t\n");
		const char *behind = line + n + (line[n] == '\t');
		struct ledger_entry entry = {
			.json = span_of(line, n),
			.persons =
				line[n] == '\t'
					? span_of(behind, strcspn(behind, "\n"))
					: span_str("[]")};

		if (ledger_append(l, &entry, &index, &e))
			return fprintf(stderr, "%s\n", e.msg), 2;
	}
	ledger_close(l);
	return 0;
}

/* `wake POLICY COURIER` does what a hook does and prints the microseconds
 * that it took. */
static int wake(const char *path, const char *courier)
{
	struct policy *policy = NULL;
	struct err e;
	int64_t start;

	err_clear(&e);
	if (policy_load(&policy, path, NULL, 0, POLICY_SHALLOW, NULL, &e))
		return fprintf(stderr, "%s\n", e.msg), 2;
	start = time_mono_us();
	courier_wake(policy, courier);
	printf("%lld\n", (long long)(time_mono_us() - start));
	policy_free(policy);
	return 0;
}

int main(int argc, char **argv)
{
	SRunner *r;
	int failed;

	if (argc == 4 && !strcmp(argv[1], "append"))
		return append_lines(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "wake"))
		return wake(argv[2], argv[3]);
	r = srunner_create(suite());
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
