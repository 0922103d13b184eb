/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what was refused for good, and who else writes beside it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "courier/parked.h"
#include "courier/place.h"
#include "sys/files.h"

#define SINK "x"

static char dir[64];
static const char *const ids[] = {"01934f6e-7b3a-7cc1-9d3f-000000000001",
				  "01934f6e-7b3a-7cc1-9d3f-000000000002",
				  "01934f6e-7b3a-7cc1-9d3f-000000000003"};

static void setup(void)
{
	struct park p = {.ledger_dir = dir, .sink = SINK, .reason = "no"};
	struct err e;

	strcpy(dir, "/tmp/gatepost-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(place_make(dir, &e), 0);
	for (size_t i = 0; i < 3; i++) {
		p.id = ids[i];
		p.index = i;
		ck_assert_int_eq(parked_add(&p, &e), 0);
	}
}

static void teardown(void)
{
	static const char *const suffixes[] = {".parked", ".retry", ".json"};
	char path[FILE_MAX_PATH];

	for (size_t i = 0; i < 3; i++)
		if (!place_file(dir, SINK, suffixes[i], path, NULL))
			unlink(path);
	if (!place_dir(dir, path, NULL))
		rmdir(path);
	rmdir(dir);
}

static void want(const char *id)
{
	struct err e;
	size_t n;

	ck_assert_int_eq(parked_want(dir, SINK, id, &n, &e), 0);
}

static void wanted(const char *expected)
{
	struct parked_list l;
	char got[8] = "";
	struct err e;

	ck_assert_int_eq(parked_read(&l, dir, SINK, &e), 0);
	for (size_t i = 0; i < l.n; i++)
		strcat(got, l.v[i].wanted ? "y" : "n");
	ck_assert_str_eq(got, expected);
	parked_release(&l);
}

/* The drainer reads, and takes its time to send. */
START_TEST(who_asks_meanwhile_is_heard)
{
	struct parked_list l;
	struct err e;

	want(ids[0]);
	ck_assert_int_eq(parked_read(&l, dir, SINK, &e), 0);
	l.v[0].tried = true;
	want(ids[2]);
	l.v[0].wanted = false;
	ck_assert_int_eq(parked_write(&l, dir, SINK, &e), 0);
	parked_release(&l);
	wanted("nny");
}
END_TEST

START_TEST(what_is_parked_meanwhile_takes_no_wish_away)
{
	struct park p = {.ledger_dir = dir,
			 .sink = SINK,
			 .id = ids[1],
			 .index = 7,
			 .reason = "no"};
	struct err e;

	want(ids[0]);
	ck_assert_int_eq(parked_add(&p, &e), 0);
	ck_assert(parked_is_wanted(dir, SINK));
	wanted("ynnn");
}
END_TEST

/* Its writer was killed before the cursor passed the third. */
START_TEST(what_the_cursor_has_not_passed_is_not_parked)
{
	uint64_t count = 9;
	struct err e;

	ck_assert_int_eq(parked_settle(dir, SINK, 2, &count, &e), 0);
	ck_assert_uint_eq(count, 2);
	wanted("nn");
	ck_assert_int_eq(parked_settle(dir, SINK, 2, &count, &e), 0);
	ck_assert_uint_eq(count, 2);
}
END_TEST

static void leave(const char *name, int age)
{
	char path[FILE_MAX_PATH];
	struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	FILE *f;

	ck_assert_int_eq(place_dir(dir, path, NULL), 0);
	strcat(strcat(path, "/"), name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	if (age)
		ck_assert_int_eq(utimensat(AT_FDCWD, path, old, 0), 0);
}

static bool is_left(const char *name)
{
	char path[FILE_MAX_PATH];
	bool there;

	ck_assert_int_eq(place_dir(dir, path, NULL), 0);
	strcat(strcat(path, "/"), name);
	there = !access(path, F_OK);
	unlink(path);
	return there;
}

START_TEST(what_the_killed_leave_is_cleared_up)
{
	leave("x.json.0123456789abcdef.tmp", 0);
	leave("x.parked.0123456789abcdef.tmp", 0);
	leave("x.tickets.json.0123456789abcdef.tmp", 0);
	leave("x.retry.0123456789abcdef.tmp", 1);
	leave("xx.json.0123456789abcdef.tmp", 1);
	leave("x.tmp", 1);
	place_clean(dir, SINK);
	ck_assert(!is_left("x.json.0123456789abcdef.tmp"));
	ck_assert(!is_left("x.parked.0123456789abcdef.tmp"));
	ck_assert(is_left("x.tickets.json.0123456789abcdef.tmp"));
	ck_assert(!is_left("x.retry.0123456789abcdef.tmp"));
	ck_assert(is_left("xx.json.0123456789abcdef.tmp"));
	ck_assert(is_left("x.tmp"));
	wanted("nnn");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("parked");
	TCase *c = tcase_create("list");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, who_asks_meanwhile_is_heard);
	tcase_add_test(c, what_is_parked_meanwhile_takes_no_wish_away);
	tcase_add_test(c, what_the_cursor_has_not_passed_is_not_parked);
	tcase_add_test(c, what_the_killed_leave_is_cleared_up);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
