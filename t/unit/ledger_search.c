/* SPDX-License-Identifier: Apache-2.0 */

/* Finding records: with runs of two levels, without, and with bad ones. */

#include <inttypes.h>

#include "ledger/frame.h"
#include "ledger/run.h"
#include "ledger/runs.h"
#include "ledger/search.h"
#include "ledger/segment.h"
#include "ledger_help.h"

enum { MANY = 70000, REPOSITORIES = 97, PEOPLE = 1000, FIRST = 65536 };

static struct place place;
static struct ledger *ledger;
static struct err e;

static void write_one(struct segment_next *s, uint64_t n)
{
	char json[512], persons[64];
	struct frame_entry f;
	int64_t ms = INT64_C(1700000000000) + (int64_t)n;
	int len;

	ck_assert_int_eq(uuid7_make(ms, f.id, &e), 0);
	len = snprintf(json, sizeof(json),
		       "{\"id\":\"%s\",\"kind\":\"outcome\",\"repository\":"
		       "\"r%d\",\"refs\":[{\"name\":\"refs/heads/main\","
		       "\"new\":\"%08" PRIx64 "%032x\"}],\"persons\":[]}",
		       f.id, (int)(n % REPOSITORIES), n, 1);
	f.json = span_of(json, (size_t)len);
	len = snprintf(persons, sizeof(persons), "[{\"principal\":\"p%d\"}]",
		       (int)(n % PEOPLE));
	f.persons = span_of(persons, (size_t)len);
	frame_entry_sum(&f);
	ck_assert_int_eq(segment_add(s, &f, n, &e), 0);
}

/* Two segments, not a sync a record. */
static void setup(void)
{
	struct segment_next s;
	uint64_t n = 0, first;
	int dir_fd;

	place_make(&place);
	err_clear(&e);
	dir_fd = open(place.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
	ck_assert_int_eq(unlinkat(dir_fd, SEGMENT_0, 0), 0);
	while (n < MANY) {
		first = n;
		ck_assert_int_eq(segment_begin(&s, dir_fd, 0600, &e), 0);
		for (; n < first + MANY / 2; n++)
			write_one(&s, n);
		ck_assert_int_eq(segment_commit(&s, first, false, &e), 0);
		segment_next_release(&s);
	}
	close(dir_fd);
	forget_state(&place);
	ledger = place_open(&place, LEDGER_APPEND);
}

static void teardown(void)
{
	ledger_close(ledger);
	place_remove(&place);
}

/* How many a query finds; their numbers must ascend. */
static uint64_t found(const struct ledger_query *q, uint64_t from, uint64_t end)
{
	struct ledger_search *s;
	struct ledger_item item;
	uint64_t n = 0, last = 0;
	int rc;

	ck_assert_msg(!ledger_search_new(&s, ledger, q, from, end, &e), "%s",
		      e.msg);
	while ((rc = ledger_search_next(s, &item, &e)) == 1) {
		ck_assert(item.index >= from && item.index < end);
		ck_assert(!n || item.index > last);
		last = item.index;
		n++;
	}
	ck_assert_msg(rc == 0, "%s", e.msg);
	ledger_search_free(s);
	return n;
}

static uint64_t every(uint64_t step, uint64_t at)
{
	return (MANY - at + step - 1) / step;
}

static void find_all(void)
{
	const struct ledger_query all = {0};
	const struct ledger_query repository = {.repository = "r5"};
	const struct ledger_query person = {.person = "p7"};
	const struct ledger_query both = {.person = "p7", .repository = "r7"};
	const struct ledger_query commit = {
		.commit = "0001000000000000000000000000000000000001"};
	const struct ledger_query prefix = {.commit = "0000ABC"};
	const struct ledger_query nobody = {.person = "p"};
	const struct ledger_query time = {.since = INT64_C(1700000000010),
					  .until = INT64_C(1700000000019)};

	ck_assert_uint_eq(found(&all, 0, UINT64_MAX), MANY);
	ck_assert_uint_eq(found(&all, 100, 200), 100);
	ck_assert_uint_eq(found(&repository, 0, UINT64_MAX),
			  every(REPOSITORIES, 5));
	ck_assert_uint_eq(found(&person, 0, UINT64_MAX), every(PEOPLE, 7));
	ck_assert_uint_eq(found(&both, 0, UINT64_MAX), 1);
	ck_assert_uint_eq(found(&commit, 0, UINT64_MAX), 1);
	ck_assert_uint_eq(found(&commit, 0, 0x10000), 0);
	ck_assert_uint_eq(found(&prefix, 0, UINT64_MAX), 16);
	ck_assert_uint_eq(found(&nobody, 0, UINT64_MAX), 0);
	ck_assert_uint_eq(found(&time, 0, UINT64_MAX), 10);
}

static bool have(int level, uint64_t first)
{
	char name[RUN_NAME_SIZE], path[1024];

	run_name(level, first, name);
	snprintf(path, sizeof(path), "%s/%s", place.dir, name);
	return file_exists(path);
}

START_TEST(runs_find_what_is_there)
{
	ck_assert_int_eq(runs_update(ledger, &e), 0);
	/* sixteen have become one; what is behind has one of its own */
	ck_assert(have(1, 0));
	ck_assert(!have(0, 0) && !have(0, FIRST - RUN_RECORDS));
	ck_assert(have(0, FIRST));
	ck_assert(!have(0, FIRST + RUN_RECORDS));
	find_all();
}
END_TEST

START_TEST(all_runs_can_go)
{
	find_all();
	ck_assert(!have(0, 0) && !have(1, 0)); /* a search writes nothing */
	ck_assert_int_eq(runs_update(ledger, &e), 0);
	ck_assert(have(1, 0));
	ck_assert_int_eq(runs_remove(ledger, &e), 0);
	ck_assert(!have(1, 0));
	find_all();
}
END_TEST

START_TEST(an_id_whose_time_misleads_is_found)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf persons = BUF_INIT(LEDGER_MAX_PERSONS);
	char id[UUID_TEXT_SIZE];
	struct ledger_entry entry = {.persons = span_str("[]")};
	char text[128];
	uint64_t index, at;
	int len;

	/* of a clock that was years ahead, then set right */
	ck_assert_int_eq(uuid7_make(INT64_C(1900000000000), id, &e), 0);
	len = snprintf(text, sizeof(text), "{\"id\":\"%s\",\"kind\":\"x\"}",
		       id);
	entry.json = span_of(text, (size_t)len);
	ck_assert_int_eq(ledger_append(ledger, &entry, &at, &e), 0);
	append_one(ledger, 1);
	ck_assert_int_eq(ledger_find(ledger, id, &json, &persons, &index, &e),
			 0);
	ck_assert_uint_eq(index, at);
	buf_release(&json);
	buf_release(&persons);
}
END_TEST

/* Overwrite `n` bytes of the large run. */
static void spoil(off_t offset, size_t n)
{
	char name[RUN_NAME_SIZE], junk[64];
	int fd;

	memset(junk, 'j', sizeof(junk));
	run_name(1, 0, name);
	fd = open_file(&place, name);
	ck_assert_int_eq(pwrite(fd, junk, n, offset), (ssize_t)n);
	close(fd);
}

START_TEST(a_run_that_is_damaged_hides_nothing)
{
	off_t offset;

	ck_assert_int_eq(runs_update(ledger, &e), 0);
	/* in every fourth block of entries */
	for (offset = RUN_BLOCK; offset < 200 * RUN_BLOCK;
	     offset += 4 * RUN_BLOCK)
		spoil(offset + 100, 7);
	find_all();
	spoil(3, 5); /* its head: it counts as absent, and is made again */
	find_all();
	ck_assert_int_eq(runs_update(ledger, &e), 0);
	find_all();
}
END_TEST

START_TEST(what_no_query_can_mean_is_refused)
{
	const struct ledger_query bad[] = {
		{.commit = "abcde"},
		{.commit = "ghijkl"},
		{.ref = "main"},
		{.since = 2, .until = 1},
	};
	struct ledger_search *s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(ledger_query_check(&bad[i], &e), ERR_USAGE);
		ck_assert_int_eq(
			ledger_search_new(&s, ledger, &bad[i], 0, 1, &e),
			ERR_USAGE);
		ck_assert_ptr_null(s);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger search");
	TCase *t = tcase_create("search");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, runs_find_what_is_there);
	tcase_add_test(t, all_runs_can_go);
	tcase_add_test(t, an_id_whose_time_misleads_is_found);
	tcase_add_test(t, a_run_that_is_damaged_hides_nothing);
	tcase_add_test(t, what_no_query_can_mean_is_refused);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
