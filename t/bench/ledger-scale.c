/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A ledger of many small records, and what single things cost in it.
 *
 *     ledger-scale make DIR RECORDS     without a sync for each
 *     ledger-scale append DIR COUNT     milliseconds for so many appends
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ledger/frame.h"
#include "ledger/ledger.h"
#include "ledger/segment.h"

enum { RECORD_MAX = 1024 };

static void check(int rc, const struct err *e)
{
	if (rc) {
		fprintf(stderr, "%s\n", e->msg);
		exit(2);
	}
}

/* Some 250 bytes: records of this size are the many that there can be. */
static void make_record(uint64_t n, struct frame_entry *f,
			char json[RECORD_MAX])
{
	int64_t ms = INT64_C(1700000000000) + (int64_t)n * 100;
	char when[TIME_RFC3339_SIZE], commit[SHA256_HEX_SIZE];
	struct err e = {0};
	int len;

	check(uuid7_make(ms, f->id, &e), &e);
	time_format(ms, when);
	sha256_hex(&n, sizeof(n), commit);
	len = snprintf(json, RECORD_MAX,
		       "{\"v\":1,\"id\":\"%s\",\"kind\":\"outcome\",\"time\":"
		       "\"%s\",\"repository\":\"r%d\",\"refs\":[{\"name\":"
		       "\"refs/heads/main\",\"new\":\"%.40s\"}],\"persons\":"
		       "[]}",
		       f->id, when, (int)(n % 200), commit);
	f->json = span_of(json, (size_t)len);
	f->persons = span_str("[]");
	frame_entry_sum(f);
}

static void make(const char *dir, uint64_t records)
{
	struct segment_next s;
	char json[RECORD_MAX];
	struct frame_entry f;
	uint64_t n = 0, first;
	struct err e = {0};
	int fd;

	check(ledger_create(dir, "scale.example", &e), &e);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || unlinkat(fd, "segments/00000000000000000000.log", 0)) {
		perror(dir);
		exit(2);
	}
	while (n < records) {
		first = n;
		check(segment_begin(&s, fd, 0600, &e), &e);
		for (; n < records && s.size < LEDGER_SEGMENT_BYTES; n++) {
			make_record(n, &f, json);
			check(segment_add(&s, &f, n, &e), &e);
		}
		check(segment_commit(&s, first, false, &e), &e);
		segment_next_release(&s);
	}
	close(fd);
}

static void append(const char *dir, uint64_t count)
{
	struct ledger_entry entry = {.persons = span_str("[]")};
	char json[RECORD_MAX];
	struct frame_entry f;
	struct err e = {0};
	struct ledger *l;
	uint64_t i, index;
	int64_t start;

	/* the first one after a restart looks at the last segment */
	check(ledger_open(&l, dir, LEDGER_APPEND, &e), &e);
	ledger_close(l);
	start = time_mono_us();
	for (i = 0; i < count; i++) {
		make_record(i, &f, json);
		entry.json = f.json;
		check(ledger_open(&l, dir, LEDGER_APPEND, &e), &e);
		check(ledger_append(l, &entry, &index, &e), &e);
		ledger_close(l);
	}
	printf("%.1f\n", (double)(time_mono_us() - start) / 1000.0);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

	if (argc < 4 || !n)
		return 2;
	if (!strcmp(argv[1], "make"))
		make(argv[2], n);
	else if (!strcmp(argv[1], "append"))
		append(argv[2], n);
	else
		return 2;
	return 0;
}
