/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/text.h"
#include "ledger/internal.h"
#include "ledger/segment.h"
#include "ledger/reserve.h"
#include "ledger/seal.h"

enum { MAX_FORMAT_FILE = 4096 };

static const char format_line[] = LEDGER_FORMAT_LINE;

/*
 * flock and shared mappings between two machines are promises that network
 * file systems keep badly; two hosts would overwrite each other's records.
 */
static const char *network_fs(long type)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} known[] = {
		{0x6969, "NFS"},      {0xff534d42, "CIFS"},
		{0xfe534d42, "SMB"},  {0x517b, "SMB"},
		{0x5346414f, "AFS"},  {0x6b414653, "AFS"},
		{0x00c36400, "Ceph"}, {0x0bd00bd0, "Lustre"},
		{0x73757245, "Coda"},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (((unsigned long)type & 0xffffffff) == known[i].magic)
			return known[i].name;
	return NULL;
}

void ledger_take_modes(struct ledger *l, const struct stat *st)
{
	l->dir_mode = (st->st_mode & S_IRWXG) | S_IRWXU;
	l->file_mode = l->dir_mode & 0660;
}

int ledger_check_local(const struct ledger *l, struct err *e)
{
	const char *network;
	struct statfs fs;

	if (fstatfs(l->dir_fd, &fs))
		return err_sys(e, "stat %s", l->dir);
	network = network_fs((long)fs.f_type);
	if (network)
		return err_set(e, ERR_CONFIG,
			       "%s: is on a network file system (%s); a ledger "
			       "needs a local disk: gatepost ledger init DIR "
			       "makes one there",
			       l->dir, network);
	return 0;
}

static int check_dir(struct ledger *l, struct err *e)
{
	struct stat st;

	if (fstat(l->dir_fd, &st))
		return err_sys(e, "stat %s", l->dir);
	if (st.st_mode & S_IWOTH)
		return err_set(e, ERR_DENIED,
			       "%s: everybody may write there; chmod -R o-w it",
			       l->dir);
	ledger_take_modes(l, &st);
	return l->flags & LEDGER_APPEND ? ledger_check_local(l, e) : 0;
}

/* What stands behind `key`, at its first time. */
static int take_word(struct span line, const char *key, char **out,
		     struct err *e)
{
	size_t n = strlen(key);

	if (*out || !span_starts(line, key))
		return 0;
	*out = span_dup(span_of(line.p + n, line.n - n));
	return *out ? 0 : err_nomem(e);
}

static int parse_format(struct ledger *l, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;

	if (!cursor_line(&c, &line) || !span_is(line, format_line)) {
		if (span_starts(line, "gatepost-ledger "))
			return err_set(
				e, ERR_CONFIG,
				"%s: of a newer format; upgrade gatepost",
				l->dir);
		return err_set(e, ERR_CONFIG, "%s/format: is no ledger's",
			       l->dir);
	}
	while (cursor_line(&c, &line))
		if (take_word(line, "origin ", &l->origin, e) ||
		    take_word(line, LEDGER_COPY_OF, &l->copy_of, e) ||
		    take_word(line, LEDGER_COPY_LACKS, &l->copy_lacks, e))
			return ERR_MEMORY;
	if (l->origin)
		return 0;
	return err_set(e, ERR_CONFIG, "%s/format: names no origin", l->dir);
}

static int read_format(struct ledger *l, struct err *e)
{
	struct buf text = BUF_INIT(MAX_FORMAT_FILE);
	int fd = openat(l->dir_fd, "format",
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND,
			       "%s: no ledger there; gatepost ledger init %s "
			       "makes one",
			       l->dir, l->dir);
	if (fd < 0)
		return err_sys(e, "open %s/format", l->dir);
	rc = file_read_fd(fd, "format", &text, e);
	if (!rc)
		rc = parse_format(l, span_of(text.data, text.len), e);
	file_close(&fd);
	buf_release(&text);
	return rc;
}

/* Root, who only looked, must not leave locks that the hooks cannot open. */
void ledger_give_to_owner(const struct ledger *l, int fd)
{
	struct stat st;

	(void)fchmod(fd, l->file_mode);
	if (segment_owner(l->dir_fd, &st))
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

int ledger_open_lock(struct ledger *l, const char *name, int *fd, struct err *e)
{
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	*fd = openat(l->dir_fd, name, flags);
	if (*fd < 0 && errno == ENOENT) {
		*fd = openat(l->dir_fd, name, flags | O_CREAT, l->file_mode);
		if (*fd >= 0)
			ledger_give_to_owner(l, *fd);
	}
	return *fd < 0 ? err_sys(e, "open %s", name) : 0;
}

/* The usual mistake: root made it, and the hooks run as somebody else. */
static int say_denied(struct ledger *l, struct err *e)
{
	return err_set(e, ERR_DENIED,
		       "the ledger %s: user %ld may not write there; give it "
		       "to the user whom the hooks run as: chown -R USER %s",
		       l->dir, (long)geteuid(), l->dir);
}

static int open_shared(struct ledger *l, struct err *e)
{
	int rc = state_map(&l->state, l->dir_fd, true, l->file_mode, e);
	struct stat st;

	if (!rc && segment_owner(l->dir_fd, &st))
		(void)!fchownat(l->dir_fd, "state", st.st_uid, st.st_gid,
				AT_SYMLINK_NOFOLLOW);
	if (!rc)
		rc = ledger_open_lock(l, "locks/append", &l->append_fd, e);
	if (!rc)
		rc = ledger_open_lock(l, "locks/sync", &l->sync_fd, e);
	if (rc && errno == EACCES)
		return say_denied(l, e);
	return rc ? err_wrap(e, "the ledger %s", l->dir) : 0;
}

int ledger_refuse_copy(const struct ledger *l, struct err *e)
{
	if (!l->copy_of)
		return 0;
	return err_set(e, ERR_DENIED,
		       "the ledger %s is a copy of %s, which gatepost ledger "
		       "follow alone changes",
		       l->dir, l->copy_of);
}

static int open_append(struct ledger *l, struct err *e)
{
	int rc = ledger_refuse_copy(l, e);

	if (!rc)
		rc = state_boot_key(&l->boot, e);
	if (!rc)
		rc = open_shared(l, e);
	if (!rc)
		rc = state_bind_key(&l->boot, l->dir_fd, e);
	if (!rc && !state_valid(l->state, l->boot))
		rc = ledger_repair(l, e);
	if (rc && reserve_use(l)) {
		err_clear(e);
		rc = ledger_repair(l, e);
	}
	if (!rc)
		reserve_make(l);
	return rc;
}

/* How far a copy has been verified, which its last checkpoint says. What
 * stands behind that, a run that was killed has left. */
static int read_copied(struct ledger *l, struct err *e)
{
	struct checkpoint_note last;
	struct err why;
	int rc = seal_checkpoint_read(l, &last, &why);

	if (!rc)
		l->copied = last.at.size;
	l->copied_known = !rc || rc == ERR_NOT_FOUND;
	checkpoint_note_release(&last);
	return rc == ERR_MEMORY ? err_nomem(e) : 0;
}

static int open_read(struct ledger *l, struct err *e)
{
	if (l->copy_of)
		return read_copied(l, e);
	/* without /proc no state can be trusted, and readers go by checksums */
	if (state_boot_key(&l->boot, NULL))
		return 0;
	if (state_map(&l->state, l->dir_fd, false, 0, e))
		return e->code;
	return state_bind_key(&l->boot, l->dir_fd, e);
}

struct ledger *ledger_new(const char *dir, unsigned flags)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->flags = flags;
	l->segment_bytes = LEDGER_SEGMENT_BYTES;
	l->dir_fd = l->append_fd = l->sync_fd = l->segment_fd = -1;
	l->evidence_fd = l->memory_fd = -1;
	memcpy(l->dir, dir, strlen(dir) + 1);
	return l;
}

static int open_dir(struct ledger *l, struct err *e)
{
	l->dir_fd = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dir_fd >= 0)
		return 0;
	if (errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND,
			       "%s: no such ledger; gatepost ledger init %s "
			       "makes one",
			       l->dir, l->dir);
	if (errno == EACCES)
		return err_set(e, ERR_SYS,
			       "open the ledger %s: Permission denied; run "
			       "this as the user to whom it belongs",
			       l->dir);
	return err_sys(e, "open the ledger %s", l->dir);
}

int ledger_open(struct ledger **out, const char *dir, unsigned flags,
		struct err *e)
{
	struct ledger *l;
	int rc;

	*out = NULL;
	if (strlen(dir) >= sizeof(l->dir))
		return err_set(e, ERR_LIMIT, "the ledger's path is too long");
	l = ledger_new(dir, flags);
	if (!l)
		return err_nomem(e);
	rc = open_dir(l, e);
	if (!rc)
		rc = check_dir(l, e);
	if (!rc)
		rc = read_format(l, e);
	if (!rc)
		rc = flags & LEDGER_APPEND ? open_append(l, e)
					   : open_read(l, e);
	if (rc) {
		ledger_close(l);
		return rc;
	}
	*out = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	state_unmap(l->state);
	file_close(&l->segment_fd);
	file_close(&l->append_fd);
	file_close(&l->sync_fd);
	file_close(&l->evidence_fd);
	file_close(&l->memory_fd);
	file_close(&l->dir_fd);
	free(l->origin);
	free(l->copy_of);
	free(l->copy_lacks);
	free(l);
}

const char *ledger_dir(const struct ledger *l)
{
	return l->dir;
}

const char *ledger_origin(const struct ledger *l)
{
	return l->origin;
}

bool ledger_is_bare(const struct ledger *l)
{
	return l->copy_of && l->copy_lacks;
}

unsigned ledger_flags(const struct ledger *l)
{
	return l->flags;
}

bool ledger_limit(const struct ledger *l, uint64_t *durable)
{
	if (l->copy_of) {
		*durable = l->copied;
		return l->copied_known;
	}
	if (!state_valid(l->state, l->boot))
		return false;
	*durable = atomic_load(&l->state->durable);
	return true;
}

int ledger_err_write(struct ledger *l, const char *what, struct err *e)
{
	l->full = errno == ENOSPC || errno == EDQUOT;
	if (l->full)
		return err_sys(
			e,
			"%s in the ledger %s: free some space on its "
			"file system, until then nothing can be recorded",
			what, l->dir);
	if (errno == EFBIG)
		return err_sys(e,
			       "%s in the ledger %s: lift this process's limit "
			       "of file size (ulimit -f)",
			       what, l->dir);
	return err_sys(e, "%s in the ledger %s", what, l->dir);
}

int ledger_make_dir(struct ledger *l, const char *name, bool *made,
		    struct err *e)
{
	struct stat st;

	if (made)
		*made = false;
	if (mkdirat(l->dir_fd, name, l->dir_mode)) {
		if (errno == EEXIST)
			return 0;
		return ledger_err_write(l, "cannot make a directory", e);
	}
	if (made)
		*made = true;
	/* mkdir inherits the setgid bit, and chmod must not take it away */
	if (fstatat(l->dir_fd, name, &st, 0) == 0)
		(void)fchmodat(l->dir_fd, name,
			       l->dir_mode | (st.st_mode & S_ISGID), 0);
	return 0;
}
