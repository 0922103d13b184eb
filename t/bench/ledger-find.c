/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Finding among many records: makes a ledger of synthetic decisions, without
 * a sync for each, then times the building of the index and single searches.
 *
 *     ledger-find DIR [RECORDS]
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ledger/frame.h"
#include "ledger/runs.h"
#include "ledger/search.h"
#include "ledger/segment.h"

enum { RECORD_MAX = 4096, PEOPLE = 500, REPOSITORIES = 200, SEARCHES = 50 };

static void check(int rc, const struct err *e)
{
	if (rc) {
		fprintf(stderr, "%s\n", e->msg);
		exit(2);
	}
}

static void commit_of(uint64_t n, char hex[SHA256_HEX_SIZE])
{
	sha256_hex(&n, sizeof(n), hex);
	hex[40] = '\0';
}

/* Some 1,300 bytes, as a push of one commit under two rules leaves. */
static void make_record(uint64_t n, struct frame_entry *f,
			char json[RECORD_MAX], char persons[RECORD_MAX])
{
	char old[SHA256_HEX_SIZE], new_[SHA256_HEX_SIZE], pad[400];
	char when[TIME_RFC3339_SIZE];
	int64_t ms = INT64_C(1700000000000) + (int64_t)n * 1000;
	struct err e = {0};
	int len;

	check(uuid7_make(ms, f->id, &e), &e);
	time_format(ms, when);
	commit_of(n, old);
	commit_of(n + 1, new_);
	memset(pad, 'x', sizeof(pad) - 1);
	pad[sizeof(pad) - 1] = '\0';
	len = snprintf(
		json, RECORD_MAX,
		"{\"v\":1,\"id\":\"%s\",\"kind\":\"decision\",\"time\":\"%s\","
		"\"host\":\"h\",\"repository\":\"team/r%d\",\"pusher\":"
		"{\"person\":0},\"verdict\":\"%s\",\"refs\":[{\"name\":"
		"\"refs/heads/main\",\"real\":\"refs/heads/main\",\"old\":"
		"\"%s\",\"new\":\"%s\",\"gates\":[\"main\"]}],\"rules\":["
		"{\"rule\":\"ai\",\"result\":\"pass\",\"why\":\"%s\"},"
		"{\"rule\":\"review\",\"result\":\"pass\",\"why\":\"%s\"}],"
		"\"persons\":[]}",
		f->id, when, (int)(n % REPOSITORIES),
		n % 100 ? "pass" : "reject", old, new_, pad, pad);
	f->json = span_of(json, (size_t)len);
	len = snprintf(persons, RECORD_MAX,
		       "[{\"salt\":\"00\",\"principal\":\"p%d\",\"login\":"
		       "\"l%d\"}]",
		       (int)(n % PEOPLE), (int)(n % PEOPLE));
	f->persons = span_of(persons, (size_t)len);
	frame_entry_sum(f);
}

static void generate(const char *dir, uint64_t records)
{
	static char json[RECORD_MAX], persons[RECORD_MAX];
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct segment_next s;
	struct frame_entry f;
	uint64_t n = 0, first;
	struct err e = {0};

	if (dir_fd < 0 ||
	    unlinkat(dir_fd, "segments/00000000000000000000.log", 0)) {
		perror(dir);
		exit(2);
	}
	while (n < records) {
		first = n;
		check(segment_begin(&s, dir_fd, 0600, &e), &e);
		for (; n < records && s.size < LEDGER_SEGMENT_BYTES; n++) {
			make_record(n, &f, json, persons);
			check(segment_add(&s, &f, n, &e), &e);
		}
		check(segment_commit(&s, first, false, &e), &e);
		segment_next_release(&s);
	}
	close(dir_fd);
}

static uint64_t count(struct ledger *l, const struct ledger_query *q)
{
	struct ledger_search *s;
	struct ledger_item item;
	struct err e = {0};
	uint64_t n = 0;
	int rc;

	check(ledger_search_new(&s, l, q, 0, UINT64_MAX, &e), &e);
	while ((rc = ledger_search_next(s, &item, &e)) == 1)
		n++;
	check(rc, &e);
	ledger_search_free(s);
	return n;
}

static void report(struct ledger *l, const char *what,
		   const struct ledger_query *q, int times)
{
	int64_t start = time_mono_us();
	uint64_t n = 0;
	int i;

	for (i = 0; i < times; i++)
		n = count(l, q);
	printf("%-32s %8" PRIu64 " found  %9.2f ms\n", what, n,
	       (double)(time_mono_us() - start) / 1000.0 / times);
}

static void search_all(struct ledger *l, uint64_t records)
{
	char early[SHA256_HEX_SIZE], late[SHA256_HEX_SIZE];
	char none[SHA256_HEX_SIZE];
	const struct {
		const char *what;
		struct ledger_query q;
		int times;
	} all[] = {
		{"one commit, early", {.commit = early}, SEARCHES},
		{"one commit, the last", {.commit = late}, SEARCHES},
		{"its first 8 digits", {.commit = none}, SEARCHES},
		{"one commit of one repository",
		 {.commit = early, .repository = "team/r7"},
		 SEARCHES},
		{"a person nobody knows", {.person = "nobody"}, SEARCHES},
		{"one person", {.person = "p7"}, 1},
		{"one repository", {.repository = "team/r7"}, 1},
		{"refusals of one repository",
		 {.repository = "team/r0", .verdict = "reject"},
		 1},
		{"an hour",
		 {.since = INT64_C(1700000000000),
		  .until = INT64_C(1700003600000)},
		 5},
	};
	size_t i;

	commit_of(records / 3, early);
	commit_of(records, late);
	commit_of(records / 2, none);
	none[8] = '\0';
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		report(l, all[i].what, &all[i].q, all[i].times);
}

int main(int argc, char **argv)
{
	uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	struct err e = {0};
	struct rusage use;
	struct ledger *l;
	char dir[3000];
	int64_t start;

	if (argc < 2)
		return 2;
	snprintf(dir, sizeof(dir), "%s/find-ledger", argv[1]);
	check(ledger_create(dir, "bench.example", &e), &e);
	generate(dir, records);
	check(ledger_open(&l, dir, LEDGER_APPEND, &e), &e);
	start = time_mono_us();
	check(runs_update(l, &e), &e);
	printf("index of %" PRIu64 " records built in %.2f s\n", records,
	       (double)(time_mono_us() - start) / 1e6);
	search_all(l, records);
	ledger_close(l);
	getrusage(RUSAGE_SELF, &use);
	printf("peak memory %ld KiB\n", use.ru_maxrss);
	return 0;
}
