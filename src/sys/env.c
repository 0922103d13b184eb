/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/env.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const char *const kept_names[] = {
	"GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_DIR",
	"GIT_NAMESPACE",
	"GIT_OBJECT_DIRECTORY",
	"GIT_PUSH_CERT",
	"GIT_PUSH_CERT_KEY",
	"GIT_PUSH_CERT_NONCE",
	"GIT_PUSH_CERT_NONCE_SLOP",
	"GIT_PUSH_CERT_NONCE_STATUS",
	"GIT_PUSH_CERT_SIGNER",
	"GIT_PUSH_CERT_STATUS",
	"GIT_PUSH_OPTION_COUNT",
	"GIT_QUARANTINE_PATH",
};

enum keep { KEEP_NOT, KEEP_IT, KEEP_TOO_MANY };

static char path_variable[] = "PATH=" ENV_SAFE_PATH;
static char *path_alone[] = {path_variable, NULL};

static struct span name_of(const char *variable)
{
	return span_of(variable, strcspn(variable, "="));
}

static int compare_names(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

static int compare_variables(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return compare_names(name_of(*x), name_of(*y));
}

static enum keep option_kept(struct span number)
{
	uint64_t n;

	if (number.n > 1 && number.p[0] == '0')
		return KEEP_NOT;
	if (!text_to_u64(number, UINT64_MAX, &n))
		return KEEP_NOT;
	return n < ENV_MAX_PUSH_OPTIONS ? KEEP_IT : KEEP_TOO_MANY;
}

static enum keep variable_kept(const char *variable)
{
	static const char prefix[] = "GIT_PUSH_OPTION_";
	struct span name = name_of(variable);
	size_t i, n = sizeof(prefix) - 1;

	if (!variable[name.n])
		return KEEP_NOT;
	for (i = 0; i < sizeof(kept_names) / sizeof(kept_names[0]); i++)
		if (span_is(name, kept_names[i]))
			return KEEP_IT;
	if (span_starts(name, prefix))
		return option_kept(span_of(name.p + n, name.n - n));
	return KEEP_NOT;
}

/* The end of the run of variables with the name of vars[i]. */
static size_t same_name_end(const struct env_saved *s, size_t i, bool *differ)
{
	size_t k = i + 1;

	*differ = false;
	for (; k < s->n && !compare_variables(&s->vars[i], &s->vars[k]); k++)
		if (strcmp(s->vars[i], s->vars[k]) != 0)
			*differ = true;
	return k;
}

/* Copy to `kept` what stays, remember what is wrong. */
static int select_kept(const struct env_saved *s, char **kept, struct err *e)
{
	int code = 0;
	size_t i, next;
	bool differ;

	*kept++ = path_variable;
	for (i = 0; i < s->n; i = next) {
		enum keep keep = variable_kept(s->vars[i]);
		struct span name = name_of(s->vars[i]);

		next = same_name_end(s, i, &differ);
		if (differ)
			code = err_set(e, ERR_MALFORMED,
				       "environment: %.*s is set twice with "
				       "different values",
				       (int)(name.n < 64 ? name.n : 64),
				       name.p);
		else if (keep == KEEP_IT)
			*kept++ = s->vars[i];
		else if (keep == KEEP_TOO_MANY && !code)
			code = err_set(e, ERR_LIMIT,
				       "more than %d push options",
				       ENV_MAX_PUSH_OPTIONS);
	}
	*kept = NULL;
	return code;
}

int env_scrub(struct env_saved *saved, struct err *e)
{
	char **given = environ, **kept;
	size_t n = 0;

	*saved = (struct env_saved){0};
	environ = path_alone;
	while (given && given[n])
		if (++n > ENV_MAX_VARIABLES)
			return err_set(e, ERR_LIMIT,
				       "environment: more than %d variables",
				       ENV_MAX_VARIABLES);
	saved->vars = malloc((n + 1) * sizeof(*saved->vars));
	kept = malloc((n + 2) * sizeof(*kept));
	if (!saved->vars || !kept) {
		free(kept);
		env_saved_release(saved);
		return err_nomem(e);
	}
	if (n) {
		memcpy(saved->vars, given, n * sizeof(*given));
		qsort(saved->vars, n, sizeof(*given), compare_variables);
	}
	saved->n = n;
	environ = kept;
	return select_kept(saved, kept, e);
}

const char *env_saved_get(const struct env_saved *saved, const char *name)
{
	struct span want = span_str(name);
	size_t low = 0, high = saved->n;
	bool differ;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_names(name_of(saved->vars[mid]), want) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == saved->n || !span_equal(name_of(saved->vars[low]), want) ||
	    saved->vars[low][want.n] != '=')
		return NULL;
	same_name_end(saved, low, &differ);
	return differ ? NULL : saved->vars[low] + want.n + 1;
}

void env_saved_release(struct env_saved *saved)
{
	free(saved->vars);
	*saved = (struct env_saved){0};
}
