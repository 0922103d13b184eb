/* SPDX-License-Identifier: Apache-2.0 */
/* zlib reads through const pointers, and says so only when asked to */
#define ZLIB_CONST

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ledger/internal.h"
#include "ledger/reserve.h"
#include "sys/lock.h"

/* Most evidence is a few KB of text, written while a pusher waits. */
enum {
	EVIDENCE_LEVEL = 6,
	PATH_SIZE = 96,
	DIR_SIZE = 16,
	TMP_RANDOM = 8,
	FRESH_SECONDS = 120,
	INFLATE_CHUNK = 64 << 10
};

static void evidence_dir(const char *hex, char out[DIR_SIZE])
{
	snprintf(out, DIR_SIZE, "evidence/%.2s", hex);
}

static void evidence_path(const char *hex, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "evidence/%.2s/%s.z", hex, hex + 2);
}

static bool is_digest(const char *hex)
{
	unsigned char raw[SHA256_SIZE];

	return hex_decode(span_str(hex), raw, sizeof(raw));
}

static int sync_dir(struct ledger *l, const char *name, struct err *e)
{
	int fd = openat(l->dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd))
		rc = ledger_err_write(l, "cannot sync a directory", e);
	file_close(&fd);
	return rc;
}

/*
 * Whether it is there, durably: the process that has just renamed it may
 * not have synced the directory yet, and our record would cite it first.
 */
static int is_stored(struct ledger *l, const char *hex, bool *yes,
		     struct err *e)
{
	char path[PATH_SIZE], dir[DIR_SIZE];
	struct stat st;

	evidence_path(hex, path);
	*yes = fstatat(l->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*yes ||
	    time_now_ms() / 1000 - (int64_t)st.st_ctime > FRESH_SECONDS)
		return 0;
	evidence_dir(hex, dir);
	return sync_dir(l, dir, e);
}

static int write_tmp(struct ledger *l, const char *tmp, const void *bytes,
		     size_t n, struct err *e)
{
	int fd = openat(l->dir_fd, tmp,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			l->file_mode);
	int rc = 0;

	if (fd < 0)
		return ledger_err_write(l, "cannot store evidence", e);
	if (fchmod(fd, l->file_mode & ~(mode_t)0222) ||
	    file_write_all(fd, bytes, n, NULL) || fdatasync(fd))
		rc = ledger_err_write(l, "cannot store evidence", e);
	file_close(&fd);
	return rc;
}

static int store(struct ledger *l, const char *hex, const void *bytes, size_t n,
		 struct err *e)
{
	unsigned char random[TMP_RANDOM];
	char tag[2 * TMP_RANDOM + 1], dir[DIR_SIZE], tmp[PATH_SIZE];
	char path[PATH_SIZE];
	bool made;
	int rc = random_bytes(random, sizeof(random), e);

	if (rc)
		return rc;
	hex_encode(random, sizeof(random), tag);
	evidence_dir(hex, dir);
	evidence_path(hex, path);
	snprintf(tmp, sizeof(tmp), "%s/%s.tmp", dir, tag);
	rc = ledger_make_dir(l, dir, &made, e);
	if (!rc && made)
		rc = sync_dir(l, "evidence", e);
	if (!rc)
		rc = write_tmp(l, tmp, bytes, n, e);
	if (!rc && renameat(l->dir_fd, tmp, l->dir_fd, path))
		rc = ledger_err_write(l, "cannot store evidence", e);
	if (rc)
		(void)unlinkat(l->dir_fd, tmp, 0);
	else
		rc = sync_dir(l, dir, e);
	return rc;
}

/*
 * Between here and the record that will cite it, retention must not take a
 * piece for one that nobody cites. The lock is dropped by the next append.
 */
static int hold_evidence(struct ledger *l, struct err *e)
{
	int rc = 0;

	if (l->evidence_fd < 0)
		rc = ledger_open_lock(l, "locks/evidence", &l->evidence_fd, e);
	if (!rc)
		rc = lock_take_shared(l->evidence_fd, LEDGER_LOCK_MS, e);
	return rc ? err_wrap(e, "the ledger %s", l->dir) : 0;
}

int ledger_evidence_put(struct ledger *l, struct span bytes,
			char hex[SHA256_HEX_SIZE], struct err *e)
{
	unsigned char *z;
	uLongf n;
	bool stored;
	int rc;

	hex[0] = '\0';
	if (bytes.n > LEDGER_MAX_EVIDENCE)
		return err_set(e, ERR_LIMIT,
			       "evidence of %zu bytes; the most "
			       "is %d",
			       bytes.n, LEDGER_MAX_EVIDENCE);
	sha256_hex(bytes.p, bytes.n, hex);
	rc = hold_evidence(l, e);
	if (rc)
		return rc;
	rc = is_stored(l, hex, &stored, e);
	if (rc || stored)
		return rc;
	n = compressBound(bytes.n);
	z = malloc(n);
	if (!z || compress2(z, &n, (const Bytef *)bytes.p, bytes.n,
			    EVIDENCE_LEVEL) != Z_OK)
		rc = err_nomem(e);
	else
		rc = store(l, hex, z, n, e);
	if (rc && reserve_use(l)) {
		err_clear(e);
		rc = store(l, hex, z, n, e);
	}
	free(z);
	return rc;
}

bool ledger_evidence_has(struct ledger *l, const char *hex)
{
	char path[PATH_SIZE];

	if (!is_digest(hex))
		return false;
	evidence_path(hex, path);
	return faccessat(l->dir_fd, path, F_OK, 0) == 0;
}

int evidence_remove(struct ledger *l, const char *hex, struct err *e)
{
	char path[PATH_SIZE];

	evidence_path(hex, path);
	if (unlinkat(l->dir_fd, path, 0) && errno != ENOENT)
		return err_sys(e, "remove %s/%s", l->dir, path);
	return 0;
}

/* ----------------------------------------------------------------- read */

static int inflate_all(z_stream *z, struct buf *out, struct err *e)
{
	int rc;

	do {
		size_t before = out->len;

		if (before >= LEDGER_MAX_EVIDENCE ||
		    buf_reserve(out, INFLATE_CHUNK))
			return err_set(e, ERR_LIMIT,
				       "evidence: more bytes than there may "
				       "be");
		z->next_out = (Bytef *)out->data + before;
		z->avail_out = INFLATE_CHUNK;
		rc = inflate(z, Z_NO_FLUSH);
		out->len = before + INFLATE_CHUNK - z->avail_out;
		out->data[out->len] = '\0';
	} while (rc == Z_OK);
	if (rc != Z_STREAM_END || z->avail_in)
		return err_set(e, ERR_MALFORMED,
			       "evidence: is no whole zlib stream");
	return 0;
}

static int uncompress_checked(struct span packed, const char *hex,
			      struct buf *out, struct err *e)
{
	char got[SHA256_HEX_SIZE];
	z_stream z = {.next_in = (const Bytef *)packed.p,
		      .avail_in = (uInt)packed.n};
	int rc;

	if (inflateInit(&z) != Z_OK)
		return err_nomem(e);
	rc = inflate_all(&z, out, e);
	inflateEnd(&z);
	if (rc)
		return rc;
	sha256_hex(out->data, out->len, got);
	if (strcmp(got, hex) != 0)
		return err_set(e, ERR_MALFORMED,
			       "evidence: has another digest (%s)", got);
	return 0;
}

int ledger_evidence_get(struct ledger *l, const char *hex, struct buf *out,
			struct err *e)
{
	struct buf packed = BUF_INIT(LEDGER_MAX_EVIDENCE + (1 << 20));
	struct buf plain = BUF_INIT(LEDGER_MAX_EVIDENCE + INFLATE_CHUNK);
	char path[PATH_SIZE];
	int fd, rc;

	if (!is_digest(hex))
		return err_set(e, ERR_USAGE, "that is no evidence's digest");
	evidence_path(hex, path);
	fd = openat(l->dir_fd, path,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s/%s: is missing", l->dir,
			       path);
	if (fd < 0)
		return err_sys(e, "open %s/%s", l->dir, path);
	rc = file_read_fd(fd, path, &packed, e);
	file_close(&fd);
	if (!rc)
		rc = uncompress_checked(span_of(packed.data, packed.len), hex,
					&plain, e);
	if (!rc && buf_add(out, plain.data, plain.len))
		rc = err_set(e, ERR_LIMIT, "no room for the evidence");
	else if (rc)
		err_wrap(e, "%s/%s", l->dir, path);
	buf_release(&packed);
	buf_release(&plain);
	return rc;
}
