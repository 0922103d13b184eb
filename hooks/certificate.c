/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/proc.h"

enum {
	ARGUMENTS_MAX = 128 * 1024, /* of one process */
	ANCESTORS_MAX = 4	    /* wrappers between git and this hook */
};

static int read_options(struct certificate_source *s, struct err *e)
{
	const char *count = getenv("GIT_PUSH_OPTION_COUNT");
	char name[64];
	uint64_t n = 0, i;

	if (count && !text_to_u64(span_str(count), ENV_MAX_PUSH_OPTIONS, &n))
		return err_set(e, ERR_LIMIT, "more than %d push options",
			       ENV_MAX_PUSH_OPTIONS);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "GIT_PUSH_OPTION_%llu",
			 (unsigned long long)i);
		s->options[i] = getenv(name);
		if (!s->options[i])
			return err_set(e, ERR_MALFORMED, "%s is not set", name);
	}
	s->facts.options = s->options;
	s->facts.noptions = (size_t)n;
	return 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The first argument behind the word git-receive-pack, or NULL. */
static const char *after_command(const char *at, const char *end)
{
	const char *next = at + strlen(at) + 1;

	if (!strcmp(base_of(at), "git-receive-pack"))
		return next;
	if (strcmp(base_of(at), "git") != 0)
		return NULL;
	for (at = next; at < end; at += strlen(at) + 1)
		if (!strcmp(at, "receive-pack"))
			return at + strlen(at) + 1;
	return NULL;
}

/* Its one argument that is no option. @return false when it is another
 * program, or was started in an unknown way */
static bool read_command(struct certificate_source *s)
{
	const char *end = s->arguments.data + s->arguments.len;
	const char *at, *directory = NULL;
	bool options = true;

	s->facts.stateless = false;
	if (!s->arguments.len || end[-1])
		return false;
	at = after_command(s->arguments.data, end);
	for (; at && at < end; at += strlen(at) + 1) {
		if (options && !strcmp(at, "--"))
			options = false;
		else if (options && *at == '-')
			s->facts.stateless |= !strcmp(at, "--stateless-rpc");
		else if (directory)
			return false;
		else
			directory = at;
	}
	s->facts.directory = directory;
	return directory != NULL;
}

/* The nearest ancestor that is git-receive-pack. None is found: the nonce
 * cannot be checked, and the push is refused where that is asked for. */
static int find_receive_pack(struct certificate_source *s, struct err *e)
{
	pid_t pid = getppid();
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < ANCESTORS_MAX && pid > 1; i++) {
		buf_clear(&s->arguments);
		rc = proc_arguments(pid, &s->arguments, e);
		if (!rc && read_command(s))
			return proc_started_at(pid, &s->facts.started, e);
		if (!rc)
			rc = proc_parent(pid, &pid, e);
	}
	s->facts.directory = NULL;
	err_clear(e);
	return 0;
}

int certificate_source_read(struct certificate_source *s, const struct hook *h,
			    struct err *e)
{
	const char *seed = h->settings.nonce_seed;
	int rc;

	memset(s, 0, sizeof(*s));
	buf_init(&s->arguments, ARGUMENTS_MAX);
	s->facts.seed = seed && *seed ? seed : NULL;
	s->facts.slop = h->settings.nonce_slop;
	rc = read_options(s, e);
	if (rc)
		return rc;
	s->facts.id = getenv("GIT_PUSH_CERT");
	if (!s->facts.id || !*s->facts.id) {
		s->facts.id = NULL;
		return 0;
	}
	s->facts.nonce = getenv("GIT_PUSH_CERT_NONCE");
	s->facts.nonce_status = getenv("GIT_PUSH_CERT_NONCE_STATUS");
	return find_receive_pack(s, e);
}

void certificate_source_release(struct certificate_source *s)
{
	buf_release(&s->arguments);
}
