/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/anchors_private.h"
#include "ledger/copy_private.h"

/* ---------------------------------------------------------------- write */

static int make_dir(struct copy *c, const char *name, struct err *e)
{
	if (mkdirat(c->sealed_fd, name, c->sealed_dir_mode) && errno != EEXIST)
		return ledger_err_write(c->l, "cannot make a directory", e);
	return 0;
}

static int write_file(struct copy *c, const char *path, const struct buf *b,
		      struct err *e)
{
	char full[FILE_MAX_PATH];
	int rc = file_join(c->l->dir, path, full, e);

	return rc ? rc
		  : file_write_durable(full, b->data, b->len, c->sealed_mode,
				       e);
}

/* Whether what is there is of more records, or the same. */
static bool has_newer(struct copy *c, const char *path,
		      const struct checkpoint_note *note)
{
	struct buf bytes = BUF_INIT(NOTE_MAX);
	struct checkpoint_note old;
	bool yes;

	checkpoint_note_init(&old);
	yes = !anchor_read_file(c->l, path, &bytes, NULL) &&
	      !checkpoint_note_take(&old, &bytes, path, NULL) &&
	      (old.at.size > note->at.size ||
	       span_equal(span_of(old.bytes.data, old.bytes.len),
			  span_of(note->bytes.data, note->bytes.len)));
	checkpoint_note_release(&old);
	buf_release(&bytes);
	return yes;
}

static int put_cosigned(struct copy *c, const char *name,
			const struct checkpoint_note *note, struct err *e)
{
	char path[ANCHOR_PATH];
	int rc;

	anchor_witness_path(name, path);
	if (has_newer(c, path, note))
		return 0;
	rc = make_dir(c, "witness", e);
	return rc ? rc : write_file(c, path, &note->bytes, e);
}

/* The time stamp last: it counts when both are there. */
static int put_stamp(struct copy *c, const char *name,
		     const struct checkpoint_note *note,
		     const struct buf *stamp, struct err *e)
{
	char path[ANCHOR_PATH], dir[ANCHOR_PATH];
	int rc;

	anchor_stamp_path(name, note->at.size, "tsr", path);
	if (!faccessat(c->l->dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return 0;
	snprintf(dir, sizeof(dir), "timestamps/%s", name);
	rc = make_dir(c, "timestamps", e);
	if (!rc)
		rc = make_dir(c, dir, e);
	anchor_stamp_path(name, note->at.size, "checkpoint", path);
	if (!rc)
		rc = write_file(c, path, &note->bytes, e);
	anchor_stamp_path(name, note->at.size, "tsr", path);
	return rc ? rc : write_file(c, path, stamp, e);
}

static int check_note(struct copy *c, const char *name,
		      const struct checkpoint_note *note, struct err *e)
{
	struct merkle_hash root;
	int rc;

	if (!span_is(note->at.origin, ledger_origin(c->l)))
		return err_set(e, ERR_MALFORMED,
			       "what %s vouches for is another ledger", name);
	rc = copy_root(c, note->at.size, &root, e);
	if (!rc && !merkle_equal(&root, &note->at.root))
		rc = err_set(e, ERR_MALFORMED,
			     "%s vouches for %" PRIu64
			     " records, which are not those that were copied",
			     name, note->at.size);
	return rc;
}

int copy_put_anchor(struct copy *c, const char *name,
		    const struct checkpoint_note *note, const struct buf *stamp,
		    struct err *e)
{
	int rc;

	if (note->at.size > copy_size(c))
		return 0; /* the next run has those records, too */
	rc = check_note(c, name, note, e);
	if (rc)
		return rc;
	return stamp ? put_stamp(c, name, note, stamp, e)
		     : put_cosigned(c, name, note, e);
}

/* ----------------------------------------------------------------- look */

/* The most records that one of them has stamped. */
static uint64_t stamped_by(const struct copy *c, const char *name)
{
	char path[ANCHOR_PATH];
	struct dirent *entry;
	uint64_t most = 0, size;
	int fd;
	DIR *d;

	snprintf(path, sizeof(path), "timestamps/%s", name);
	fd = openat(c->sealed_fd, path,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		file_close(&fd);
	while (d && (entry = readdir(d)))
		if (anchor_stamp_size(entry->d_name, &size) && size > most)
			most = size;
	if (d)
		closedir(d);
	return most;
}

uint64_t copy_stamped(const struct copy *c)
{
	int fd = openat(c->sealed_fd, "timestamps",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	uint64_t all = UINT64_MAX, one;
	struct dirent *entry;

	if (!d)
		file_close(&fd);
	while (d && (entry = readdir(d))) {
		if (!anchor_name_is(entry->d_name))
			continue;
		one = stamped_by(c, entry->d_name);
		all = one < all ? one : all;
	}
	if (d)
		closedir(d);
	return all == UINT64_MAX ? 0 : all;
}
