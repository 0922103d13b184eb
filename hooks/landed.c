/* SPDX-License-Identifier: Apache-2.0 */
#include "landed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "sys/child.h"
#include "sys/deadline.h"
#include "trust/approvals.h"

enum { UPDATE_REF_MS = 10000, COMMANDS_MAX = 1 << 20 };

/* The decision speaks of real names, git of the names that were pushed. */
static const char *pushed_name(yyjson_val *decision, const char *real)
{
	yyjson_val *refs = yyjson_obj_get(decision, "refs"), *ref;
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

static void add_commands(const struct hook *h, yyjson_val *decision,
			 struct buf *out)
{
	yyjson_val *list = yyjson_obj_get(decision, "approvals"), *a;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, a)
	{
		const char *at = yyjson_get_str(yyjson_obj_get(a, "at"));
		const char *tag = yyjson_get_str(yyjson_obj_get(a, "tag"));
		const char *ref = yyjson_get_str(yyjson_obj_get(a, "ref"));

		if (!yyjson_is_true(yyjson_obj_get(a, "counted")) || !at ||
		    !tag || !ref ||
		    strncmp(at, APPROVALS_PREFIX, strlen(APPROVALS_PREFIX)) !=
			    0)
			continue;
		if (has_moved(h, pushed_name(decision, ref)))
			buf_addf(out, "delete %s %s\n", at, tag);
	}
}

static int run_update_ref(const struct hook *h, const struct buf *commands,
			  struct err *e)
{
	char dir[4096 + 16];
	const char *argv[] = {"git", "update-ref", "--stdin", NULL};
	const char *envp[] = {dir, "PATH=" ENV_SAFE_PATH, NULL};
	struct child_spec spec = {
		.program = h->policy->git,
		.argv = argv,
		.envp = envp,
		.cwd = h->gitdir,
		.input = span_of(commands->data, commands->len),
		.deadline = deadline_in_ms(UPDATE_REF_MS),
	};
	struct buf out = BUF_INIT(4096), errors = BUF_INIT(4096);
	struct child_end end = {0};
	int rc;

	snprintf(dir, sizeof(dir), "GIT_DIR=%s", h->gitdir);
	rc = child_run(&spec, &out, &errors, &end, e);
	if (!rc && (end.how != CHILD_END_EXIT || end.code != 0))
		rc = err_set(e, ERR_SYS, "git update-ref: %s", errors.data);
	buf_release(&out);
	buf_release(&errors);
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
		add_commands(h, yyjson_doc_get_root(doc), &commands);
	}
	if (!rc && commands.len)
		rc = run_update_ref(h, &commands, e);
	yyjson_doc_free(doc);
	buf_release(&json);
	buf_release(&persons);
	buf_release(&commands);
	return rc;
}
