/* SPDX-License-Identifier: Apache-2.0 */
#include "landed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <yyjson.h>

#include "base/text.h"
#include "ledger/lists.h"
#include "sys/child.h"
#include "sys/deadline.h"
#include "sys/files.h"
#include "trust/approvals.h"
#include "trust/import.h"

enum {
	GIT_MS = 10000,
	COMMANDS_MAX = 1 << 20,
	LISTING_MAX = 16 << 20, /* of approvals in one repository */
	SWEEP_SECONDS = 86400
};

/* The decision speaks of real names, git of the names that were pushed. */
static const char *pushed_name(yyjson_val *refs, const char *real)
{
	yyjson_val *ref;
	size_t i, n;

	yyjson_arr_foreach(refs, i, n, ref)
	{
		const char *r = yyjson_get_str(yyjson_obj_get(ref, "real"));

		if (r && !strcmp(r, real))
			return yyjson_get_str(yyjson_obj_get(ref, "name"));
	}
	return NULL;
}

static bool has_moved(const struct hook *h, const char *name)
{
	size_t i;

	for (i = 0; name && i < h->push.n; i++)
		if (!strcmp(h->push.v[i].name, name))
			return true;
	return false;
}

/* Several rules may have counted one approval; git takes a ref once. */
static void add_delete(const struct hook *h, struct buf *out, const char *at,
		       const char *tag)
{
	struct buf line = BUF_INIT(COMMANDS_MAX);

	buf_adds(&line, "delete ");
	refs_add_namespace(&line, h->git_namespace);
	buf_addf(&line, "%s %s\n", at, tag);
	if (!strstr(out->data, line.data))
		buf_add(out, line.data, line.len);
	buf_release(&line);
}

static void add_if_approval(const struct hook *h, struct buf *out,
			    yyjson_val *a)
{
	const char *ref = yyjson_get_str(yyjson_obj_get(a, "at"));
	const char *id = yyjson_get_str(yyjson_obj_get(a, "tag"));

	if (ref && id && approval_is_ref(ref))
		add_delete(h, out, ref, id);
}

/* What counted, and what was taken back. Not its withdrawal: whoever has kept
 * the approval may push it again. */
static void add_commands(const struct hook *h, yyjson_val *list,
			 yyjson_val *refs, struct buf *out)
{
	yyjson_val *a;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, a)
	{
		const char *ref = yyjson_get_str(yyjson_obj_get(a, "ref"));
		bool counted = yyjson_is_true(yyjson_obj_get(a, "counted"));

		/* one for several refs may be needed for the others */
		if (counted && yyjson_obj_get(a, "also_for"))
			continue;
		if ((!counted && !yyjson_obj_get(a, "withdrawn_by")) || !ref ||
		    !has_moved(h, pushed_name(refs, ref)))
			continue;
		add_if_approval(h, out, a);
	}
}

/* Those whose history has come to the one ref that they are for. */
static void add_imports(const struct hook *h, yyjson_val *list,
			yyjson_val *refs, struct buf *out)
{
	yyjson_val *a;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, a)
	{
		const char *ref = yyjson_get_str(yyjson_obj_get(a, "ref"));
		const char *at = yyjson_get_str(yyjson_obj_get(a, "at"));
		const char *id = yyjson_get_str(yyjson_obj_get(a, "tag"));

		if (!yyjson_obj_get(a, "commits") || !ref || !at || !id ||
		    yyjson_arr_size(yyjson_obj_get(a, "for")) != 1 ||
		    strncmp(at, IMPORTS_PREFIX, strlen(IMPORTS_PREFIX)) != 0 ||
		    !has_moved(h, pushed_name(refs, ref)))
			continue;
		add_delete(h, out, at, id);
	}
}

static int find_commands(const struct hook *h, yyjson_val *decision,
			 struct buf *out, struct err *e)
{
	yyjson_val *approvals, *imports = NULL, *refs = NULL;
	yyjson_doc *held, *held_imports = NULL, *held_refs = NULL;
	int rc = ledger_list_load(h->ledger, decision, "approvals", &approvals,
				  &held, e);

	if (!rc)
		rc = ledger_list_load(h->ledger, decision, "imports", &imports,
				      &held_imports, e);
	if (!rc && (yyjson_arr_size(approvals) || yyjson_arr_size(imports)))
		rc = ledger_list_load(h->ledger, decision, "refs", &refs,
				      &held_refs, e);
	if (!rc) {
		add_commands(h, approvals, refs, out);
		add_imports(h, imports, refs, out);
	}
	yyjson_doc_free(held);
	yyjson_doc_free(held_imports);
	yyjson_doc_free(held_refs);
	return rc;
}

static int run_git(const struct hook *h, const char *const *argv,
		   struct span input, struct buf *out, struct err *e)
{
	char dir[FILE_MAX_PATH + 16];
	const char *envp[] = {dir, "PATH=" ENV_SAFE_PATH, NULL};
	struct child_spec spec = {
		.program = h->policy->git,
		.argv = argv,
		.envp = envp,
		.cwd = h->gitdir,
		.input = input,
		.deadline = deadline_in_ms(GIT_MS),
	};
	struct buf errors = BUF_INIT(4096);
	struct child_end end = {0};
	int rc;

	snprintf(dir, sizeof(dir), "GIT_DIR=%s", h->gitdir);
	rc = child_run(&spec, out, &errors, &end, e);
	if (!rc && (end.how != CHILD_END_EXIT || end.code != 0))
		rc = err_set(e, ERR_SYS, "git %s: %s", argv[1], errors.data);
	buf_release(&errors);
	return rc;
}

/* Each only if it still is what was seen. */
static int delete_refs(const struct hook *h, const struct buf *commands,
		       struct err *e)
{
	const char *argv[] = {"git", "update-ref", "--stdin", NULL};
	struct buf out = BUF_INIT(4096);
	int rc = run_git(h, argv, span_of(commands->data, commands->len), &out,
			 e);

	buf_release(&out);
	return rc;
}

int landed_clean_up(struct hook *h, const char *decision, struct err *e)
{
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct buf persons = BUF_INIT(LEDGER_MAX_PERSONS);
	struct buf commands = BUF_INIT(COMMANDS_MAX);
	yyjson_doc *doc = NULL;
	uint64_t index;
	int rc = ledger_find(h->ledger, decision, &json, &persons, &index, e);

	if (!rc) {
		doc = yyjson_read(json.data, json.len, 0);
		rc = find_commands(h, yyjson_doc_get_root(doc), &commands, e);
	}
	if (!rc && commands.len)
		rc = delete_refs(h, &commands, e);
	yyjson_doc_free(doc);
	buf_release(&json);
	buf_release(&persons);
	buf_release(&commands);
	return rc;
}

/* ---- approvals that nobody used ---- */

static bool swept_lately(const char *stamp, int64_t now)
{
	struct stat st;

	return !stat(stamp, &st) && now - st.st_mtime < SWEEP_SECONDS;
}

/* `<seconds> <id> <ref>`, as for-each-ref was asked to print. */
static bool read_line(struct span line, uint64_t *seconds, struct span *id,
		      struct span *ref)
{
	struct cursor at = cursor_of(line.p, line.n);
	struct span when;

	if (!cursor_until(&at, ' ', &when) || !cursor_until(&at, ' ', id) ||
	    !text_to_u64(when, INT64_MAX, seconds))
		return false;
	*ref = span_of(at.p, cursor_left(&at));
	return true;
}

static struct span directory_of(struct span ref)
{
	while (ref.n && ref.p[ref.n - 1] != '/')
		ref.n--;
	return ref;
}

/** Approvals of one change, which go together: what takes one back may lie
 * beside it, and must not go first. */
struct swept {
	struct buf commands;
	struct span directory;
	bool old; /* all of them */
};

static void flush(struct swept *s, struct buf *out)
{
	if (s->old)
		buf_add(out, s->commands.data, s->commands.len);
	buf_clear(&s->commands);
	s->old = true;
}

static void add_line(struct swept *s, struct span line, int64_t before,
		     struct buf *out)
{
	struct span id, ref;
	uint64_t seconds;

	if (!read_line(line, &seconds, &id, &ref))
		return;
	if (!span_equal(directory_of(ref), s->directory))
		flush(s, out);
	s->directory = directory_of(ref);
	s->old &= (int64_t)seconds < before;
	buf_adds(&s->commands, "delete ");
	buf_add(&s->commands, ref.p, ref.n);
	buf_addch(&s->commands, ' ');
	buf_add(&s->commands, id.p, id.n);
	buf_addch(&s->commands, '\n');
}

static int sweep(struct hook *h, int64_t now, struct err *e)
{
	const char *argv[] = {
		"git", "for-each-ref",
		"--format=%(creatordate:unix) %(objectname) %(refname)",
		APPROVALS_PREFIX, IMPORTS_PREFIX, NULL};
	struct buf list = BUF_INIT(LISTING_MAX), old = BUF_INIT(COMMANDS_MAX);
	struct swept s = {BUF_INIT(COMMANDS_MAX), {"", 0}, true};
	struct span line;
	struct cursor at;
	int rc = run_git(h, argv, span_of("", 0), &list, e);

	at = cursor_of(list.data, list.len);
	while (!rc && cursor_line(&at, &line))
		add_line(&s, line, now - h->policy->approval_keep, &old);
	flush(&s, &old);
	if (!rc && old.len) {
		rc = delete_refs(h, &old, e);
		hook_log(h, ADMIN_LOG_INFO,
			 "%s: removed approvals that nothing used for %lld "
			 "days",
			 h->repository,
			 (long long)(h->policy->approval_keep / 86400));
	}
	buf_release(&list);
	buf_release(&old);
	buf_release(&s.commands);
	return rc;
}

int landed_sweep(struct hook *h, struct err *e)
{
	int64_t now = h->now / 1000;
	char stamp[FILE_MAX_PATH];
	int rc = file_join(h->gitdir, "gatepost-swept", stamp, e);

	if (rc || swept_lately(stamp, now))
		return rc;
	/* stamped first: a sweep that fails is not tried at every push */
	rc = file_write(stamp, "", 0, 0644, e);
	return rc ? rc : sweep(h, now, e);
}
