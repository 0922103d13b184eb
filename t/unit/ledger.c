/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/wait.h>

#include "base/encode.h"
#include "ledger/accepted.h"
#include "ledger/persons.h"
#include "ledger_help.h"

/* ------------------------------------------------------ create and open */

START_TEST(a_new_ledger_opens_is_empty_and_has_its_origin)
{
	struct place p;
	struct ledger *l;
	uint64_t n = 7;

	place_make(&p);
	l = place_open(&p, LEDGER_READ);
	ck_assert_str_eq(ledger_origin(l), "host.example");
	ck_assert_int_eq(ledger_size(l, &n, &p.e), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(count_with(l, ""), 0);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(create_refuses_what_is_not_empty_and_bad_names)
{
	struct place p;

	place_make(&p);
	ck_assert_int_eq(ledger_create(p.dir, "host", &p.e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "already"));
	ck_assert_int_eq(ledger_create(p.top, "host", &p.e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "not empty"));
	ck_assert_int_eq(ledger_create(p.top, "a b", &p.e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "blanks"));
	place_remove(&p);
}
END_TEST

START_TEST(open_says_how_to_make_a_missing_ledger)
{
	struct ledger *l;
	struct err e;

	ck_assert_int_eq(ledger_open(&l, "/nonexistent/x", LEDGER_READ, &e),
			 ERR_NOT_FOUND);
	ck_assert_ptr_null(l);
	ck_assert_ptr_nonnull(
		strstr(e.msg, "gatepost ledger init /nonexistent/x"));
	ck_assert_int_eq(ledger_open(&l, "/", LEDGER_APPEND, &e),
			 ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "gatepost ledger init"));
}
END_TEST

START_TEST(open_refuses_a_directory_that_all_may_write)
{
	struct place p;
	struct ledger *l;

	place_make(&p);
	ck_assert_int_eq(chmod(p.dir, 0777), 0);
	ck_assert_int_eq(ledger_open(&l, p.dir, LEDGER_READ, &p.e), ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "everybody"));
	place_remove(&p);
}
END_TEST

START_TEST(open_refuses_a_newer_format)
{
	struct place p;
	struct ledger *l;
	int fd;

	place_make(&p);
	fd = open_file(&p, "format");
	ck_assert_int_eq(pwrite(fd, "gatepost-ledger 9", 17, 0), 17);
	close(fd);
	ck_assert_int_eq(ledger_open(&l, p.dir, LEDGER_READ, &p.e), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "newer"));
	place_remove(&p);
}
END_TEST

START_TEST(open_tells_a_user_who_may_not_write_what_to_do)
{
	struct place p;
	struct ledger *l;
	pid_t pid;
	int status;

	if (geteuid() != 0)
		return; /* nobody else to be */
	place_make(&p);
	ck_assert_int_eq(chmod(p.top, 0755), 0);
	ck_assert_int_eq(chmod(p.dir, 0755), 0);
	pid = fork();
	if (pid == 0) {
		char path[512];

		snprintf(path, sizeof(path), "%s/format", p.dir);
		chmod(path, 0644);
		if (setgid(65534) || setuid(65534))
			_exit(1);
		if (ledger_open(&l, p.dir, LEDGER_APPEND, &p.e) != ERR_DENIED)
			_exit(2);
		_exit(strstr(p.e.msg, "chown -R") ? 0 : 3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	place_remove(&p);
}
END_TEST

START_TEST(files_get_the_group_rights_of_the_directory_not_the_umask)
{
	struct place p;
	struct ledger *l;
	struct stat st;
	char path[512], hex[SHA256_HEX_SIZE];
	mode_t old;

	place_make(&p);
	ck_assert_int_eq(chmod(p.dir, 02770), 0);
	old = umask(077);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(ledger_evidence_put(l, span_str("text"), hex, &p.e),
			 0);
	umask(old);
	snprintf(path, sizeof(path), "%s/evidence/%.2s", p.dir, hex);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0770);
	snprintf(path, sizeof(path), "%s/evidence/%.2s/%s.z", p.dir, hex,
		 hex + 2);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0440);
	snprintf(path, sizeof(path), "%s/locks/append", p.dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* ------------------------------------------------------ append and read */

START_TEST(records_come_back_in_order_from_any_number)
{
	struct place p;
	struct ledger *l;
	struct ledger_reader *r;
	struct ledger_item item;
	long i;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	for (i = 0; i < 3000; i++)
		ck_assert_uint_eq(append_one(l, i), (uint64_t)i);
	for (i = 0; i < 3000; i += 271) {
		char want[32];

		snprintf(want, sizeof(want), "\"n\":%ld,", i);
		ck_assert_int_eq(ledger_reader_new(&r, l, (uint64_t)i, &p.e),
				 0);
		ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 1);
		ck_assert_uint_eq(item.index, (uint64_t)i);
		ck_assert(item_has(&item, want));
		ledger_reader_free(r);
	}
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 3000);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_reader_sees_what_is_appended_later)
{
	struct place p;
	struct ledger *l, *reading;
	struct ledger_reader *r;
	struct ledger_item item;

	place_make(&p);
	reading = place_open(&p, LEDGER_READ);
	ck_assert_int_eq(ledger_reader_new(&r, reading, 0, &p.e), 0);
	ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 0);
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 1);
	ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 1);
	ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 0);
	append_one(l, 2);
	ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 1);
	ck_assert_uint_eq(item.index, 1);
	ledger_reader_free(r);
	ledger_close(reading);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

static int append_text(struct ledger *l, const char *json, const char *persons,
		       struct err *e)
{
	struct ledger_entry entry = {span_str(json), span_str(persons)};
	uint64_t index;

	return ledger_append(l, &entry, &index, e);
}

#define ID "\"id\":\"01934f00-0000-7000-8000-000000000000\""

START_TEST(append_refuses_what_is_no_record)
{
	static const struct {
		const char *json, *persons;
		int code;
		const char *word;
	} bad[] = {
		{"{" ID ",\"kind\":\"x\"}\n", "[]", ERR_USAGE, "one line"},
		{"{" ID ",\"kind\":\"x\"", "[]", ERR_MALFORMED, "JSON"},
		{"{" ID ",\"kind\":\"\xff\"}", "[]", ERR_MALFORMED, "JSON"},
		{"[1]", "[]", ERR_USAGE, "object"},
		{"{\"id\":\"x\",\"kind\":\"x\"}", "[]", ERR_USAGE, "UUID"},
		{"{" ID "}", "[]", ERR_USAGE, "kind"},
		{"{" ID ",\"kind\":\"x\"}", "[{}]", ERR_MALFORMED, "persons"},
		{"{" ID ",\"kind\":\"x\"}", "[", ERR_MALFORMED, "JSON"},
		{"{" ID ",\"kind\":\"x\",\"persons\":[\"sha256:0\"]}",
		 "[{\"login\":\"a\"}]", ERR_MALFORMED, "person 0"},
	};
	struct place p;
	struct ledger *l;
	size_t i;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(
			append_text(l, bad[i].json, bad[i].persons, &p.e),
			bad[i].code);
		ck_assert_msg(strstr(p.e.msg, bad[i].word) != NULL, "%s",
			      p.e.msg);
	}
	ck_assert_uint_eq(count_with(l, ""), 0);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(the_longest_record_fits_and_one_byte_more_does_not)
{
	struct place p;
	struct ledger *l;
	char id[UUID_TEXT_SIZE];
	uint64_t index;
	size_t pad = 65000;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	while (append_sized(l, 1, pad, id, &index, &p.e) == 0)
		pad++;
	ck_assert_int_eq(p.e.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "of 65536 bytes"));
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), pad - 65000);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(find_takes_ids_and_beginnings_of_ids)
{
	struct place p;
	struct ledger *l;
	struct buf json = BUF_INIT(1 << 17), persons = BUF_INIT(1 << 17);
	char id[UUID_TEXT_SIZE], wanted[UUID_TEXT_SIZE] = "";
	uint64_t index;
	long i;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	for (i = 0; i < 2000; i++) {
		ck_assert_int_eq(append_sized(l, i, 300, id, &index, &p.e), 0);
		if (i == 1234)
			memcpy(wanted, id, sizeof(id));
	}
	ck_assert_int_eq(ledger_find(l, wanted, &json, &persons, &index, &p.e),
			 0);
	ck_assert_uint_eq(index, 1234);
	ck_assert_ptr_nonnull(strstr(json.data, wanted));
	ck_assert_str_eq(persons.data, "[]");
	wanted[30] = '\0';
	ck_assert_int_eq(ledger_find(l, wanted, &json, &persons, &index, &p.e),
			 0);
	ck_assert_uint_eq(index, 1234);
	wanted[6] = '\0';
	ck_assert_int_eq(ledger_find(l, wanted, &json, &persons, &index, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "2000 records"));
	wanted[5] = '\0';
	ck_assert_int_eq(ledger_find(l, wanted, &json, &persons, &index, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "at least"));
	ck_assert_int_eq(ledger_find(l, "00000000-0000-7000", &json, &persons,
				     &index, &p.e),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(
		ledger_find(l, "not-an-id", &json, &persons, &index, &p.e),
		ERR_USAGE);
	buf_release(&json);
	buf_release(&persons);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(find_survives_a_clock_that_jumped)
{
	struct place p;
	struct ledger *l;
	struct buf json = BUF_INIT(1 << 17), persons = BUF_INIT(1 << 17);
	uint64_t index;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 0);
	ck_assert_int_eq(
		append_text(l, "{" ID ",\"kind\":\"old\"}", "[]", &p.e), 0);
	append_one(l, 2);
	ck_assert_int_eq(
		ledger_find(l, "01934f00-0", &json, &persons, &index, &p.e), 0);
	ck_assert_uint_eq(index, 1);
	buf_release(&json);
	buf_release(&persons);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* -------------------------------------------------------------- evidence */

START_TEST(evidence_comes_back_and_is_stored_once)
{
	struct place p;
	struct ledger *l;
	struct buf out = BUF_INIT(LEDGER_MAX_EVIDENCE);
	char hex[SHA256_HEX_SIZE], again[SHA256_HEX_SIZE];
	static char bytes[300000];

	place_make(&p);
	memset(bytes, 'a', sizeof(bytes));
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(ledger_evidence_put(l, span_of(bytes, sizeof(bytes)),
					     hex, &p.e),
			 0);
	ck_assert_int_eq(ledger_evidence_put(l, span_of(bytes, sizeof(bytes)),
					     again, &p.e),
			 0);
	ck_assert_str_eq(hex, again);
	ck_assert(ledger_evidence_has(l, hex));
	ck_assert_int_eq(ledger_evidence_get(l, hex, &out, &p.e), 0);
	ck_assert_uint_eq(out.len, sizeof(bytes));
	ck_assert_int_eq(memcmp(out.data, bytes, sizeof(bytes)), 0);
	buf_clear(&out);
	ck_assert_int_eq(ledger_evidence_put(l, span_of("", 0), hex, &p.e), 0);
	ck_assert_int_eq(ledger_evidence_get(l, hex, &out, &p.e), 0);
	ck_assert_uint_eq(out.len, 0);
	buf_release(&out);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(evidence_that_was_changed_cut_or_removed_is_told)
{
	struct place p;
	struct ledger *l;
	struct buf out = BUF_INIT(LEDGER_MAX_EVIDENCE);
	char hex[SHA256_HEX_SIZE], other[SHA256_HEX_SIZE], path[512];
	char there[512];

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(ledger_evidence_put(l, span_str("one"), hex, &p.e), 0);
	ck_assert_int_eq(ledger_evidence_put(l, span_str("two"), other, &p.e),
			 0);
	snprintf(path, sizeof(path), "%s/evidence/%.2s/%s.z", p.dir, hex,
		 hex + 2);
	snprintf(there, sizeof(there), "%s/evidence/%.2s/%s.z", p.dir, other,
		 other + 2);
	ck_assert_int_eq(rename(there, path), 0);
	ck_assert_int_eq(ledger_evidence_get(l, hex, &out, &p.e),
			 ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "another digest"));
	ck_assert_int_eq(truncate(path, 5), 0);
	ck_assert_int_eq(ledger_evidence_get(l, hex, &out, &p.e),
			 ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "zlib"));
	ck_assert_int_eq(ledger_evidence_get(l, other, &out, &p.e),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(ledger_evidence_get(l, "../../x", &out, &p.e),
			 ERR_USAGE);
	ck_assert_uint_eq(out.len, 0);
	buf_release(&out);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* --------------------------------------------------------------- persons */

static struct person person(const char *name, const char *login)
{
	struct person who = {0};

	who.name = span_str(name);
	who.login = span_str(login);
	return who;
}

START_TEST(equal_persons_share_a_number_and_digests_match)
{
	struct persons *p;
	struct person a = person("Alice \"A\" \\", "alice"),
		      b = person("B\xc3\xb6rn, {]", "b");
	struct buf line = BUF_INIT(1 << 16), digests = BUF_INIT(1 << 16);
	struct buf record = BUF_INIT(1 << 16), joined = BUF_INIT(1 << 16);
	struct err e = {0};
	size_t n;

	ck_assert_int_eq(persons_new(&p, &e), 0);
	ck_assert_int_eq(persons_add(p, &a, &n, &e), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(persons_add(p, &b, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(persons_add(p, &a, &n, &e), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(persons_lines(p, &line, &digests, &e), 0);
	buf_addf(&record,
		 "{\"persons\":%s,\"pusher\":{\"person\":0,\"roles\":[]},"
		 "\"authors\":[{\"people\":[1,0]}]}",
		 digests.data);
	ck_assert_msg(
		!persons_check(span_str(record.data), span_str(line.data), &e),
		"%s", e.msg);
	ck_assert_int_eq(persons_join(span_str(record.data),
				      span_str(line.data), &joined, &e),
			 0);
	ck_assert_ptr_nonnull(strstr(joined.data,
				     "\"pusher\":{\"person\":{\"name\":\"Alice "
				     "\\\"A\\\" \\\\\",\"login\":\"alice\"}"));
	ck_assert_ptr_nonnull(
		strstr(joined.data, "\"people\":[{\"name\":\"B\xc3\xb6rn, {]"));
	ck_assert_ptr_null(strstr(joined.data, "salt"));
	/* one byte of a name */
	strstr(line.data, "Alice")[0] = 'E';
	ck_assert_int_eq(
		persons_check(span_str(record.data), span_str(line.data), &e),
		ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "person 0"));
	buf_release(&line);
	buf_release(&digests);
	buf_release(&record);
	buf_release(&joined);
	persons_free(p);
}
END_TEST

START_TEST(an_erased_person_matches_and_is_shown_as_erased)
{
	const char *record = "{\"persons\":[\"sha256:00\"],\"by\":"
			     "{\"person\":0}}";
	struct buf joined = BUF_INIT(1 << 16);
	struct err e = {0};

	ck_assert_int_eq(
		persons_check(span_str(record), span_str("[null]"), &e), 0);
	ck_assert_int_eq(
		persons_join(span_str(record), span_str("[null]"), &joined, &e),
		0);
	ck_assert_ptr_nonnull(
		strstr(joined.data, "\"by\":{\"person\":{\"erased\":true}}"));
	ck_assert_int_eq(
		persons_join(span_str(record), span_str("[]"), &joined, &e),
		ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "person"));
	buf_release(&joined);
}
END_TEST

START_TEST(persons_refuse_bytes_that_are_not_utf8_and_too_long_ones)
{
	struct persons *p;
	struct person bad = person("\xff", "");
	struct err e = {0};
	static char name[PERSON_MAX_FIELD + 2];
	size_t n;

	ck_assert_int_eq(persons_new(&p, &e), 0);
	ck_assert_int_eq(persons_add(p, &bad, &n, &e), ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "name is not UTF-8"));
	memset(name, 'n', sizeof(name) - 1);
	bad = person("", name);
	ck_assert_int_eq(persons_add(p, &bad, &n, &e), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "login"));
	persons_free(p);
}
END_TEST

#define TWO                                                                    \
	"[{\"salt\":\"00\",\"name\":\"A\"},{\"salt\":\"11\",\"login\":\"b\"}]"

/* What stands for a person, and what only looks like it; written as gatepost
 * writes, and otherwise. */
static const struct {
	const char *record, *line, *joined;
} joins[] = {
	{"{\"by\":{\"person\":1},\"n\":2}", TWO,
	 "{\"by\":{\"person\":{\"login\":\"b\"}},\"n\":2}"},
	{"{\"people\":[0,1,0],\"x\":1}", TWO,
	 "{\"people\":[{\"name\":\"A\"},{\"login\":\"b\"},{\"name\":\"A\"}],"
	 "\"x\":1}"},
	{"{\"people\":[],\"person\":{\"person\":0}}", TWO,
	 "{\"people\":[],\"person\":{\"person\":{\"name\":\"A\"}}}"},
	{"{\"person\":\"0\",\"people\":{\"a\":0}}", TWO,
	 "{\"person\":\"0\",\"people\":{\"a\":0}}"},
	{"{\"a\":\"person\",\"b\":[\"people\",\"person\",\"person\"]}", TWO,
	 "{\"a\":\"person\",\"b\":[\"people\",\"person\",\"person\"]}"},
	{"{\"a\":\",\\\"person\\\":0\",\"b\":\"{\\\"people\\\":[0]\"}", TWO,
	 "{\"a\":\",\\\"person\\\":0\",\"b\":\"{\\\"people\\\":[0]\"}"},
	{"{\"a\":\"\\\"person\",\"\\\"person\":0}", TWO,
	 "{\"a\":\"\\\"person\",\"\\\"person\":0}"},
	{"{\"person\":0,\"p\":\"p\",\"persons\":[\"p\"]}", TWO,
	 "{\"person\":{\"name\":\"A\"},\"p\":\"p\",\"persons\":[\"p\"]}"},
	{"{ \"person\" : 0 , \"people\" : [ 1 , 0 ] }", TWO,
	 "{\"person\":{\"name\":\"A\"},\"people\":[{\"login\":\"b\"},"
	 "{\"name\":\"A\"}]}"},
	{"{\"person\": 0}", TWO, "{\"person\":{\"name\":\"A\"}}"},
	{"{\"person\":0}", "[{\"name\":\"A\",\"salt\":\"00\"}]",
	 "{\"person\":{\"name\":\"A\"}}"},
	{"{\"person\":0}", "[{\"salt\":\"0\\\"\",\"name\":\"salt\"}]",
	 "{\"person\":{\"name\":\"salt\"}}"},
	{"{\"person\":0,\"people\":[0]}", "[null]",
	 "{\"person\":{\"erased\":true},\"people\":[{\"erased\":true}]}"},
	/* no such person */
	{"{\"person\":2}", TWO, NULL},
	{"{\"person\":-1}", TWO, NULL},
	{"{\"person\":0.5}", TWO, NULL},
	{"{\"person\":18446744073709551616}", TWO, NULL},
	{"{\"people\":[0,2]}", TWO, NULL},
	{"{\"people\":[\"0\"]}", TWO, NULL},
	{"{\"people\":[0,null]}", TWO, NULL},
	{"{\"person\":0}", "[]", NULL},
};

START_TEST(join_finds_persons_where_they_are_and_nowhere_else)
{
	struct buf out = BUF_INIT(1 << 16);
	struct err e = {0};
	int rc = persons_join(span_str(joins[_i].record),
			      span_str(joins[_i].line), &out, &e);

	if (joins[_i].joined) {
		ck_assert_msg(!rc, "%s", e.msg);
		ck_assert_str_eq(out.data, joins[_i].joined);
	} else {
		ck_assert_int_eq(rc, ERR_MALFORMED);
		ck_assert_ptr_nonnull(strstr(e.msg, "names a person"));
	}
	buf_release(&out);
}
END_TEST

START_TEST(join_stops_at_the_most_that_may_come_out)
{
	struct buf out = BUF_INIT(24);
	struct err e = {0};

	ck_assert_int_eq(persons_join(span_str(joins[0].record),
				      span_str(joins[0].line), &out, &e),
			 ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "too long"));
	buf_release(&out);
}
END_TEST

START_TEST(join_refuses_nesting_that_would_eat_the_stack)
{
	struct buf deep = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct err e = {0};
	int i;

	buf_adds(&deep, "{\"a\":");
	for (i = 0; i < 20000; i++)
		buf_addch(&deep, '[');
	for (i = 0; i < 20000; i++)
		buf_addch(&deep, ']');
	buf_addch(&deep, '}');
	ck_assert_int_eq(
		persons_join(span_str(deep.data), span_str("[]"), &out, &e),
		ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "deep"));
	buf_release(&deep);
	buf_release(&out);
}
END_TEST

/* -------------------------------------------------------------- accepted */

#define OLD "0000000000000000000000000000000000000000"
#define NEW "1111111111111111111111111111111111111111"
#define RECORD "01934f00-0000-7000-8000-000000000000"

START_TEST(an_acceptance_holds_for_its_push_repository_ref_and_values)
{
	struct place p;
	struct ledger *l;
	struct accepted_key k, other;
	struct accepted_ref refs[] = {{"refs/heads/main", OLD, NEW},
				      {"refs/heads/x y", NEW, OLD}};
	struct accepted_ref swapped = {"refs/heads/main", NEW, OLD};
	struct accepted_ref prefix = {"refs/heads/mai", OLD, NEW};
	char id[ACCEPTED_ID_SIZE];
	bool yes = true;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(accepted_key_of_parent(&k, &p.e), 0);
	ck_assert_int_eq(k.pid, getppid());
	other = k;
	other.start++;
	ck_assert_int_eq(accepted_has(l, &k, "r/s", &refs[0], &yes, &p.e), 0);
	ck_assert(!yes);
	ck_assert_int_eq(accepted_record(l, &k, id, &p.e), 0);
	ck_assert_str_eq(id, "");
	ck_assert_int_eq(accepted_write(l, &k, "r/s", RECORD, refs, 2, &p.e),
			 0);
	ck_assert_int_eq(accepted_has(l, &k, "r/s", &refs[1], &yes, &p.e), 0);
	ck_assert(yes);
	ck_assert_int_eq(accepted_has(l, &k, "r/s", &swapped, &yes, &p.e), 0);
	ck_assert(!yes);
	ck_assert_int_eq(accepted_has(l, &k, "r/s", &prefix, &yes, &p.e), 0);
	ck_assert(!yes);
	ck_assert_int_eq(accepted_has(l, &k, "r/t", &refs[0], &yes, &p.e), 0);
	ck_assert(!yes);
	ck_assert_int_eq(accepted_has(l, &other, "r/s", &refs[0], &yes, &p.e),
			 0);
	ck_assert(!yes);
	ck_assert_int_eq(accepted_record(l, &k, id, &p.e), 0);
	ck_assert_str_eq(id, RECORD);
	accepted_forget(l, &k);
	ck_assert_int_eq(accepted_record(l, &k, id, &p.e), 0);
	ck_assert_str_eq(id, "");
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(an_acceptance_with_a_line_feed_in_a_name_is_refused)
{
	struct place p;
	struct ledger *l;
	struct accepted_key k;
	struct accepted_ref ref = {"refs/heads/a\n" OLD " " NEW " refs/b", OLD,
				   NEW};

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(accepted_key_of_parent(&k, &p.e), 0);
	ck_assert_int_eq(accepted_write(l, &k, "r", RECORD, &ref, 1, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "ref is off"));
	ck_assert_int_eq(accepted_write(l, &k, "r\ns", RECORD, &ref, 1, &p.e),
			 ERR_USAGE);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_sweep_takes_old_files_of_the_dead_and_leaves_the_living)
{
	struct place p;
	struct ledger *l;
	struct accepted_key k, dead;
	struct accepted_ref ref = {"refs/heads/main", OLD, NEW};
	struct timespec ago[2] = {{0}};
	char path[512], id[ACCEPTED_ID_SIZE];

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(accepted_key_of_parent(&k, &p.e), 0);
	dead = k;
	dead.start++;
	ck_assert_int_eq(accepted_write(l, &k, "r", RECORD, &ref, 1, &p.e), 0);
	ck_assert_int_eq(accepted_write(l, &dead, "r", RECORD, &ref, 1, &p.e),
			 0);
	accepted_sweep(l);
	ck_assert_int_eq(accepted_record(l, &dead, id, &p.e), 0);
	ck_assert_str_eq(id, RECORD); /* not old enough */
	ago[0].tv_sec = ago[1].tv_sec = time_now_ms() / 1000 - 7200;
	snprintf(path, sizeof(path), "%s/accepted/%s-%ld-%llu", p.dir,
		 dead.boot, dead.pid, dead.start);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, ago, 0), 0);
	snprintf(path, sizeof(path), "%s/accepted/%s-%ld-%llu", p.dir, k.boot,
		 k.pid, k.start);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, ago, 0), 0);
	accepted_sweep(l);
	ck_assert_int_eq(accepted_record(l, &dead, id, &p.e), 0);
	ck_assert_str_eq(id, "");
	ck_assert_int_eq(accepted_record(l, &k, id, &p.e), 0);
	ck_assert_str_eq(id, RECORD);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger");
	TCase *t = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_new_ledger_opens_is_empty_and_has_its_origin);
	tcase_add_test(t, create_refuses_what_is_not_empty_and_bad_names);
	tcase_add_test(t, open_says_how_to_make_a_missing_ledger);
	tcase_add_test(t, open_refuses_a_directory_that_all_may_write);
	tcase_add_test(t, open_refuses_a_newer_format);
	tcase_add_test(t, open_tells_a_user_who_may_not_write_what_to_do);
	tcase_add_test(
		t, files_get_the_group_rights_of_the_directory_not_the_umask);
	tcase_add_test(t, records_come_back_in_order_from_any_number);
	tcase_add_test(t, a_reader_sees_what_is_appended_later);
	tcase_add_test(t, append_refuses_what_is_no_record);
	tcase_add_test(t, the_longest_record_fits_and_one_byte_more_does_not);
	tcase_add_test(t, find_takes_ids_and_beginnings_of_ids);
	tcase_add_test(t, find_survives_a_clock_that_jumped);
	tcase_add_test(t, evidence_comes_back_and_is_stored_once);
	tcase_add_test(t, evidence_that_was_changed_cut_or_removed_is_told);
	tcase_add_test(t, equal_persons_share_a_number_and_digests_match);
	tcase_add_test(t, an_erased_person_matches_and_is_shown_as_erased);
	tcase_add_test(
		t, persons_refuse_bytes_that_are_not_utf8_and_too_long_ones);
	tcase_add_loop_test(t,
			    join_finds_persons_where_they_are_and_nowhere_else,
			    0, sizeof(joins) / sizeof(*joins));
	tcase_add_test(t, join_stops_at_the_most_that_may_come_out);
	tcase_add_test(t, join_refuses_nesting_that_would_eat_the_stack);
	tcase_add_test(
		t, an_acceptance_holds_for_its_push_repository_ref_and_values);
	tcase_add_test(t, an_acceptance_with_a_line_feed_in_a_name_is_refused);
	tcase_add_test(
		t, a_sweep_takes_old_files_of_the_dead_and_leaves_the_living);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
