/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/baseline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/encode.h"
#include "cli/settings.h"
#include "git/refs.h"
#include "git/walk.h"

#define BASELINE_FILE "gatepost-baseline"

enum { FSCK_MAX_BYTES = 256 << 20, BASELINE_MAX_BYTES = 64 << 20 };

/* ---- the tips ---- */

struct tips {
	struct walk *walk;
	struct err *e;
};

static int add_tip(void *ctx, const char *name, const struct oid *id)
{
	struct tips *t = ctx;
	struct oid peeled;

	(void)name;
	return walk_start(t->walk, id, &peeled, t->e);
}

static int compare(const void *a, const void *b)
{
	return oid_compare(a, b);
}

/* Tips are the commits that no other commit has as a parent. */
static int childless(const struct walk *w, struct oid **out, size_t *n,
		     struct err *e)
{
	size_t count = walk_count(w), i, k, cap = 0;
	bool *parent = calloc(count + 1, sizeof(*parent));
	int rc = 0;

	*out = NULL;
	*n = 0;
	if (!parent)
		return err_nomem(e);
	for (i = 0; i < count; i++) {
		const struct walk_commit *c = walk_at(w, i);

		for (k = 0; k < c->nparents; k++)
			if (c->parents[k] != SIZE_MAX)
				parent[c->parents[k]] = true;
	}
	for (i = 0; !rc && i < count; i++) {
		if (parent[i])
			continue;
		rc = array_push(out, *n, &cap, SIZE_MAX / sizeof(**out));
		if (rc)
			rc = err_nomem(e);
		else
			(*out)[(*n)++] = walk_at(w, i)->id;
	}
	free(parent);
	if (!rc && *n)
		qsort(*out, *n, sizeof(**out), compare);
	return rc;
}

static int find_tips(struct place *p, struct oid **out, size_t *n,
		     struct err *e)
{
	struct repository *repo = NULL;
	struct tips t = {.e = e};
	int rc = place_open(p, &repo, e);

	if (!rc)
		rc = walk_new(&t.walk, repo, e);
	if (!rc)
		rc = refs_each(repo, "refs/", add_tip, &t, e);
	if (!rc)
		rc = walk_run(t.walk, 0, 0, e);
	if (!rc)
		rc = childless(t.walk, out, n, e);
	walk_free(t.walk);
	repository_free(repo);
	return rc;
}

/* ---- the file that the config includes ---- */

static int config(const struct place *p, const char *const *words,
		  struct err *e)
{
	const char *argv[8] = {"git", "config"};
	struct buf out = BUF_INIT(FILE_MAX_PATH);
	size_t i;
	int rc;

	for (i = 0; i < 5 && words[i]; i++)
		argv[i + 2] = words[i];
	rc = place_git(p, argv, &out, e);
	buf_release(&out);
	return rc;
}

static int write_file(struct place *p, const struct oid *ids, size_t n,
		      struct baseline *out, struct err *e)
{
	struct buf text = BUF_INIT(BASELINE_MAX_BYTES);
	struct sha256 h;
	unsigned char digest[SHA256_SIZE];
	char path[FILE_MAX_PATH], hex[OID_HEX_SIZE];
	size_t i;
	int rc;

	sha256_init(&h);
	buf_adds(&text, "# What these commits reach is not judged by gatepost;"
			"\n# gatepost install wrote this.\n[gatepost]\n");
	for (i = 0; i < n; i++) {
		oid_to_hex(&ids[i], hex);
		buf_addf(&text, "\tbaseline = %s\n", hex);
		sha256_update(&h, hex, strlen(hex));
		sha256_update(&h, "\n", 1);
	}
	sha256_final(&h, digest);
	hex_encode(digest, SHA256_SIZE, out->digest);
	out->tips = n;
	rc = file_join(p->gitdir, BASELINE_FILE, path, e);
	if (!rc && !buf_ok(&text))
		rc = err_set(e, ERR_LIMIT, "too many tips for a baseline");
	if (!rc)
		rc = file_write_durable(path, text.data, text.len, 0644, e);
	buf_release(&text);
	return rc;
}

int baseline_store(struct place *p, struct baseline *out, struct err *e)
{
	const char *add[] = {"--add", "include.path", BASELINE_FILE, NULL};
	struct oid *ids = NULL;
	size_t n = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	if (p->settings.baseline.n) {
		out->tips = p->settings.baseline.n;
		return 0;
	}
	rc = find_tips(p, &ids, &n, e);
	if (!rc && n)
		rc = write_file(p, ids, n, out, e);
	if (!rc && n)
		rc = config(p, add, e);
	free(ids);
	return rc;
}

static void remove_file(const struct place *p, const char *name)
{
	char path[FILE_MAX_PATH];
	struct err ignored = {0};

	if (!file_join(p->gitdir, name, path, &ignored))
		unlink(path);
}

int baseline_remove(struct place *p, struct err *e)
{
	const char *drop[] = {"--unset-all", "include.path",
			      "^" BASELINE_FILE "$", NULL};
	char path[FILE_MAX_PATH];
	int rc = file_join(p->gitdir, BASELINE_FILE, path, e);

	if (!rc && file_exists(path))
		rc = config(p, drop, e);
	remove_file(p, BASELINE_FILE);
	remove_file(p, SETTINGS_SKIP_FILE);
	return rc;
}

/* ---- objects that fsckObjects would refuse ---- */

/* `error in commit <id>: name: text` and the like, as git-fsck(1) prints */
static bool bad_object(struct span line, enum oid_algo algo, struct span *id)
{
	struct cursor at = cursor_of(line.p, line.n);
	struct span type;
	struct oid check;

	return (cursor_literal(&at, "error in ") ||
		cursor_literal(&at, "warning in ")) &&
	       cursor_until(&at, ' ', &type) && cursor_until(&at, ':', id) &&
	       oid_from_hex(&check, algo, *id);
}

static void list_bad(struct place *p, const struct buf *said, struct buf *out,
		     size_t *n)
{
	const char *f = p->settings.object_format;
	enum oid_algo algo = f ? oid_algo_of_name(span_str(f)) : OID_SHA1;
	struct cursor at = cursor_of(said->data, said->len);
	struct span line, id;

	while (cursor_line(&at, &line)) {
		if (!bad_object(line, algo, &id))
			continue;
		buf_add(out, id.p, id.n);
		buf_addch(out, '\n');
		++*n;
	}
}

/* A list that the admin had before is taken over. */
static int add_old_list(const struct place *p, struct buf *out, struct err *e)
{
	struct buf name = BUF_INIT(FILE_MAX_PATH),
		   text = BUF_INIT(FSCK_MAX_BYTES);
	char path[FILE_MAX_PATH];
	int rc = settings_remember(p, "receive.fsck.skipList", e);

	if (!rc)
		rc = settings_before(p, "receive.fsck.skipList", &name, e);
	if (!rc && name.len)
		rc = file_join(p->gitdir, name.data, path, e);
	if (!rc && name.len)
		rc = file_read(path, &text, e);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e); /* git would not mind either */
		rc = 0;
	}
	buf_add(out, text.data, text.len);
	if (text.len && text.data[text.len - 1] != '\n')
		buf_addch(out, '\n');
	buf_release(&name);
	buf_release(&text);
	return rc;
}

int baseline_bad_objects(struct place *p, char path[FILE_MAX_PATH], size_t *n,
			 struct err *e)
{
	/* what index-pack --strict finds is what a push would be refused for */
	const char *argv[] = {
		"git",		"fsck",		 "--strict", "--no-dangling",
		"--no-reflogs", "--no-progress", NULL};
	struct buf out = BUF_INIT(FSCK_MAX_BYTES);
	struct buf errors = BUF_INIT(FSCK_MAX_BYTES);
	struct buf list = BUF_INIT(FSCK_MAX_BYTES);
	int status;
	int rc = place_git_both(p, argv, &out, &errors, &status, e);

	*n = 0;
	if (!rc)
		rc = file_join(p->gitdir, SETTINGS_SKIP_FILE, path, e);
	if (!rc) {
		list_bad(p, &out, &list, n);
		list_bad(p, &errors, &list, n);
	}
	if (!rc && *n)
		rc = add_old_list(p, &list, e);
	if (!rc && !buf_ok(&list))
		rc = err_set(e, ERR_LIMIT, "too many bad objects");
	if (!rc && *n)
		rc = file_write_durable(path, list.data, list.len, 0644, e);
	buf_release(&out);
	buf_release(&errors);
	buf_release(&list);
	return rc;
}
