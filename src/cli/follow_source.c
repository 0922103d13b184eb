/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/follow_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/files.h"

enum { MAX_WORDS = 64, MAX_COMMAND = 8192, END_MS = 30000 };

/** A command in the making. */
struct words {
	const char *v[MAX_WORDS + 1];
	size_t n;
};

static int add(struct words *w, const char *word, struct err *e)
{
	if (w->n == MAX_WORDS)
		return err_set(e, ERR_USAGE, "--ssh: too many words");
	w->v[w->n++] = word;
	w->v[w->n] = NULL;
	return 0;
}

static int start(struct follow_source *s, const struct words *w, struct err *e)
{
	const struct child_spec spec = {.program = w->v[0], .argv = w->v};

	return child_pipe_open(&s->pipe, &spec, e);
}

static int open_local(struct follow_source *s, const char *dir, struct err *e)
{
	char self[FILE_MAX_PATH], real[FILE_MAX_PATH];
	struct words w = {.n = 0};
	int rc = file_real_path("/proc/self/exe", self, e);

	if (!rc)
		rc = file_real_path(dir, real, e);
	if (!rc)
		rc = add(&w, self, e);
	if (!rc)
		rc = add(&w, "ledger", e);
	if (!rc)
		rc = add(&w, "send", e);
	if (!rc)
		rc = add(&w, "--ledger", e);
	if (!rc)
		rc = add(&w, real, e);
	return rc ? rc : start(s, &w, e);
}

/* Blanks part words; there is no quoting. */
static int split(char *text, struct words *w, struct err *e)
{
	char *save, *word = strtok_r(text, " ", &save);
	int rc = 0;

	for (; !rc && word; word = strtok_r(NULL, " ", &save))
		rc = add(w, word, e);
	if (!rc && !w->n)
		rc = err_set(e, ERR_USAGE, "--ssh: names no program");
	return rc;
}

static int remote_command(const char *dir, struct buf *out, struct err *e)
{
	struct buf shown = BUF_INIT(MAX_COMMAND);

	buf_adds(out, "gatepost ledger send");
	if (dir) {
		buf_adds(out, " --ledger ");
		text_add_shell(out, span_str(dir));
		/* what would be replaced names another directory */
		text_add_printable(&shown, span_str(dir), MAX_COMMAND);
	}
	if (dir && (!buf_ok(&shown) || strcmp(shown.data, dir) != 0))
		err_set(e, ERR_USAGE, "SOURCE: its path has odd characters");
	else if (!buf_ok(out))
		err_set(e, ERR_USAGE, "SOURCE: its path is too long");
	else
		dir = NULL;
	buf_release(&shown);
	return dir ? ERR_USAGE : 0;
}

static int open_remote(struct follow_source *s, char *host, const char *dir,
		       const char *ssh, struct err *e)
{
	/* nothing but two pipes is wanted of it */
	static const char *const options[] = {"-a", "-x", "-T", "--"};
	struct buf command = BUF_INIT(MAX_COMMAND);
	char *text = strdup(ssh ? ssh : "ssh");
	struct words w = {.n = 0};
	size_t i;
	int rc = text ? split(text, &w, e) : err_nomem(e);

	for (i = 0; !rc && i < sizeof(options) / sizeof(options[0]); i++)
		rc = add(&w, options[i], e);
	if (!rc)
		rc = add(&w, host, e);
	if (!rc)
		rc = remote_command(dir, &command, e);
	if (!rc)
		rc = add(&w, command.data, e);
	if (!rc)
		rc = start(s, &w, e);
	buf_release(&command);
	free(text);
	return rc;
}

bool follow_source_is_served(const char *name)
{
	return !strncmp(name, "https://", 8) || !strncmp(name, "http://", 7);
}

/* No other program uses the network. */
static int open_served(struct follow_source *s, const struct follow_name *n,
		       struct err *e)
{
	struct words w = {.n = 0};
	char seconds[32];
	int rc = add(&w, PKGLIBEXECDIR "/courier", e);

	snprintf(seconds, sizeof(seconds), "%d", n->seconds);
	if (!rc)
		rc = add(&w, "get", e);
	if (!rc)
		rc = add(&w, "--timeout", e);
	if (!rc)
		rc = add(&w, seconds, e);
	if (!rc && n->ca_file)
		rc = add(&w, "--ca-file", e);
	if (!rc && n->ca_file)
		rc = add(&w, n->ca_file, e);
	if (!rc)
		rc = add(&w, n->name, e);
	return rc ? rc : start(s, &w, e);
}

int follow_source_open(struct follow_source *s, const struct follow_name *n,
		       struct err *e)
{
	const char *name = n->name;
	char *host, *dir;
	int rc;

	*s = (struct follow_source){{.pid = -1, .to = -1, .from = -1}};
	if (follow_source_is_served(name))
		return open_served(s, n, e);
	if (n->ca_file)
		return err_set(e, ERR_USAGE, "--ca-file is for a URL");
	if (strchr(name, '/') &&
	    (!strchr(name, ':') || strchr(name, '/') < strchr(name, ':')))
		return open_local(s, name, e);
	host = strdup(name);
	if (!host)
		return err_nomem(e);
	dir = strchr(host, ':');
	if (dir)
		*dir++ = '\0';
	if (!*host || *host == '-' || (dir && *dir != '/'))
		rc = err_set(e, ERR_USAGE,
			     "SOURCE is HOST, HOST:/LEDGER, https://… or "
			     "/LEDGER");
	else
		rc = open_remote(s, host, dir, n->ssh, e);
	free(host);
	return rc;
}

int follow_source_close(struct follow_source *s, struct err *e)
{
	struct child_end end;
	int rc = child_pipe_close(&s->pipe, deadline_in_ms(END_MS), &end, e);

	if (rc)
		return rc;
	if (end.how != CHILD_END_EXIT)
		return err_set(e, ERR_SYS, "was ended by signal %d", end.code);
	if (end.code > 1)
		return err_set(e, ERR_SYS, "ended with status %d", end.code);
	return end.code;
}
