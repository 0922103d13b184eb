/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/follow_source.h"
#include "cli/ledger_keys.h"
#include "ledger/follow.h"

enum { DEFAULT_TIMEOUT = 60, MAX_TIMEOUT = 86400 }; /* seconds */
enum { LATER_MS = 5000 };

static const char help[] =
	"usage: gatepost ledger follow [--key VKEY] [--ssh COMMAND] "
	"[--timeout TIME]\n"
	"                              [--ca-file FILE] SOURCE DIR\n"
	"\n"
	"Bring DIR, a read-only copy of another ledger, up to what that has "
	"sealed, and\n"
	"verify all of it; to be run from a timer. SOURCE is HOST or "
	"HOST:/LEDGER, asked\n"
	"over ssh, or /LEDGER on this machine; or https://HOST/PATH/, where "
	"its folder\n"
	"sealed/ is served: then the copy has neither evidence nor people.\n"
	"\n"
	"  --ssh COMMAND  in place of ssh: a program and its options\n"
	"  --ca-file FILE the authorities that vouch for a URL's host "
	"(default:\n"
	"                 the system's)\n"
	"  --timeout TIME how long to wait for an answer (default: "
	"60s)\n" LEDGER_KEY_HELP
	"                 (the first run; the copy keeps them)\n"
	"\n"
	"Exit status: 0 the copy has all that is sealed, 1 what the source "
	"has is not\n"
	"what was copied or signed, or is damaged there, 2 could not tell.\n";

static void tell(void *arg, const char *text)
{
	struct buf clean = BUF_INIT(2 * ERR_MAX_MSG);

	(void)arg;
	text_add_printable(&clean, span_str(text), ERR_MAX_MSG);
	fprintf(stderr, "gatepost: %s\n", clean.data);
	buf_release(&clean);
}

static int report_keys(const struct note_vkeys *keys, struct err *e)
{
	struct buf out = BUF_INIT((size_t)NOTE_MAX_KEYS * NOTE_MAX_VKEY);
	size_t i;
	int rc;

	for (i = 0; i < keys->n; i++) {
		note_vkey_write(&keys->v[i], &out);
		buf_addch(&out, '\n');
	}
	rc = buf_ok(&out) ? cli_print(&out, e) : err_nomem(e);
	buf_release(&out);
	return rc;
}

/* What was believed is said even if nothing else came of it. */
static int report(const struct follow_wish *wish, const struct follow_report *r,
		  struct err *e)
{
	if (r->first.n) {
		fprintf(stderr,
			"gatepost: no --key was given, so these keys of %s are "
			"believed unseen, now and from now on; compare them "
			"with what gatepost ledger key show prints there\n",
			wish->source);
		if (report_keys(&r->first, e))
			return ERR_SYS;
	}
	if (r->after == r->before)
		printf("gatepost: %s: nothing new, %" PRIu64 " records\n",
		       wish->dir, r->after);
	else
		printf("gatepost: %s: %" PRIu64 " new records, %" PRIu64
		       " in all\n",
		       wish->dir, r->after - r->before, r->after);
	return 0;
}

static int follow(const struct follow_wish *wish, struct follow_source *source,
		  struct err *e)
{
	struct follow_report r;
	struct err late = {0};
	int rc = follow_run(wish, source->pipe.from, source->pipe.to, &r, e);
	int status = follow_source_close(source, &late);

	if (!rc)
		rc = report(wish, &r, e);
	if (!rc && status < 0)
		rc = err_set(e, status, "%s", late.msg);
	if (!rc && (status || r.missing))
		rc = CLI_NO;
	if (rc < 0)
		err_wrap(e, "%s", wish->source);
	follow_report_release(&r);
	return rc;
}

static int take_timeout(const char *word, int *ms, struct err *e)
{
	int64_t seconds = DEFAULT_TIMEOUT;

	if (word && (!time_parse_duration(span_str(word), &seconds) ||
		     seconds < 1 || seconds > MAX_TIMEOUT))
		return err_set(e, ERR_USAGE,
			       "--timeout %s is no time; say 60s or 5m", word);
	*ms = (int)seconds * 1000;
	return 0;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *key = NULL, *timeout = NULL;
	struct follow_name name = {.name = NULL};
	const struct cli_option options[] = {
		{"--key", NULL, &key},
		{"--ssh", NULL, &name.ssh},
		{"--ca-file", NULL, &name.ca_file},
		{"--timeout", NULL, &timeout},
	};
	struct follow_wish wish = {.tell = tell};
	struct note_vkeys keys = {0};
	struct follow_source source;
	struct cli_args args;
	int rc = cli_parse(argc, argv, options, 4, &args, e);

	if (!rc)
		rc = cli_expect(&args, 2, 2, "SOURCE and DIR", e);
	if (!rc)
		rc = take_timeout(timeout, &wish.wait_ms, e);
	if (!rc && key)
		rc = ledger_keys_read(key, &keys, e);
	if (rc)
		return rc == ERR_NOT_FOUND ? ERR_SYS : rc;
	name.name = wish.source = args.v[0];
	name.seconds = wish.wait_ms / 1000;
	wish.served = follow_source_is_served(name.name);
	if (wish.served) /* the courier says better what is late */
		wish.wait_ms += LATER_MS;
	wish.dir = args.v[1];
	wish.keys = key ? &keys : NULL;
	signal(SIGPIPE, SIG_IGN);
	rc = follow_source_open(&source, &name, e);
	if (!rc)
		rc = follow(&wish, &source, e);
	if (rc == ERR_MALFORMED) {
		/* looked, and something is amiss */
		tell(NULL, e->msg);
		rc = CLI_NO;
	}
	note_vkeys_release(&keys);
	return rc;
}

const struct cli_command command_ledger_follow = {
	.name = "follow",
	.summary = "keep a verified copy of another ledger",
	.help = help,
	.run = run,
};
