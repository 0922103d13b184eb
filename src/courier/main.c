/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "courier/arguments.h"
#include "courier/get.h"
#include "courier/metrics.h"
#include "courier/retry_request.h"
#include "courier/service.h"
#include "courier/status.h"
#include "courier/ticket_serve.h"
#include "courier/worker.h"
#include "policy/policy.h"
#include "sys/env.h"
#include "sys/files.h"

/*
 * The courier: the one program that talks to the network. It reads the
 * policy and the ledger, posts every record to every sink, and writes how
 * far each has come. For who makes a copy of a served ledger it gets files.
 */

/*
 * Secrets are in this process's memory, so no core file, no debugger of the
 * same user, and no variable that makes a library load code, write keys or
 * take a detour.
 */
static int harden(struct err *e)
{
	struct rlimit none = {0, 0};

	if (clearenv() || setenv("PATH", ENV_SAFE_PATH, 1))
		return err_nomem(e);
	if (prctl(PR_SET_DUMPABLE, 0) || setrlimit(RLIMIT_CORE, &none))
		return err_sys(e, "cannot forbid core files");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_sys(e, "no_new_privs");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_sys(e, "signal");
	return file_ensure_stdio(e);
}

static int run(const struct arguments *args, struct err *e)
{
	struct service_options options = {.policy = args->policy,
					  .once = args->once,
					  .now = args->now,
					  .deadline_seconds =
						  (int64_t)args->deadline};

	int rc = service_run(&options, e);

	if (args->once && rc == WORKER_LEFT)
		fprintf(stderr, "gatepost courier: not all is delivered, "
				"or another delivery is at it; gatepost "
				"courier status says why\n");
	return rc;
}

static int write_status(const struct delivery_status *status,
			const struct policy *policy,
			const struct arguments *args, struct err *e)
{
	struct buf out = BUF_INIT(STATUS_MAX_TEXT);
	int rc;

	if (args->prometheus)
		rc = metrics_write(status, metrics_sealed_at(policy->ledger),
				   &out, e);
	else
		rc = args->json ? status_write_json(status, &out, e)
				: status_write_text(status, &out, e);
	if (!rc &&
	    (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout)))
		rc = err_sys(e, "standard output");
	buf_release(&out);
	return rc;
}

static int status(const struct arguments *args, struct err *e)
{
	struct policy *policy = NULL;
	struct delivery_status status = {0};
	int rc = policy_load(&policy, args->policy, NULL, 0,
			     POLICY_SHALLOW | POLICY_SINKS, NULL, e);

	if (!rc)
		rc = status_read(&status, policy, e);
	if (!rc)
		rc = write_status(&status, policy, args, e);
	if (!rc)
		rc = !status_is_well(&status);
	else
		rc = 2;
	status_release(&status);
	policy_free(policy);
	return rc;
}

static int tell_not_found(const struct err *e)
{
	fprintf(stderr, "gatepost courier: %s\n", e->msg);
	return 1;
}

static int deliver_now(const struct arguments *args, struct err *e)
{
	struct service_options options = {.policy = args->policy, .once = true};

	return service_run(&options, e);
}

static int retry(const struct arguments *args, struct err *e)
{
	struct retry_request request = {
		.sink = args->words[0], .id = args->words[1], .all = args->all};
	struct policy *policy = NULL;
	struct buf out = BUF_INIT(STATUS_MAX_TEXT);
	bool waiting = false;
	int rc = policy_load(&policy, args->policy, NULL, 0,
			     POLICY_SHALLOW | POLICY_SINKS, NULL, e);

	if (rc)
		return 2;
	rc = retry_request(&request, policy, &out, &waiting, e);
	fputs(out.data, stdout);
	if (rc)
		rc = rc == ERR_NOT_FOUND ? tell_not_found(e) : 2;
	else if (waiting)
		rc = deliver_now(args, e);
	buf_release(&out);
	policy_free(policy);
	return rc;
}

static int ticket(const struct arguments *args, struct err *e)
{
	struct policy *policy = NULL;
	int rc = policy_load(&policy, args->policy, NULL, 0,
			     POLICY_SHALLOW | POLICY_SINKS, NULL, e);

	if (!rc)
		rc = ticket_serve(policy, args->words[0], STDIN_FILENO,
				  STDOUT_FILENO, e);
	policy_free(policy);
	return rc ? 2 : 0;
}

static int get(const struct arguments *args, struct err *e)
{
	struct http_target target = {
		.url = args->url,
		.ca_file = *args->ca_file ? args->ca_file : NULL,
		.seconds = (int64_t)args->timeout,
	};

	return get_serve(&target, STDIN_FILENO, STDOUT_FILENO, e) ? 2 : 0;
}

static int usage(const char *why)
{
	fprintf(stderr, "gatepost courier: %s\n%s", why, arguments_usage);
	return 2;
}

static int fail(const struct err *e)
{
	fprintf(stderr, "gatepost courier: %s\n", e->msg);
	return 2;
}

struct command {
	const char *name;
	int (*main)(const struct arguments *, struct err *);
};

static int run_command(const struct command *c, int argc, char **argv)
{
	struct arguments args = {.once = false};
	struct err e;
	int rc;

	err_clear(&e);
	rc = arguments_parse(&args, argc, argv, &e);
	if (rc)
		return rc == ERR_USAGE ? usage(e.msg) : fail(&e);
	if (args.help) {
		fputs(arguments_usage, stdout);
		return 0;
	}
	rc = c->main(&args, &e);
	return rc == 2 ? fail(&e) : rc;
}

int main(int argc, char **argv)
{
	static const struct command commands[] = {{"run", run},
						  {"status", status},
						  {"retry", retry},
						  {"get", get},
						  {"ticket", ticket}};
	struct err e;

	err_clear(&e);
	if (harden(&e))
		return fail(&e);
	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(arguments_usage, stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name))
			return run_command(&commands[i], argc - 1, argv + 1);
	return usage("run, status or retry?");
}
