/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/files.h"

/* A git-config(1) file of its own: the same keys with the values of before,
 * and before.absent for each key that had none. */
#define BEFORE_FILE "gatepost-before"
#define ABSENT "before.absent"

enum { VALUES_MAX = 1 << 20, WORDS_MAX = 8 };

static const struct setting {
	const char *key;
	const char *ours; /* the value install gives; NULL: any is ours */
} all[] = {
	{"core.useReplaceRefs", "false"},
	{"receive.advertisePushOptions", "true"},
	{"receive.fsckObjects", "true"},
	{"receive.fsck.skipList", SETTINGS_SKIP_FILE},
	{"gatepost.policy", NULL},
	{"gatepost.mode", NULL},
};

/* git config on the repository's own config, or on the file of before. */
struct source {
	const struct place *p;
	bool before;
};

static int run(const struct source *s, const char *const *words,
	       struct buf *out, int *status, struct err *e)
{
	char path[FILE_MAX_PATH];
	const char *argv[WORDS_MAX + 4] = {"git", "config", "--local"};
	struct buf errors = BUF_INIT(4096);
	size_t n = 3, i;
	int rc = file_join(s->p->gitdir, BEFORE_FILE, path, e);

	if (s->before) {
		argv[2] = "--file";
		argv[n++] = path;
	}
	for (i = 0; i < WORDS_MAX && words[i]; i++)
		argv[n++] = words[i];
	if (!rc)
		rc = place_git_both(s->p, argv, out, &errors, status, e);
	if (!rc && *status > 1 && *status != 5)
		rc = err_set(e, ERR_SYS, "git config: %.500s", errors.data);
	buf_release(&errors);
	return rc;
}

/* All values of a key, each with a NUL behind it. */
static int get_all(const struct source *s, const char *key, struct buf *out,
		   struct err *e)
{
	const char *words[] = {"-z", "--get-all", key, NULL};
	int status;

	/* exit status 1 says that there is none */
	return run(s, words, out, &status, e);
}

static int change(const struct source *s, const char *how, const char *key,
		  const char *value, struct err *e)
{
	const char *words[] = {how, key, value, NULL};
	struct buf out = BUF_INIT(4096);
	int status = 0;
	int rc = run(s, words, &out, &status, e);

	/* 5: there was nothing to unset */
	if (!rc && status && !(status == 5 && !value))
		rc = err_set(e, ERR_SYS, "git config %s %s: exit status %d",
			     how, key, status);
	buf_release(&out);
	return rc;
}

static int add_each(const struct source *s, const char *key,
		    const struct buf *values, struct err *e)
{
	struct cursor at = cursor_of(values->data, values->len);
	struct span one;
	int rc = 0;

	while (!rc && cursor_until(&at, '\0', &one))
		rc = change(s, "--add", key, one.p, e);
	return rc;
}

static bool holds(const struct buf *values, const char *word)
{
	struct cursor at = cursor_of(values->data, values->len);
	struct span one;

	while (cursor_until(&at, '\0', &one))
		if (span_is(one, word))
			return true;
	return false;
}

/* What stood there before. @param known  false: it was never asked */
static int before(const struct place *p, const char *key, struct buf *values,
		  bool *known, struct err *e)
{
	const struct source s = {p, true};
	struct buf absent = BUF_INIT(VALUES_MAX);
	int rc;

	*known = false;
	if (!settings_kept(p))
		return 0;
	rc = get_all(&s, key, values, e);
	if (!rc)
		rc = get_all(&s, ABSENT, &absent, e);
	*known = values->len || holds(&absent, key);
	buf_release(&absent);
	return rc;
}

bool settings_kept(const struct place *p)
{
	char path[FILE_MAX_PATH];
	struct err ignored = {0};

	return !file_join(p->gitdir, BEFORE_FILE, path, &ignored) &&
	       file_exists(path);
}

int settings_remember(const struct place *p, const char *key, struct err *e)
{
	const struct source now = {p, false}, then = {p, true};
	struct buf values = BUF_INIT(VALUES_MAX);
	bool known;
	int rc = before(p, key, &values, &known, e);

	if (!rc && !known) {
		rc = get_all(&now, key, &values, e);
		if (!rc && values.len)
			rc = add_each(&then, key, &values, e);
		else if (!rc)
			rc = change(&then, "--add", ABSENT, key, e);
	}
	buf_release(&values);
	return rc;
}

int settings_set(const struct place *p, const char *key, const char *value,
		 struct err *e)
{
	const struct source now = {p, false};
	int rc = settings_remember(p, key, e);

	return rc ? rc : change(&now, "--replace-all", key, value, e);
}

int settings_before(const struct place *p, const char *key, struct buf *out,
		    struct err *e)
{
	struct buf values = BUF_INIT(VALUES_MAX);
	struct cursor at;
	struct span one;
	bool known;
	int rc = before(p, key, &values, &known, e);

	at = cursor_of(values.data, values.len);
	while (!rc && cursor_until(&at, '\0', &one)) {
		buf_clear(out);
		if (buf_add(out, one.p, one.n))
			rc = err_nomem(e);
	}
	buf_release(&values);
	return rc;
}

/* Whether what stands there now is what install has set, or nothing. */
static bool is_ours(const struct setting *s, const struct buf *now)
{
	struct cursor at = cursor_of(now->data, now->len);
	struct span one;
	size_t n = s->ours ? strlen(s->ours) : 0;

	if (!s->ours)
		return true;
	/* a path ends as it should */
	while (cursor_until(&at, '\0', &one))
		if (one.n < n || memcmp(one.p + one.n - n, s->ours, n) != 0)
			return false;
	return true;
}

static int restore_one(const struct place *p, const struct setting *s,
		       struct err *e)
{
	const struct source now = {p, false};
	struct buf then = BUF_INIT(VALUES_MAX), values = BUF_INIT(VALUES_MAX);
	bool known;
	int rc = before(p, s->key, &then, &known, e);

	if (!rc)
		rc = get_all(&now, s->key, &values, e);
	/* gatepost's own go, also where nothing was remembered */
	if (!rc && !known && s->ours)
		goto out;
	if (!rc && !is_ours(s, &values)) {
		fprintf(stderr,
			"gatepost: %s has been changed since, and stays\n",
			s->key);
		goto out;
	}
	if (!rc && values.len)
		rc = change(&now, "--unset-all", s->key, NULL, e);
	if (!rc)
		rc = add_each(&now, s->key, &then, e);
out:
	buf_release(&then);
	buf_release(&values);
	return rc;
}

int settings_restore(const struct place *p, struct err *e)
{
	char path[FILE_MAX_PATH];
	size_t i;
	int rc = file_join(p->gitdir, BEFORE_FILE, path, e);

	for (i = 0; !rc && i < sizeof(all) / sizeof(all[0]); i++)
		rc = restore_one(p, &all[i], e);
	if (!rc)
		unlink(path);
	return rc;
}
