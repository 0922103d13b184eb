/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/index_sorted.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/encode.h"
#include "ledger/crc32.h"
#include "ledger/index.h"
#include "ledger/internal.h"

enum {
	BLOCK = 4096,
	CRC_AT = BLOCK - 4,
	KEY = 8, /* bytes of a key that are compared */
	ENTRY = KEY + 4,
	ENTRIES = CRC_AT / ENTRY,
	TAIL = 64,  /* bytes before the end that prove it is the same file */
	GUESSES = 4 /* by the value of the key, before halving */
};

static const char magic[8] = "gpsort1\n";

struct sorted {
	int fd;
	uint64_t covered, entries;
	uint64_t at; /* which block is read; 0: none of the entries */
	unsigned char block[BLOCK];
};

static void put_number(unsigned char *p, uint64_t v, size_t n)
{
	while (n--) {
		p[n] = (unsigned char)v;
		v >>= 8;
	}
}

static uint64_t get_number(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static uint32_t crc_of(const void *p, size_t n)
{
	return crc32_add(0, p, n);
}

static bool read_at(int fd, void *out, size_t n, uint64_t at)
{
	return pread(fd, out, n, (off_t)at) == (ssize_t)n;
}

static bool key_bytes(const char *hex, size_t n, unsigned char out[KEY])
{
	return n >= 2 * KEY && hex_decode(span_of(hex, 2 * KEY), out, KEY);
}

/* ---- reading ---- */

static bool read_block(struct sorted *s, uint64_t at)
{
	if (s->at == at && at)
		return true;
	s->at = 0;
	if (!read_at(s->fd, s->block, BLOCK, at * BLOCK) ||
	    get_number(s->block + CRC_AT, 4) != crc_of(s->block, CRC_AT))
		return false;
	s->at = at;
	return true;
}

static bool tail_crc(int fd, uint64_t covered, uint32_t *out)
{
	unsigned char tail[TAIL];

	if (covered < TAIL || !read_at(fd, tail, TAIL, covered - TAIL))
		return false;
	*out = crc_of(tail, TAIL);
	return true;
}

static bool sorted_open(struct sorted *s, int fd, const char *path, size_t size)
{
	char name[FILE_MAX_PATH];
	uint32_t crc;

	s->at = 0;
	s->fd = -1;
	if (snprintf(name, sizeof(name), "%s" INDEX_SORTED, path) >=
	    (int)sizeof(name))
		return false;
	s->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (s->fd < 0 || !read_block(s, 0) ||
	    memcmp(s->block, magic, sizeof(magic)) != 0)
		return false;
	s->covered = get_number(s->block + 8, 8);
	s->entries = get_number(s->block + 16, 8);
	return s->covered <= size && tail_crc(fd, s->covered, &crc) &&
	       crc == get_number(s->block + 24, 4);
}

static const unsigned char *entry_at(struct sorted *s, uint64_t i)
{
	if (!read_block(s, 1 + i / ENTRIES))
		return NULL;
	return s->block + i % ENTRIES * ENTRY;
}

/* Keys are digests: where one is can be told from its value. All of a file
 * begin with the same byte. */
static uint64_t guess(const unsigned char key[KEY], uint64_t low, uint64_t high,
		      const uint64_t of[2])
{
	uint64_t k = get_number(key, KEY), width = of[1] - of[0];
	double part = width ? (double)(k - of[0]) / (double)width : 0.5;

	if (k <= of[0])
		return low;
	if (k >= of[1])
		return high - 1;
	return low + (uint64_t)(part * (double)(high - low - 1));
}

/* The first entry whose key is not below this one. @return false: damaged */
static bool lower_bound(struct sorted *s, const unsigned char key[KEY],
			uint64_t *out)
{
	uint64_t low = 0, high = s->entries, of[2];
	int turn;

	of[0] = get_number(key, 1) << 56;
	of[1] = of[0] | UINT64_MAX >> 8;
	for (turn = 0; low < high; turn++) {
		uint64_t mid = turn < GUESSES ? guess(key, low, high, of)
					      : low + (high - low) / 2;
		const unsigned char *at = entry_at(s, mid);

		if (!at)
			return false;
		if (memcmp(at, key, KEY) < 0) {
			low = mid + 1;
			of[0] = get_number(at, KEY);
		} else {
			high = mid;
			of[1] = get_number(at, KEY);
		}
	}
	*out = low;
	return true;
}

/* One line of the file, with its LF; false when none of that key is there. */
static bool add_line(int fd, uint64_t at, uint64_t covered,
		     const unsigned char key[KEY], struct buf *out)
{
	char line[INDEX_MAX_LINE + 1];
	unsigned char is[KEY];
	size_t n = sizeof(line);
	const char *end;

	if (at >= covered)
		return false;
	if (covered - at < n)
		n = (size_t)(covered - at);
	if (!read_at(fd, line, n, at))
		return false;
	end = memchr(line, '\n', n);
	if (!end || !key_bytes(line, (size_t)(end - line), is) ||
	    memcmp(is, key, KEY) != 0)
		return false;
	buf_add(out, line, (size_t)(end - line) + 1);
	return true;
}

static bool add_lines(struct sorted *s, int fd, const unsigned char key[KEY],
		      struct buf *out)
{
	const unsigned char *at;
	uint64_t i;

	if (!lower_bound(s, key, &i))
		return false;
	for (; i < s->entries; i++) {
		at = entry_at(s, i);
		if (!at)
			return false;
		if (memcmp(at, key, KEY) != 0)
			return true;
		if (!add_line(fd, get_number(at + KEY, 4), s->covered, key,
			      out))
			return false;
	}
	return true;
}

static bool add_rest(const struct sorted *s, int fd, size_t size,
		     struct buf *out)
{
	size_t n = size - (size_t)s->covered;

	if (buf_reserve(out, n) ||
	    !read_at(fd, out->data + out->len, n, s->covered))
		return false;
	out->len += n;
	out->data[out->len] = '\0';
	return true;
}

int index_sorted_lines(int fd, const char *path, size_t size, const char *key,
		       struct buf *out, struct err *e)
{
	unsigned char want[KEY];
	struct sorted s;
	bool ok;

	if (!key_bytes(key, strlen(key), want))
		return 0;
	ok = sorted_open(&s, fd, path, size) && add_lines(&s, fd, want, out) &&
	     add_rest(&s, fd, size, out);
	file_close(&s.fd);
	if (!buf_ok(out))
		return err_nomem(e);
	if (!ok)
		buf_clear(out);
	return ok;
}

/* ---- writing ---- */

struct sorting {
	unsigned char (*v)[ENTRY];
	size_t n, cap;
	size_t covered;
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, ENTRY);
}

/* A line with a shorter key would be found by none: then nothing is sorted. */
static bool collect(struct sorting *s, struct span text)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;

	while (cursor_until(&c, '\n', &line)) {
		s->covered = (size_t)(c.p - text.p);
		if (!line.n)
			continue;
		if (array_push(&s->v, s->n, &s->cap, INDEX_MAX_FILE))
			return false;
		if (!key_bytes(line.p, line.n, s->v[s->n])) {
			/* a torn line is no one's */
			if (memchr(line.p, ' ', line.n))
				return false;
			continue;
		}
		put_number(s->v[s->n++] + KEY, (uint64_t)(line.p - text.p), 4);
	}
	if (s->n)
		qsort(s->v, s->n, ENTRY, compare);
	return true;
}

static void add_block(struct buf *out, unsigned char block[BLOCK])
{
	put_number(block + CRC_AT, crc_of(block, CRC_AT), 4);
	buf_add(out, block, BLOCK);
	memset(block, 0, BLOCK);
}

static bool make(const struct sorting *s, uint32_t tail, struct buf *out)
{
	unsigned char block[BLOCK] = {0};
	size_t i;

	memcpy(block, magic, sizeof(magic));
	put_number(block + 8, s->covered, 8);
	put_number(block + 16, s->n, 8);
	put_number(block + 24, tail, 4);
	add_block(out, block);
	for (i = 0; i < s->n; i++) {
		memcpy(block + i % ENTRIES * ENTRY, s->v[i], ENTRY);
		if (i % ENTRIES == ENTRIES - 1 || i + 1 == s->n)
			add_block(out, block);
	}
	return buf_ok(out);
}

static void sort(struct ledger *l, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(INDEX_MAX_FILE);
	struct buf out = BUF_INIT(INDEX_MAX_FILE);
	char name[FILE_MAX_PATH];
	struct sorting s = {0};
	uint32_t tail;

	if (!file_read(path, &text, e) &&
	    collect(&s, span_of(text.data, text.len)) && s.covered >= TAIL) {
		tail = crc_of(text.data + s.covered - TAIL, TAIL);
		if (make(&s, tail, &out) &&
		    snprintf(name, sizeof(name), "%s" INDEX_SORTED, path) <
			    (int)sizeof(name))
			(void)file_write(name, out.data, out.len, l->file_mode,
					 e);
	}
	free(s.v);
	buf_release(&text);
	buf_release(&out);
}

void index_sorted_update(struct ledger *l, int fd, const char *name)
{
	char path[FILE_MAX_PATH];
	struct err ignored = {0};
	struct sorted s;
	struct stat st;
	bool due;

	if (fstat(fd, &st) || st.st_size <= INDEX_SCAN_BYTES ||
	    file_join(l->dir, name, path, &ignored))
		return;
	due = !sorted_open(&s, fd, path, (size_t)st.st_size) ||
	      (uint64_t)st.st_size - s.covered > INDEX_SCAN_BYTES;
	file_close(&s.fd);
	if (due)
		sort(l, path, &ignored);
}
