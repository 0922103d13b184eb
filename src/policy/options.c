/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/time.h"
#include "sys/files.h"

enum { MAX_GLOB = 1024, MAX_TABLE = 64 };

int option_list_add(struct option_list *l, const char *value, unsigned line,
		    struct err *e)
{
	char *copy;

	if (l->n == OPTION_MAX_VALUES)
		return err_set(e, ERR_LIMIT, "is given more than %d times",
			       OPTION_MAX_VALUES);
	if (array_push(&l->v, l->n, &l->cap, OPTION_MAX_VALUES) ||
	    array_push(&l->lines, l->n, &l->lines_cap, OPTION_MAX_VALUES))
		return err_nomem(e);
	copy = span_dup(span_str(value));
	if (!copy)
		return err_nomem(e);
	l->lines[l->n] = line;
	l->v[l->n++] = copy;
	return 0;
}

bool option_list_has(const struct option_list *l, const char *value)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], value))
			return true;
	return false;
}

void option_list_release(struct option_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	free(l->lines);
	*l = (struct option_list){0};
}

bool option_is_many(const struct option *o)
{
	return o->type == OPTION_STRINGS || o->type == OPTION_GLOBS ||
	       (o->type == OPTION_CUSTOM && o->many);
}

static void *field_of(const struct option *o, void *target)
{
	return (char *)target + o->offset;
}

static void release_field(const struct option *o, void *field)
{
	switch (o->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		free(*(char **)field);
		*(char **)field = NULL;
		break;
	case OPTION_STRINGS:
	case OPTION_GLOBS:
		option_list_release(field);
		break;
	case OPTION_CUSTOM:
		if (o->release)
			o->release(field);
		break;
	case OPTION_NONE:
	case OPTION_BOOL:
	case OPTION_NUMBER:
	case OPTION_DURATION:
	case OPTION_DATE:
	case OPTION_WORD:
		break;
	}
}

void options_release(const struct option *table, size_t n, void *target)
{
	size_t i;

	for (i = 0; i < n; i++)
		release_field(&table[i], field_of(&table[i], target));
}

int options_defaults(const struct option *table, size_t n, void *target,
		     struct err *e)
{
	struct option_place at = {"/", 0};
	size_t i;

	for (i = 0; i < n; i++) {
		const struct option *o = &table[i];
		int rc = 0;

		if (o->fallback)
			rc = option_read(o, o->fallback, target, &at, e);
		if (rc == ERR_MEMORY)
			return rc;
		if (rc)
			return err_set(e, ERR_INTERNAL,
				       "the default of %s cannot be read",
				       o->name);
	}
	return 0;
}

const struct option *option_find(const struct option *table, size_t n,
				 const char *key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(table[i].name, key))
			return &table[i];
	return NULL;
}

const char *option_nearest(const struct option *table, size_t n,
			   const char *key)
{
	const char *names[MAX_TABLE];
	size_t i;

	for (i = 0; i < n && i < MAX_TABLE; i++)
		names[i] = table[i].name;
	return text_nearest(key, names, i);
}

static int replace_string(char **field, const char *value, struct err *e)
{
	char *copy = span_dup(span_str(value));

	if (!copy)
		return err_nomem(e);
	free(*field);
	*field = copy;
	return 0;
}

static int read_path(const char *value, char **field,
		     const struct option_place *at, struct err *e)
{
	char dir[FILE_MAX_PATH], path[FILE_MAX_PATH];

	if (*value == '~')
		return err_set(e, ERR_CONFIG,
			       "`~` is not expanded: write the whole path");
	if (file_parent(at->file, dir, e) || file_join(dir, value, path, e))
		return ERR_CONFIG;
	return replace_string(field, path, e);
}

static int read_bool(const char *value, bool *field)
{
	static const char *const words[] = {"false", "true", "no", "yes",
					    "off",   "on",   "0",  "1"};
	struct span v = span_str(value);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (span_is_nocase(v, words[i])) {
			*field = i % 2;
			return 0;
		}
	}
	return -1;
}

static int read_number(const struct option *o, const char *value,
		       int64_t *field)
{
	static const char units[] = "kmg"; /* of 1024 each, as git's */
	struct span digits = span_str(value);
	const char *unit = NULL;
	uint64_t n, factor = 1;

	if (digits.n)
		unit = strchr(units, ascii_lower(value[digits.n - 1]));
	if (unit) {
		factor <<= 10 * (unit - units + 1);
		digits.n--;
	}
	if (!text_to_u64(digits, INT64_MAX / factor, &n))
		return -1;
	*field = (int64_t)(n * factor);
	return *field < o->min || *field > o->max ? -1 : 0;
}

static int read_duration(const struct option *o, const char *value,
			 int64_t *field)
{
	/* nothing is nothing in every unit */
	if (!strcmp(value, "0"))
		*field = 0;
	else if (!time_parse_duration(span_str(value), field))
		return -1;
	return *field < o->min || *field > o->max ? -1 : 0;
}

static void describe_words(const char *const *words, char *out, size_t size)
{
	struct buf b = BUF_INIT(4096);
	size_t i;

	for (i = 0; words[i]; i++)
		buf_addf(&b, "%s%s",
			 !i		? ""
			 : words[i + 1] ? ", "
					: " or ",
			 words[i]);
	snprintf(out, size, "%s", b.data);
	buf_release(&b);
}

int option_word(const char *value, const char *const *words, struct err *e)
{
	const char *near;
	char list[256];
	int i;

	for (i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i + 1;
	near = text_nearest(value, words, (size_t)i);
	describe_words(words, list, sizeof(list));
	return err_set(e, ERR_CONFIG, "\"%s\" is not %s%s%s%s", value, list,
		       near ? "; did you mean " : "", near ? near : "",
		       near ? "?" : "");
}

/* `**` crosses directories only where it is a whole component: elsewhere it
 * would be read as `*`, and cover less than its author thinks. */
int option_check_glob(const char *value, struct err *e)
{
	const char *at = value;

	if (strlen(value) > MAX_GLOB)
		return err_set(e, ERR_CONFIG, "this pattern is too long");
	while ((at = strstr(at, "**"))) {
		bool alone = (at == value || at[-1] == '/') &&
			     (at[2] == '/' || at[2] == '\0');

		if (!alone)
			return err_set(e, ERR_CONFIG,
				       "\"%s\": `**` must stand alone between "
				       "slashes",
				       value);
		at += 2;
	}
	return 0;
}

static int bad_value(const struct option *o, const char *value, struct err *e)
{
	char what[256];

	option_describe(o, what, sizeof(what));
	return err_set(e, ERR_CONFIG, "\"%s\" is not %s", value, what);
}

static int read_text(const struct option *o, const char *value, void *field,
		     const struct option_place *at, struct err *e)
{
	int rc = 0;

	if (!*value)
		return err_set(e, ERR_CONFIG, "needs a value");
	if (o->type == OPTION_GLOBS)
		rc = option_check_glob(value, e);
	if (!rc && o->check)
		rc = o->check(value, e);
	if (rc)
		return rc;
	if (o->type == OPTION_PATH)
		return read_path(value, field, at, e);
	if (o->type == OPTION_STRING)
		return replace_string(field, value, e);
	return option_list_add(field, value, at->line, e);
}

static int read_typed(const struct option *o, const char *value, void *field,
		      const struct option_place *at, struct err *e)
{
	int rc = -1;

	switch (o->type) {
	case OPTION_STRING:
	case OPTION_STRINGS:
	case OPTION_PATH:
	case OPTION_GLOBS:
		return read_text(o, value, field, at, e);
	case OPTION_CUSTOM:
		return o->parse(value, field, at, e);
	case OPTION_WORD:
		rc = option_word(value, o->words, e);
		*(int *)field = rc < 0 ? 0 : rc;
		return rc < 0 ? rc : 0;
	case OPTION_BOOL:
		rc = read_bool(value, field);
		break;
	case OPTION_NUMBER:
		rc = read_number(o, value, field);
		break;
	case OPTION_DURATION:
		rc = read_duration(o, value, field);
		break;
	case OPTION_DATE:
		rc = time_parse(span_str(value), field) ? 0 : -1;
		break;
	case OPTION_NONE:
		break;
	}
	return rc ? bad_value(o, value, e) : 0;
}

int option_read(const struct option *o, const char *value, void *target,
		const struct option_place *at, struct err *e)
{
	bool ascii = true;
	const char *c;

	if (!value && o->type != OPTION_BOOL)
		return err_set(e, ERR_CONFIG, "needs a value");
	if (!value)
		value = "true";
	for (c = value; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(e, ERR_CONFIG,
				       "control characters are not accepted");
		ascii &= !(*c & 0x80);
	}
	if (!ascii && !text_is_utf8(span_str(value)))
		return err_set(e, ERR_CONFIG, "this is not UTF-8");
	return read_typed(o, value, field_of(o, target), at, e);
}

static void describe_duration(int64_t seconds, char *out, size_t size)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	while (i < 3 && (!seconds || seconds % units[i].seconds))
		i++;
	snprintf(out, size, "%" PRId64 "%c", seconds / units[i].seconds,
		 units[i].unit);
}

void option_describe(const struct option *o, char *out, size_t size)
{
	char low[32], high[32];

	switch (o->type) {
	case OPTION_STRING:
	case OPTION_STRINGS:
		snprintf(out, size, "text");
		return;
	case OPTION_PATH:
		snprintf(out, size, "a path");
		return;
	case OPTION_GLOBS:
		snprintf(out, size, "a pattern");
		return;
	case OPTION_BOOL:
		snprintf(out, size, "true or false");
		return;
	case OPTION_NUMBER:
		snprintf(out, size, "a number from %" PRId64 " to %" PRId64,
			 o->min, o->max);
		return;
	case OPTION_DURATION:
		describe_duration(o->min, low, sizeof(low));
		describe_duration(o->max, high, sizeof(high));
		snprintf(out, size,
			 "a duration from %s to %s (units s m h d w y)", low,
			 high);
		return;
	case OPTION_DATE:
		snprintf(out, size,
			 "a date (YYYY-MM-DD) or a time with its zone");
		return;
	case OPTION_WORD:
		describe_words(o->words, out, size);
		return;
	case OPTION_CUSTOM:
	case OPTION_NONE:
		break;
	}
	if (o->words)
		describe_words(o->words, out, size);
	else
		snprintf(out, size, "as the manual says");
}
