/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/publish.h"

#include <string.h>

#include "policy/published.h"

/* What stands there; empty for nothing, or for what could not be ours. */
static int read_present(const struct place *p, struct buf *out, struct err *e)
{
	const char *argv[] = {"git", "cat-file", "blob", PUBLISHED_REF, NULL};
	struct buf errors = BUF_INIT(4096);
	int status = 0;
	int rc = place_git_both(p, argv, out, &errors, &status, e);

	if (rc == ERR_LIMIT) {
		err_clear(e);
		rc = 0;
	}
	if (status || !buf_ok(out))
		buf_truncate(out, 0);
	buf_release(&errors);
	return rc;
}

static int compare(const struct place *p, const struct buf *wanted,
		   bool *current, struct err *e)
{
	struct buf present = BUF_INIT(PUBLISHED_MAX_BYTES);
	int rc = read_present(p, &present, e);

	*current = !rc && present.len == wanted->len &&
		   !memcmp(present.data, wanted->data, wanted->len);
	buf_release(&present);
	return rc;
}

int publish_is_current(const struct place *p, bool *current, struct err *e)
{
	struct buf wanted = BUF_INIT(2 * PUBLISHED_MAX_BYTES);
	int rc = published_text(p->policy, p->repository, &wanted, e);

	*current = false;
	if (!rc)
		rc = compare(p, &wanted, current, e);
	buf_release(&wanted);
	return rc;
}

static int store(const struct place *p, const struct buf *text, struct err *e)
{
	const char *hash[] = {"git", "hash-object", "-w", "--stdin", NULL};
	struct buf id = BUF_INIT(256), out = BUF_INIT(256);
	const char *update[] = {"git",	       "update-ref", "--no-deref",
				PUBLISHED_REF, NULL,	     NULL};
	int rc = place_git_input(p, hash, span_of(text->data, text->len), &id,
				 e);

	if (!rc) {
		buf_truncate(&id, strcspn(id.data, "\n"));
		update[4] = id.data;
		rc = place_git(p, update, &out, e);
	}
	buf_release(&id);
	buf_release(&out);
	return rc;
}

int publish_write(const struct place *p, struct buf *text, bool *changed,
		  struct err *e)
{
	struct buf wanted = BUF_INIT(2 * PUBLISHED_MAX_BYTES);
	bool current = false;
	int rc = published_text(p->policy, p->repository, &wanted, e);

	if (!rc)
		rc = compare(p, &wanted, &current, e);
	if (!rc && !current)
		rc = store(p, &wanted, e);
	if (!rc && text)
		buf_add(text, wanted.data, wanted.len);
	if (changed)
		*changed = !rc && !current;
	buf_release(&wanted);
	return rc;
}

int publish_remove(const struct place *p, struct err *e)
{
	const char *argv[] = {"git", "update-ref",  "--no-deref",
			      "-d",  PUBLISHED_REF, NULL};
	struct buf out = BUF_INIT(256);
	int rc = place_git(p, argv, &out, e);

	buf_release(&out);
	return rc;
}
