/* SPDX-License-Identifier: Apache-2.0 */
#include "checks/undo.h"

#include <string.h>

#include "base/text.h"

/* ---- paths ---- */

static struct span directory_of(struct span path)
{
	size_t n = path.n;

	while (n && path.p[n - 1] != '/')
		n--;
	return span_of(path.p, n ? n - 1 : 0);
}

static struct span name_of(struct span path)
{
	size_t n = path.n;

	while (n && path.p[n - 1] != '/')
		n--;
	return span_of(path.p + n, path.n - n);
}

static bool ends_in(struct span s, const char *tail)
{
	size_t n = strlen(tail);

	return s.n > n && memcmp(s.p + s.n - n, tail, n) == 0;
}

static bool join(struct buf *out, struct span directory, const char *below,
		 struct span name)
{
	buf_clear(out);
	buf_add(out, directory.p, directory.n);
	if (*below)
		buf_addf(out, "%s%s", out->len ? "/" : "", below);
	if (name.n && out->len)
		buf_addch(out, '/');
	buf_add(out, name.p, name.n);
	return buf_ok(out);
}

static bool is_file(unsigned mode)
{
	return mode == MODE_BLOB || mode == MODE_EXEC;
}

/* What is not there, or stands behind something broken, is not there. */
static int not_there(int rc, struct err *e)
{
	if (rc != ERR_NOT_FOUND && rc != ERR_MALFORMED)
		return rc;
	err_clear(e);
	return 0;
}

/* ---- SQL ---- */

/* Take a comment: `--` and `#` to the end of the line, slash-star to
 * star-slash. What MySQL runs although it looks like one is none. */
static bool take_comment(struct cursor *c, bool line_start)
{
	struct span skipped;

	if ((line_start && *c->p == '#') || cursor_literal(c, "--"))
		return cursor_line(c, &skipped);
	if (cursor_left(c) > 2 && c->p[2] == '!')
		return false;
	if (!cursor_literal(c, "/*"))
		return false;
	while (cursor_until(c, '*', &skipped))
		if (cursor_left(c) && *c->p == '/') {
			c->p++;
			return true;
		}
	c->p = c->end; /* never closed */
	return true;
}

static bool sql_does_something(struct span script)
{
	struct cursor c = cursor_of(script.p, script.n);
	bool line_start = true;

	cursor_literal(&c, "\xef\xbb\xbf");
	while (cursor_left(&c)) {
		if (take_comment(&c, line_start)) {
			line_start = true;
			continue;
		}
		if (!ascii_space(*c.p) && *c.p != ';')
			return true;
		line_start = *c.p == '\n' || (line_start && *c.p != ';');
		c.p++;
	}
	return false;
}

/* ---- Flyway: V<version>__x.sql, undone by U<version>__y.sql ---- */

/* Digits in groups, `.` or `_` between them, then `__`. */
static bool flyway_version(struct span name, char kind, struct span *version)
{
	size_t i = 1;

	if (name.n < 2 || name.p[0] != kind || !ascii_digit(name.p[1]) ||
	    !ends_in(name, ".sql"))
		return false;
	while (i < name.n && (ascii_digit(name.p[i]) ||
			      ((name.p[i] == '.' || name.p[i] == '_') &&
			       i + 1 < name.n && ascii_digit(name.p[i + 1]))))
		i++;
	*version = span_of(name.p + 1, i - 1);
	return i + 1 < name.n && name.p[i] == '_' && name.p[i + 1] == '_';
}

static bool flyway_is_step(struct span path)
{
	struct span version;

	return flyway_version(name_of(path), 'V', &version);
}

/* The next group without leading zeros; empty at the end, as is 0: 1 and 1.0
 * are one version. */
static struct span next_group(struct cursor *c)
{
	struct span group;

	while (cursor_left(c) && (*c->p == '.' || *c->p == '_'))
		c->p++;
	while (cursor_left(c) && *c->p == '0')
		c->p++;
	group = span_of(c->p, 0);
	while (cursor_left(c) && ascii_digit(*c->p)) {
		c->p++;
		group.n++;
	}
	return group;
}

static bool same_version(struct span a, struct span b)
{
	struct cursor x = cursor_of(a.p, a.n), y = cursor_of(b.p, b.n);

	while (cursor_left(&x) || cursor_left(&y))
		if (!span_equal(next_group(&x), next_group(&y)))
			return false;
	return true;
}

struct flyway_seek {
	struct span version, directory;
	const char *below;
	struct undo_budget *budget;
	struct buf *found;
};

static int flyway_entry(void *ctx, const struct tree_entry *entry)
{
	struct flyway_seek *s = ctx;
	struct span version;

	if (!s->budget->entries)
		return 1;
	s->budget->entries--;
	if (!is_file(entry->mode) ||
	    !flyway_version(entry->name, 'U', &version) ||
	    !same_version(version, s->version))
		return 0;
	return join(s->found, s->directory, s->below, entry->name) ? 1
								   : ERR_MEMORY;
}

static int flyway_list(const struct check_tree *tree, struct flyway_seek *seek,
		       struct err *e)
{
	struct buf dir = BUF_INIT(TREE_MAX_PATH);
	struct span nothing = {"", 0};
	int rc = 0;

	if (join(&dir, seek->directory, seek->below, nothing))
		rc = tree->list(tree->engine, span_of(dir.data, dir.len),
				flyway_entry, seek, e);
	buf_release(&dir);
	if (rc == ERR_MEMORY)
		return err_nomem(e);
	return rc < 0 ? not_there(rc, e) : 0;
}

/* Beside the step, or in a folder `undo` below or beside its folder. */
static int flyway_find(const struct check_tree *tree, struct span path,
		       struct undo_budget *budget, struct buf *wanted,
		       struct buf *found, struct err *e)
{
	struct span here = directory_of(path);
	struct flyway_seek seek = {.directory = here,
				   .below = "",
				   .budget = budget,
				   .found = found};
	int rc;

	flyway_version(name_of(path), 'V', &seek.version);
	/* the step's own path, with U for V */
	buf_add(wanted, path.p, path.n);
	if (buf_ok(wanted))
		wanted->data[here.n ? here.n + 1 : 0] = 'U';
	rc = flyway_list(tree, &seek, e);
	seek.below = "undo";
	if (!rc && !found->len)
		rc = flyway_list(tree, &seek, e);
	seek.directory = directory_of(here);
	if (!rc && !found->len && here.n)
		rc = flyway_list(tree, &seek, e);
	return rc;
}

/* ---- golang-migrate: N_x.up.sql, undone by N_x.down.sql ---- */

static bool migrate_is_step(struct span path)
{
	struct span name = name_of(path);
	size_t i = 0;

	while (i < name.n && ascii_digit(name.p[i]))
		i++;
	return i && i < name.n && name.p[i] == '_' && ends_in(name, ".up.sql");
}

static int migrate_find(const struct check_tree *tree, struct span path,
			struct undo_budget *budget, struct buf *wanted,
			struct buf *found, struct err *e)
{
	uint64_t size;
	unsigned mode;
	int rc;

	(void)budget;
	buf_add(wanted, path.p, path.n - strlen(".up.sql"));
	buf_adds(wanted, ".down.sql");
	if (!buf_ok(wanted) || buf_add(found, wanted->data, wanted->len))
		return err_nomem(e);
	rc = tree->lookup(tree->engine, span_of(found->data, found->len), &mode,
			  &size, e);
	if (rc)
		buf_clear(found);
	return not_there(rc, e);
}

/* ---- all ---- */

const struct undo_tool undo_tools[] = {
	{"flyway", flyway_is_step, flyway_find, sql_does_something},
	{"golang-migrate", migrate_is_step, migrate_find, sql_does_something},
};
const size_t undo_tools_count = sizeof(undo_tools) / sizeof(undo_tools[0]);

const char *const undo_words[] = {"auto", "off", "flyway", "golang-migrate",
				  NULL};

void undo_answer_init(struct undo_answer *a)
{
	a->state = UNDO_NONE;
	buf_init(&a->wanted, TREE_MAX_PATH);
	buf_init(&a->found, TREE_MAX_PATH);
}

void undo_answer_release(struct undo_answer *a)
{
	buf_release(&a->wanted);
	buf_release(&a->found);
}

static int read_script(const struct undo_tool *tool,
		       const struct check_tree *tree,
		       struct undo_budget *budget, struct undo_answer *out,
		       struct err *e)
{
	struct span path = span_of(out->found.data, out->found.len);
	struct buf script = BUF_INIT(UNDO_MAX_SCRIPT);
	uint64_t size = 0;
	unsigned mode;
	int rc = tree->lookup(tree->engine, path, &mode, &size, e);

	out->state = UNDO_ABSENT;
	if (rc || !is_file(mode))
		return not_there(rc, e);
	out->state = UNDO_TOO_BIG;
	if (size > UNDO_MAX_SCRIPT || size > budget->bytes)
		return 0;
	budget->bytes -= size;
	rc = tree->blob(tree->engine, path, UNDO_MAX_SCRIPT, &script, e);
	if (!rc)
		out->state =
			tool->does_something(span_of(script.data, script.len))
				? UNDO_THERE
				: UNDO_EMPTY;
	buf_release(&script);
	return rc;
}

int undo_look(const struct undo_tool *tool, const struct check_tree *tree,
	      struct span path, struct undo_budget *budget,
	      struct undo_answer *out, struct err *e)
{
	uint64_t size;
	unsigned mode;
	int rc;

	buf_clear(&out->wanted);
	buf_clear(&out->found);
	out->state = UNDO_GONE;
	rc = tree->lookup(tree->engine, path, &mode, &size, e);
	if (rc)
		return not_there(rc, e);
	out->state = UNDO_ABSENT;
	rc = tool->find(tree, path, budget, &out->wanted, &out->found, e);
	if (!budget->entries)
		out->state = UNDO_TOO_BIG;
	if (rc || !out->found.len)
		return rc;
	return read_script(tool, tree, budget, out, e);
}
