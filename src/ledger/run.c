/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/crc32.h"
#include "ledger/internal.h"
#include "ledger/segment.h"

enum {
	SUM = 4, /* bytes at the end of each block */
	PER_BLOCK = (RUN_BLOCK - SUM) / RUN_ENTRY
};

static const char magic[16] = "gatepost-find 1\n";

uint64_t run_size(int level)
{
	uint64_t n = RUN_RECORDS;

	while (level-- > 0)
		n *= RUN_FANOUT;
	return n;
}

void run_name(int level, uint64_t first, char out[RUN_NAME_SIZE])
{
	snprintf(out, RUN_NAME_SIZE, RUN_DIR "/%d/%020" PRIu64, level, first);
}

/* ---------------------------------------------------------------- bytes */

static void put_u64(unsigned char *p, uint64_t v)
{
	int i;

	for (i = 7; i >= 0; i--, v >>= 8)
		p[i] = (unsigned char)v;
}

static uint64_t get_u64(const unsigned char *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void put_u32(unsigned char *p, uint32_t v)
{
	int i;

	for (i = 3; i >= 0; i--, v >>= 8)
		p[i] = (unsigned char)v;
}

static uint32_t get_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

uint32_t run_entry_record(const unsigned char entry[RUN_ENTRY])
{
	return get_u32(entry + TERM_KEY_SIZE);
}

void run_entry_set_record(unsigned char entry[RUN_ENTRY], uint32_t record)
{
	put_u32(entry + TERM_KEY_SIZE, record);
}

/* The place is part of it: a block that is another's does not check. */
static uint32_t block_sum(const unsigned char data[RUN_BLOCK], uint64_t first,
			  uint64_t block)
{
	unsigned char place[16];
	uint32_t crc;

	put_u64(place, first);
	put_u64(place + 8, block);
	crc = crc32_add(0, place, sizeof(place));
	return crc32_add(crc, data, RUN_BLOCK - SUM);
}

/* -------------------------------------------------------------- reading */

static int load_block(struct run *r, uint64_t block, struct err *e)
{
	ssize_t got =
		pread(r->fd, r->data, RUN_BLOCK, (off_t)(block * RUN_BLOCK));

	r->block = 0;
	if (got < 0)
		return err_sys(e, "read " RUN_DIR "/");
	if (got != RUN_BLOCK ||
	    get_u32(r->data + RUN_BLOCK - SUM) !=
		    block_sum(r->data, r->info.first, block))
		return err_set(e, ERR_MALFORMED,
			       "a run of the index is damaged");
	r->block = block;
	return 0;
}

static uint64_t blocks_of(uint64_t entries)
{
	return 1 + (entries + PER_BLOCK - 1) / PER_BLOCK;
}

static int read_head(struct run *r, struct err *e)
{
	uint64_t first = r->info.first;
	struct stat st;
	int rc = load_block(r, 0, e);

	if (rc)
		return rc;
	if (fstat(r->fd, &st))
		return err_sys(e, "stat " RUN_DIR "/");
	r->info.entries = get_u64(r->data + 24);
	r->info.min_ms = (int64_t)get_u64(r->data + 32);
	r->info.max_ms = (int64_t)get_u64(r->data + 40);
	if (memcmp(r->data, magic, sizeof(magic)) != 0 ||
	    get_u64(r->data + 16) != first ||
	    r->info.entries > (uint64_t)st.st_size ||
	    (uint64_t)st.st_size != blocks_of(r->info.entries) * RUN_BLOCK)
		return err_set(e, ERR_MALFORMED,
			       "a run of the index is damaged");
	return 0;
}

int run_open(struct run *r, int dir_fd, int level, uint64_t first,
	     struct err *e)
{
	char name[RUN_NAME_SIZE];
	int rc;

	run_name(level, first, name);
	r->info = (struct run_info){.first = first};
	r->block = 0;
	r->fd = openat(dir_fd, name,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (r->fd < 0 && (errno == ENOENT || errno == EACCES))
		return err_set(e, ERR_NOT_FOUND, "no %s", name);
	if (r->fd < 0)
		return err_sys(e, "open %s", name);
	rc = read_head(r, e);
	if (rc == ERR_MALFORMED)
		rc = err_set(e, ERR_NOT_FOUND, "%s is damaged", name);
	if (rc)
		run_release(r);
	return rc;
}

void run_release(struct run *r)
{
	file_close(&r->fd);
}

int run_get(struct run *r, uint64_t i, const unsigned char **entry,
	    struct err *e)
{
	uint64_t block = 1 + i / PER_BLOCK;
	int rc = r->block == block ? 0 : load_block(r, block, e);

	*entry = r->data + (i % PER_BLOCK) * RUN_ENTRY;
	return rc;
}

int run_bound(struct run *r, const unsigned char key[TERM_KEY_SIZE], bool above,
	      uint64_t *i, struct err *e)
{
	uint64_t lo = 0, hi = r->info.entries;

	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const unsigned char *entry;
		int rc = run_get(r, mid, &entry, e), cmp;

		if (rc)
			return rc;
		cmp = memcmp(entry, key, TERM_KEY_SIZE);
		if (cmp < 0 || (above && cmp == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	*i = lo;
	return 0;
}

/* -------------------------------------------------------------- writing */

/* Root, who only looked, must not leave what the owner cannot replace. */
static void give_to_owner(const struct ledger *l, int at, const char *name)
{
	struct stat st;

	if (segment_owner(l->dir_fd, &st))
		(void)!fchownat(at, name, st.st_uid, st.st_gid,
				AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
}

static int make_dir(struct ledger *l, const char *name, struct err *e)
{
	bool made;
	int rc = ledger_make_dir(l, name, &made, e);

	if (!rc && made)
		give_to_owner(l, l->dir_fd, name);
	return rc;
}

int run_writer_init(struct run_writer *w, struct ledger *l, int level,
		    uint64_t first, struct err *e)
{
	char dir[RUN_NAME_SIZE];
	int rc;

	memset(w, 0, sizeof(*w));
	w->l = l;
	w->level = level;
	w->info.first = first;
	w->fd = -1;
	w->block = 1;
	snprintf(dir, sizeof(dir), RUN_DIR "/%d", level);
	rc = make_dir(l, RUN_DIR, e);
	if (!rc)
		rc = make_dir(l, dir, e);
	if (rc)
		return rc;
	snprintf(w->tmp, sizeof(w->tmp), RUN_DIR "/%d/%ld.tmp", level,
		 (long)getpid());
	w->fd = openat(l->dir_fd, w->tmp,
		       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		       l->file_mode);
	if (w->fd < 0) {
		w->tmp[0] = '\0';
		return ledger_err_write(l, "cannot write the index", e);
	}
	(void)fchmod(w->fd, l->file_mode);
	give_to_owner(l, w->fd, "");
	return 0;
}

static int put_block(struct run_writer *w, uint64_t block, struct err *e)
{
	size_t done = 0;

	put_u32(w->data + RUN_BLOCK - SUM,
		block_sum(w->data, w->info.first, block));
	while (done < RUN_BLOCK) {
		ssize_t put = pwrite(w->fd, w->data + done, RUN_BLOCK - done,
				     (off_t)(block * RUN_BLOCK + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = ENOSPC;
		if (put <= 0)
			return ledger_err_write(w->l, "cannot write the index",
						e);
		done += (size_t)put;
	}
	memset(w->data, 0, sizeof(w->data));
	w->used = 0;
	return 0;
}

int run_writer_add(struct run_writer *w, const unsigned char entry[RUN_ENTRY],
		   struct err *e)
{
	unsigned char *at = w->data + w->used * RUN_ENTRY;
	int rc = 0;

	if (w->used && memcmp(at - RUN_ENTRY, entry, RUN_ENTRY) == 0)
		return 0;
	if (w->used == PER_BLOCK) {
		rc = put_block(w, w->block++, e);
		at = w->data;
	}
	if (rc)
		return rc;
	memcpy(at, entry, RUN_ENTRY);
	w->used++;
	w->info.entries++;
	return 0;
}

int run_writer_commit(struct run_writer *w, struct err *e)
{
	char name[RUN_NAME_SIZE];
	int rc = w->used ? put_block(w, w->block, e) : 0;

	if (rc)
		return rc;
	memcpy(w->data, magic, sizeof(magic));
	put_u64(w->data + 16, w->info.first);
	put_u64(w->data + 24, w->info.entries);
	put_u64(w->data + 32, (uint64_t)w->info.min_ms);
	put_u64(w->data + 40, (uint64_t)w->info.max_ms);
	rc = put_block(w, 0, e);
	if (rc)
		return rc;
	run_name(w->level, w->info.first, name);
	if (renameat(w->l->dir_fd, w->tmp, w->l->dir_fd, name))
		return ledger_err_write(w->l, "cannot write the index", e);
	w->tmp[0] = '\0';
	return 0;
}

void run_writer_release(struct run_writer *w)
{
	file_close(&w->fd);
	if (w->tmp[0])
		(void)unlinkat(w->l->dir_fd, w->tmp, 0);
	w->tmp[0] = '\0';
}
