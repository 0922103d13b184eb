/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the ledger holds after writers were killed, disks were full, syncs
 * failed and bytes rotted. The system calls that fail are our own: a program's
 * definition of writev(2) or fdatasync(2) stands before the C library's.
 */

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "ledger/internal.h"
#include "ledger/segment.h"
#include "ledger_help.h"

/* --------------------------------------------------------- failing calls */

static struct {
	enum {
		WRITE_WELL,
		WRITE_SHORT,	 /* one byte a call */
		WRITE_FULL,	 /* 30 bytes, then ENOSPC */
		WRITE_DIE_HALF,	 /* 30 bytes, then SIGKILL */
		WRITE_DIE_WHOLE, /* all, then SIGKILL */
	} write;
	int fail_syncs;	      /* so many, from the next on */
	unsigned fail_one_in; /* and one in so many, at random */
	size_t syncs, written;
} fault;

static ssize_t write_part(int fd, const struct iovec *iov, int n, size_t max)
{
	size_t len = iov->iov_len < max ? iov->iov_len : max;

	if (!iov->iov_len)
		return n > 1 ? write_part(fd, iov + 1, n - 1, max) : 0;
	return syscall(SYS_write, fd, iov->iov_base, len);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	ssize_t put = -1;

	switch (fault.write) {
	case WRITE_WELL:
		return syscall(SYS_writev, fd, iov, n);
	case WRITE_SHORT:
		return write_part(fd, iov, n, 1);
	case WRITE_FULL:
	case WRITE_DIE_HALF:
		if (fault.written < 30)
			put = write_part(fd, iov, n, 30);
		else if (fault.write == WRITE_DIE_HALF)
			raise(SIGKILL);
		else
			errno = ENOSPC;
		break;
	case WRITE_DIE_WHOLE:
		syscall(SYS_writev, fd, iov, n);
		raise(SIGKILL);
	}
	if (put > 0)
		fault.written += (size_t)put;
	return put;
}

int fdatasync(int fd)
{
	fault.syncs++;
	if (fault.fail_one_in && (unsigned)rand() % fault.fail_one_in == 0)
		fault.fail_syncs++;
	if (fault.fail_syncs) {
		fault.fail_syncs--;
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static void setup(void)
{
	memset(&fault, 0, sizeof(fault));
}

/* Append once in a child that is going to be killed. */
static void append_and_die(struct place *p, int how)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct ledger *l = place_open(p, LEDGER_APPEND);

		fault.write = how;
		append_one(l, 666);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* ----------------------------------------------------------------- kills */

START_TEST(a_half_written_record_is_passed_over_and_that_is_recorded)
{
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_eq(append_one(l, 0), 0);
	append_and_die(&p, WRITE_DIE_HALF);
	ck_assert_uint_eq(count_with(l, ""), 1);
	ck_assert_uint_eq(append_one(l, 2), 2);
	ck_assert_uint_eq(count_with(l, "\"reason\":\"torn-tail\""), 1);
	ck_assert_uint_eq(count_with(l, "\"bytes\":30,"), 1);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"break\""), 1);
	ck_assert_uint_eq(count_with(l, ""), 3);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_torn_first_record_sets_the_segment_aside)
{
	struct place p;
	struct ledger *l;
	int fd;

	place_make(&p);
	append_and_die(&p, WRITE_DIE_HALF);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_eq(append_one(l, 1), 1);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"break\""), 1);
	fd = open_file(&p, "segments/00000000000000000000.aside-1");
	close(fd);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_whole_record_of_a_killed_writer_stays)
{
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 0);
	append_and_die(&p, WRITE_DIE_WHOLE);
	ck_assert_uint_eq(append_one(l, 2), 2);
	ck_assert_uint_eq(count_with(l, "\"n\":666,"), 1);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"break\""), 0);
	ck_assert_uint_eq(count_with(l, ""), 3);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(after_a_restart_a_torn_tail_is_found_by_reading)
{
	struct place p;
	struct ledger *l;
	uint64_t n;
	long i;
	int fd;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	for (i = 0; i < 10; i++)
		append_one(l, i);
	ledger_close(l);
	forget_state(&p);
	fd = open_file(&p, SEGMENT_0);
	lseek(fd, 0, SEEK_END);
	ck_assert_int_eq(write(fd, "#record 10 5", 12), 12);
	close(fd);
	l = place_open(&p, LEDGER_READ);
	ck_assert_uint_eq(count_with(l, ""), 10); /* without any repair */
	ck_assert_int_eq(ledger_size(l, &n, &p.e), 0);
	ck_assert_uint_eq(n, 10);
	ledger_close(l);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_eq(count_with(l, "\"bytes\":12,"), 1);
	ck_assert_uint_eq(append_one(l, 11), 11);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(after_a_restart_good_records_behind_a_bad_one_are_kept)
{
	struct place p;
	struct ledger *l;
	long i;
	int fd;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	for (i = 0; i < 10; i++)
		append_one(l, i);
	ledger_close(l);
	forget_state(&p);
	fd = open_file(&p, SEGMENT_0);
	ck_assert_int_eq(pwrite(fd, "!", 1, 200), 1); /* in record 1 */
	close(fd);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 9);
	ck_assert_uint_eq(count_with(l, "\"salvaged\":8"), 1);
	ck_assert_uint_eq(count_with(l, ""), 10);
	ck_assert_uint_eq(append_one(l, 10), 10);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_copy_without_state_or_with_a_stale_one_opens)
{
	struct place p;
	struct ledger *l;
	char stale[4096];
	long i;
	int fd;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 0);
	fd = open_file(&p, "state");
	ck_assert_int_eq(read(fd, stale, sizeof(stale)), sizeof(stale));
	for (i = 1; i < 5; i++)
		append_one(l, i);
	ledger_close(l);
	ck_assert_int_eq(pwrite(fd, stale, sizeof(stale), 0), sizeof(stale));
	close(fd);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_eq(append_one(l, 5), 5);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 6);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(records_that_were_durable_and_are_gone_are_told)
{
	struct place p;
	struct ledger *l;
	struct ledger_reader *r;
	struct ledger_item item;
	char path[512];

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 0);
	append_one(l, 1);
	snprintf(path, sizeof(path), "%s/" SEGMENT_0, p.dir);
	ck_assert_int_eq(truncate(path, 100), 0); /* in record 0 */
	ck_assert_int_eq(ledger_reader_new(&r, l, 0, &p.e), 0);
	ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.e.msg, SEGMENT_0));
	ck_assert_ptr_nonnull(strstr(p.e.msg, "record 0 at offset 0"));
	ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 0);
	ledger_reader_free(r);
	append_one(l, 2);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"break\""), 1);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* ------------------------------------------------------------ full disks */

START_TEST(short_writes_are_finished)
{
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	fault.write = WRITE_SHORT;
	append_one(l, 0);
	append_one(l, 1);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 2);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_full_disk_is_an_error_with_its_remedy_and_leaves_nothing)
{
	struct place p;
	struct ledger *l;
	char id[UUID_TEXT_SIZE];
	uint64_t index;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 0);
	fault.write = WRITE_FULL;
	ck_assert_int_eq(append_sized(l, 1, 100, id, &index, &p.e), ERR_SYS);
	ck_assert_ptr_nonnull(strstr(p.e.msg, p.dir));
	ck_assert_ptr_nonnull(strstr(p.e.msg, "free some space"));
	ck_assert_ptr_nonnull(strstr(p.e.msg, "No space left"));
	fault.write = WRITE_WELL;
	ck_assert_uint_eq(append_one(l, 2), 1);
	ck_assert_uint_eq(count_with(l, ""), 2);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_limit_of_file_size_is_an_error_with_its_remedy)
{
	struct place p;
	struct ledger *l;
	struct rlimit old, small = {4096, 4096};
	char id[UUID_TEXT_SIZE];
	uint64_t index, n = 0;
	int rc;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (!(rc = append_sized(l, 1, 1000, id, &index, &p.e)))
		n++;
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(rc, ERR_SYS);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "limit of file size"));
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(append_one(l, 9), 3);
	ck_assert_uint_eq(count_with(l, ""), 4);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* ---------------------------------------------------------- failed syncs */

START_TEST(a_failed_sync_condemns_the_segment_and_is_not_tried_again)
{
	struct place p;
	struct ledger *l, *other;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	other = place_open(&p, LEDGER_APPEND);
	append_one(l, 0);
	append_one(other, 1);
	fault.fail_syncs = 1;
	/* 2 was the break's */
	ck_assert_uint_eq(append_one(l, 2), 3);
	ck_assert_uint_eq(append_one(other, 3), 4);
	ck_assert_uint_eq(count_with(l, "\"reason\":\"sync-failed\""), 1);
	ck_assert_uint_eq(count_with(l, "\"unsynced\":1"), 1);
	ck_assert_uint_eq(count_with(l, "\"n\":2,"), 1);
	ck_assert_uint_eq(count_with(l, ""), 5);
	ledger_close(other);
	ledger_close(l);
	/* and so after a restart */
	forget_state(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 4);
	ck_assert_uint_eq(append_one(l, 9), 5);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_failed_sync_of_the_first_record_sets_the_segment_aside)
{
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	fault.fail_syncs = 1;
	ck_assert_uint_eq(append_one(l, 0), 1);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"break\""), 1);
	ck_assert_uint_eq(count_with(l, ""), 2);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(syncs_that_always_fail_are_an_error_in_bounded_time)
{
	struct place p;
	struct ledger *l;
	char id[UUID_TEXT_SIZE];
	uint64_t index;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	fault.fail_syncs = 1000;
	ck_assert_int_eq(append_sized(l, 1, 100, id, &index, &p.e), ERR_SYS);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "every sync fails"));
	ck_assert_uint_le(fault.syncs, 10);
	fault.fail_syncs = 0;
	append_one(l, 2);
	ck_assert_uint_eq(count_with(l, "\"n\":1,"), 0);
	ck_assert_uint_eq(count_with(l, "\"n\":2,"), 1);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* -------------------------------------------------------------- segments */

START_TEST(a_full_segment_is_followed_by_another)
{
	struct place p;
	struct ledger *l, *other;
	struct segment_list list = {0};
	struct ledger_reader *r;
	struct ledger_item item;
	uint64_t i;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	other = place_open(&p, LEDGER_APPEND);
	l->segment_bytes = other->segment_bytes = 2000;
	ck_assert_int_eq(ledger_reader_new(&r, other, 0, &p.e), 0);
	for (i = 0; i < 200; i++) {
		ck_assert_uint_eq(append_one(i % 3 ? l : other, 1), i);
		ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 1);
		ck_assert_uint_eq(item.index, i);
	}
	ledger_reader_free(r);
	ck_assert_int_eq(segment_list_read(&list, l->dir_fd, &p.e), 0);
	ck_assert_uint_ge(list.n, 10);
	segment_list_release(&list);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 200);
	for (i = 0; i < 200; i += 7) {
		ck_assert_int_eq(ledger_reader_new(&r, l, i, &p.e), 0);
		ck_assert_int_eq(ledger_reader_next(r, &item, &p.e), 1);
		ck_assert_uint_eq(item.index, i);
		ledger_reader_free(r);
	}
	ledger_close(other);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

static void damage(const struct place *p, const char *name, off_t at)
{
	int fd = open_file(p, name);
	char c;

	ck_assert_int_eq(pread(fd, &c, 1, at), 1);
	c ^= 1;
	ck_assert_int_eq(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

/* Read all; the message of the one thing amiss, and what was intact. */
static size_t read_damaged(struct ledger *l, struct err *e, size_t *errors)
{
	struct ledger_reader *r;
	struct ledger_item item;
	struct err later;
	size_t n = 0;
	int rc;

	*errors = 0;
	ck_assert_int_eq(ledger_reader_new(&r, l, 0, e), 0);
	while ((rc = ledger_reader_next(r, &item, &later)) != 0) {
		if (rc == 1) {
			n++;
			continue;
		}
		ck_assert_int_eq(rc, ERR_MALFORMED);
		if (!(*errors)++)
			*e = later;
	}
	ledger_reader_free(r);
	return n;
}

START_TEST(a_flipped_bit_anywhere_is_told_with_its_place)
{
	struct place p;
	struct ledger *l;
	struct stat st;
	char path[512];
	size_t errors;
	off_t at;
	long i;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	for (i = 0; i < 4; i++)
		append_one(l, i);
	snprintf(path, sizeof(path), "%s/" SEGMENT_0, p.dir);
	ck_assert_int_eq(stat(path, &st), 0);
	for (at = 0; at < st.st_size; at++) {
		damage(&p, SEGMENT_0, at);
		ck_assert_uint_eq(read_damaged(l, &p.e, &errors), 3);
		ck_assert_uint_eq(errors, 1);
		ck_assert_ptr_nonnull(strstr(p.e.msg, SEGMENT_0));
		ck_assert_ptr_nonnull(strstr(p.e.msg, "at offset"));
		damage(&p, SEGMENT_0, at);
	}
	ck_assert_uint_eq(read_damaged(l, &p.e, &errors), 4);
	ck_assert_uint_eq(errors, 0);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* Rewrite the segment with its frames (all of one size) in this order. */
static void reorder(const struct place *p, const int *order, size_t n)
{
	int fd = open_file(p, SEGMENT_0);
	char bytes[4096], out[8192];
	ssize_t all = read(fd, bytes, sizeof(bytes));
	size_t one = (size_t)all / 4, i;

	for (i = 0; i < n; i++)
		memcpy(out + i * one, bytes + (size_t)order[i] * one, one);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, out, n * one, 0), (ssize_t)(n * one));
	close(fd);
}

START_TEST(removed_swapped_and_doubled_records_are_told)
{
	static const struct {
		int order[5];
		size_t n, intact, errors;
		const char *word;
	} cases[] = {
		{{0, 2, 3}, 3, 3, 1, "record 1 "},
		{{0, 1, 2}, 3, 3, 1, "record 3 "},
		{{1, 2, 3}, 3, 3, 1, "record 0 "},
		{{0, 0, 1, 2, 3}, 5, 4, 1, "record 1 "},
		{{0, 2, 1, 3}, 4, 3, 2, "record 1 "},
	};
	size_t i, errors;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place p;
		struct ledger *l;
		long n;

		place_make(&p);
		l = place_open(&p, LEDGER_APPEND);
		for (n = 0; n < 4; n++)
			append_one(l, n);
		reorder(&p, cases[i].order, cases[i].n);
		ck_assert_uint_eq(read_damaged(l, &p.e, &errors),
				  cases[i].intact);
		ck_assert_uint_eq(errors, cases[i].errors);
		ck_assert_msg(strstr(p.e.msg, cases[i].word) != NULL, "%s",
			      p.e.msg);
		ledger_close(l);
		place_remove(&p);
	}
}
END_TEST

/* ----------------------------------------------------------- concurrency */

enum { WRITERS = 32, APPENDS = 200, VICTIMS = 8 };

struct ack {
	uint64_t index;
	int writer, n;
};

/* A victim that is done before it is killed waits for that. */
static void write_many(struct place *p, int writer, bool victim, int out)
{
	struct ledger *l = place_open(p, LEDGER_APPEND);
	int i;

	l->segment_bytes = 300000;
	srand((unsigned)writer);
	for (i = 0; i < APPENDS; i++) {
		struct ack ack = {.writer = writer, .n = i};
		char id[UUID_TEXT_SIZE];

		if (append_sized(l, writer * 1000 + i, 100, id, &ack.index,
				 &p->e)) {
			fprintf(stderr, "%s\n", p->e.msg);
			_exit(1);
		}
		if (write(out, &ack, sizeof(ack)) != sizeof(ack))
			_exit(1);
	}
	alarm(60);
	while (victim)
		pause();
	_exit(0);
}

/* What was acknowledged: [index] is the record's n plus 1. */
static size_t collect_acks(int in, const pid_t *pids, int victims, long *acked,
			   size_t max)
{
	struct ack ack;
	size_t n = 0;

	while (read(in, &ack, sizeof(ack)) == sizeof(ack)) {
		ck_assert_uint_lt(ack.index, max);
		ck_assert_int_eq(acked[ack.index], 0);
		acked[ack.index] = ack.writer * 1000 + ack.n + 1;
		n++;
		if (ack.writer < victims && ack.n == 20 * ack.writer + 10)
			kill(pids[ack.writer], SIGKILL);
	}
	return n;
}

static void check_acks(struct place *p, const long *acked, size_t promised)
{
	struct ledger *l = place_open(p, LEDGER_READ);
	struct ledger_reader *r;
	struct ledger_item item;
	size_t seen = 0;
	int rc;

	ck_assert_int_eq(ledger_reader_new(&r, l, 0, &p->e), 0);
	while ((rc = ledger_reader_next(r, &item, &p->e)) == 1) {
		char want[32];

		if (!acked[item.index])
			continue;
		snprintf(want, sizeof(want), "\"n\":%ld,",
			 acked[item.index] - 1);
		ck_assert(item_has(&item, want));
		seen++;
	}
	ck_assert_msg(rc == 0, "%s", p->e.msg);
	ck_assert_uint_eq(seen, promised);
	ledger_reader_free(r);
	ledger_close(l);
}

/* Let them write; those below `victims` are killed midway. */
static void run_writers(struct place *p, int writers, int victims, long *acked,
			size_t max)
{
	pid_t pids[WRITERS];
	int ends[2], i, status, killed = 0;
	size_t promised;

	ck_assert_int_eq(pipe(ends), 0);
	for (i = 0; i < writers; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			close(ends[0]);
			write_many(p, i, i < victims, ends[1]);
		}
	}
	close(ends[1]);
	promised = collect_acks(ends[0], pids, victims, acked, max);
	close(ends[0]);
	for (i = 0; i < writers; i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		killed += WIFSIGNALED(status);
		ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	}
	ck_assert_int_eq(killed, victims);
	ck_assert_uint_ge(promised, (size_t)(writers - victims) * APPENDS);
	check_acks(p, acked, promised);
	forget_state(p);
	check_acks(p, acked, promised);
}

START_TEST(what_was_acknowledged_is_there_once_however_many_die)
{
	static long acked[WRITERS * APPENDS + 1000];
	struct place p;
	struct ledger *l;

	place_make(&p);
	run_writers(&p, WRITERS, VICTIMS, acked,
		    sizeof(acked) / sizeof(acked[0]));
	l = place_open(&p, LEDGER_APPEND);
	append_one(l, 1);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(what_was_acknowledged_is_there_once_however_many_syncs_fail)
{
	static long acked[2 * WRITERS * APPENDS];
	struct place p;
	struct ledger *l;

	place_make(&p);
	fault.fail_one_in = 40;
	run_writers(&p, 8, 0, acked, sizeof(acked) / sizeof(acked[0]));
	fault.fail_one_in = 0;
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_uint_ge(count_with(l, "\"reason\":\"sync-failed\""), 1);
	ck_assert_uint_eq(count_with(l, "\"kind\":\"test\""), 8 * APPENDS);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger_faults");
	TCase *t = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(
		t, a_half_written_record_is_passed_over_and_that_is_recorded);
	tcase_add_test(t, a_torn_first_record_sets_the_segment_aside);
	tcase_add_test(t, a_whole_record_of_a_killed_writer_stays);
	tcase_add_test(t, after_a_restart_a_torn_tail_is_found_by_reading);
	tcase_add_test(t,
		       after_a_restart_good_records_behind_a_bad_one_are_kept);
	tcase_add_test(t, a_copy_without_state_or_with_a_stale_one_opens);
	tcase_add_test(t, records_that_were_durable_and_are_gone_are_told);
	tcase_add_test(t, short_writes_are_finished);
	tcase_add_test(
		t, a_full_disk_is_an_error_with_its_remedy_and_leaves_nothing);
	tcase_add_test(t, a_limit_of_file_size_is_an_error_with_its_remedy);
	tcase_add_test(
		t, a_failed_sync_condemns_the_segment_and_is_not_tried_again);
	tcase_add_test(
		t, a_failed_sync_of_the_first_record_sets_the_segment_aside);
	tcase_add_test(t, syncs_that_always_fail_are_an_error_in_bounded_time);
	tcase_add_test(t, a_full_segment_is_followed_by_another);
	tcase_add_test(t, a_flipped_bit_anywhere_is_told_with_its_place);
	tcase_add_test(t, removed_swapped_and_doubled_records_are_told);
	tcase_add_test(t, what_was_acknowledged_is_there_once_however_many_die);
	tcase_add_test(
		t, what_was_acknowledged_is_there_once_however_many_syncs_fail);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
