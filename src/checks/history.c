/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was on a gated ref stays there: no deletion, no rewind. Replace refs,
 * which only pretend, are refused by the engine on every ref.
 */
#include "checks/check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum permission { PERMISSION_NONE = 0, PERMISSION_DENY, PERMISSION_ALLOW };
static const char *const permission_words[] = {"deny", "allow", NULL};

struct history_options {
	int deletion, rewind; /* enum permission */
};

static const struct option history_table[] = {
	{.name = "deletion",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct history_options, deletion),
	 .fallback = "deny",
	 .words = permission_words,
	 .help = "whether a gated ref may be deleted"},
	{.name = "rewind",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct history_options, rewind),
	 .fallback = "deny",
	 .words = permission_words,
	 .help = "whether a gated ref may lose commits"},
};

static bool is_tag(const char *ref)
{
	return strncmp(ref, "refs/tags/", 10) == 0;
}

static int say_deleted(const struct check_ctx *ctx, const struct ref_facts *ref,
		       struct err *e)
{
	char text[CHECK_MAX_TEXT];
	struct finding f = {
		.code = "deletion",
		.text = text,
		.hint = "nothing to type: ask the admin if it really has to go",
	};

	snprintf(text, sizeof(text), "%s may not be deleted",
		 check_ref_short(ref->ref));
	return check_find(ctx, &f, e);
}

static int say_rewound(const struct check_ctx *ctx, const struct ref_facts *ref,
		       struct err *e)
{
	const char *name = check_ref_short(ref->ref);
	struct buf hint = BUF_INIT(2 * CHECK_MAX_TEXT);
	char text[CHECK_MAX_TEXT];
	struct finding f = {.code = "rewind", .text = text};
	int rc;

	if (is_tag(ref->ref)) {
		snprintf(text, sizeof(text), "%s may not be moved", name);
		buf_adds(&hint, "keep this tag, and push a new one under "
				"another name");
	} else {
		snprintf(text, sizeof(text),
			 "%s would lose commits that are on the server", name);
		buf_adds(&hint, "git pull --rebase origin ");
		text_add_shell(&hint, span_str(name));
		buf_adds(&hint, " && git push origin HEAD:");
		text_add_shell(&hint, span_str(name));
	}
	f.hint = hint.data;
	rc = buf_ok(&hint) ? check_find(ctx, &f, e) : err_nomem(e);
	buf_release(&hint);
	return rc;
}

static int history_ref(const struct check_ctx *ctx, const struct ref_facts *ref,
		       struct err *e)
{
	const struct history_options *o = ctx->options;

	if (oid_is_null(&ref->new_))
		return o->deletion == PERMISSION_ALLOW
			       ? 0
			       : say_deleted(ctx, ref, e);
	if (!ref->rewind || oid_is_null(&ref->old) ||
	    o->rewind == PERMISSION_ALLOW)
		return 0;
	return say_rewound(ctx, ref, e);
}

const struct check check_history = {
	.kind = {.name = "history",
		 .options = history_table,
		 .noptions = sizeof(history_table) / sizeof(history_table[0]),
		 .size = sizeof(struct history_options),
		 .always = true},
	.ref = history_ref,
};
