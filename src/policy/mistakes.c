/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/mistakes.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"

struct mistake_at {
	const char *file;
	size_t rank; /* of the file; set while sorting */
	unsigned line;
};

void policy_mistakes_release(struct policy_mistakes *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		free(m->v[i]);
	free(m->v);
	free(m->at);
	*m = (struct policy_mistakes){0};
}

__attribute__((format(printf, 2, 0))) static char *
format_mistake(const struct option_place *at, const char *fmt, va_list ap)
{
	struct buf raw = BUF_INIT(64 << 10), shown = BUF_INIT(64 << 10);
	char *out;

	if (at->line)
		buf_addf(&raw, "%s:%u: ", at->file, at->line);
	else
		buf_addf(&raw, "%s: ", at->file);
	buf_addv(&raw, fmt, ap);
	text_add_printable(&shown, span_of(raw.data, raw.len),
			   MISTAKES_MAX_COLUMNS);
	out = buf_detach(&shown, NULL);
	buf_release(&raw);
	return out;
}

int policy_mistakes_add(struct policy_mistakes *m,
			const struct option_place *at, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (m->n == MISTAKES_MAX) {
		m->dropped++;
		return 0;
	}
	if (array_push(&m->v, m->n, &m->cap, MISTAKES_MAX) ||
	    array_push(&m->at, m->n, &m->at_cap, MISTAKES_MAX))
		return ERR_MEMORY;
	va_start(ap, fmt);
	text = format_mistake(at, fmt, ap);
	va_end(ap);
	if (!text)
		return ERR_MEMORY;
	m->at[m->n] = (struct mistake_at){at->file, 0, at->line};
	m->v[m->n++] = text;
	return 0;
}

static bool comes_before(const struct mistake_at *a, const struct mistake_at *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->line < b->line;
}

void policy_mistakes_sort(struct policy_mistakes *m, const char *const *files,
			  size_t nfiles)
{
	size_t i, j;

	for (i = 0; i < m->n; i++)
		for (j = 0; j < nfiles && files[j] != m->at[i].file; j++)
			m->at[i].rank = j + 1;
	/* few, and mostly in order: insertion, which is stable */
	for (i = 1; i < m->n; i++) {
		struct mistake_at at = m->at[i];
		char *text = m->v[i];

		for (j = i; j && comes_before(&at, &m->at[j - 1]); j--) {
			m->at[j] = m->at[j - 1];
			m->v[j] = m->v[j - 1];
		}
		m->at[j] = at;
		m->v[j] = text;
	}
}

int policy_mistakes_error(const struct policy_mistakes *m, struct err *e)
{
	size_t others;

	if (!m->n)
		return 0;
	others = m->n - 1 + m->dropped;
	if (!others)
		return err_set(e, ERR_CONFIG, "%s", m->v[0]);
	return err_set(e, ERR_CONFIG, "%.900s (and %zu more)", m->v[0], others);
}
