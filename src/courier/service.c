/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "courier/metrics.h"
#include "courier/place.h"
#include "courier/plan.h"
#include "courier/sealing.h"
#include "courier/task.h"
#include "courier/worker.h"
#include "policy/policy.h"
#include "sys/admin_log.h"
#include "sys/deadline.h"
#include "sys/files.h"

struct worker {
	pid_t pid; /* 0: not running */
	bool done; /* never to be started again */
	bool now;  /* its first attempt waits for no time */
	unsigned failures;
	struct deadline settled; /* then it has run well */
	struct deadline restart; /* not before */
};

struct service {
	const struct service_options *options;
	struct policy *policy;
	struct worker *workers; /* one a task */
	struct admin_log log;
	struct deadline deadline, reload;
	struct deadline metrics; /* are written anew then */
	pid_t writer;		 /* of them; 0: none */
	int64_t writing_us;	 /* since when, by time_mono_us */
	bool unwritten;		 /* that was told */
	bool stop, reload_now;
	bool complained; /* of the policy's new text */
	int signal_fd;
	int status; /* the worst that a worker ended with */
};

static size_t n_workers(const struct service *s)
{
	return task_count(s->policy);
}

static bool is_sealer(const struct service *s, size_t i)
{
	return task_is_sealer(s->policy, i);
}

static struct worker *sealer_of(const struct service *s)
{
	return &s->workers[n_workers(s) - 1];
}

static int start_worker(struct service *s, size_t i, struct err *e)
{
	struct task_room room = {.policy = s->policy,
				 .log = &s->log,
				 .once = s->options->once,
				 .now = s->workers[i].now,
				 .deadline = s->deadline};
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return err_sys(e, "fork");
	if (pid == 0) {
		file_close(&s->signal_fd);
		_exit(task_run(&room, i, parent));
	}
	s->workers[i].pid = pid;
	s->workers[i].now = false;
	s->workers[i].settled = deadline_in_ms(SERVICE_SLOW_SECONDS * 1000);
	return 0;
}

/* What fails at once would fail, and fill the log, every few seconds. */
static int64_t restart_ms(struct worker *w)
{
	int64_t seconds = SERVICE_RESTART_SECONDS;

	if (deadline_passed(w->settled))
		w->failures = 0;
	for (unsigned i = 0; i < w->failures && seconds < SERVICE_SLOW_SECONDS;
	     i++)
		seconds *= 2;
	w->failures++;
	return (seconds < SERVICE_SLOW_SECONDS ? seconds
					       : SERVICE_SLOW_SECONDS) *
	       1000;
}

static void report_signal(struct service *s, size_t i, int sig)
{
	char name[TASK_MAX_NAME];

	task_name(s->policy, i, name);
	admin_log_say(&s->log, ADMIN_LOG_ERROR,
		      "%s: its process was ended by signal %d", name, sig);
}

static void note_end(struct service *s, pid_t pid, int how)
{
	int status = WIFEXITED(how) ? WEXITSTATUS(how) : WORKER_FAILED;

	for (size_t i = 0; i < n_workers(s); i++) {
		struct worker *w = &s->workers[i];

		if (w->pid != pid)
			continue;
		w->pid = 0;
		/* a sealer that ends well leaves it to another user */
		w->done = s->options->once || (is_sealer(s, i) && !status);
		w->restart = deadline_in_ms(restart_ms(w));
		if (WIFSIGNALED(how) && !s->stop)
			report_signal(s, i, WTERMSIG(how));
	}
	if (status > s->status)
		s->status = status;
}

static void write_metrics(struct service *s)
{
	struct err e;

	err_clear(&e);
	if (metrics_save(s->policy, &e) && !s->unwritten)
		admin_log_say(&s->log, ADMIN_LOG_WARN,
			      "metrics cannot be written: %s", e.msg);
	s->unwritten = e.code != 0;
}

/* Counting what waits may take long, so it is nothing for this process. */
static void start_writer(struct service *s)
{
	pid_t pid;

	if (!s->policy->metrics || s->writer || !deadline_passed(s->metrics))
		return;
	s->metrics = deadline_in_ms(METRICS_EVERY_SECONDS * 1000);
	s->writing_us = time_mono_us();
	pid = fork();
	if (pid == 0) {
		file_close(&s->signal_fd);
		write_metrics(s);
		_exit(s->unwritten);
	}
	s->writer = pid > 0 ? pid : 0;
}

/* The longer the queue of a dead endpoint, the longer it takes to count. */
static int64_t until_next_metrics(int64_t took_ms)
{
	int64_t ms = took_ms * METRICS_SHARE;

	if (ms < METRICS_EVERY_SECONDS * 1000)
		return METRICS_EVERY_SECONDS * 1000;
	return ms < METRICS_MAX_SECONDS * 1000 ? ms
					       : METRICS_MAX_SECONDS * 1000;
}

static bool is_writer(struct service *s, pid_t pid, int how)
{
	if (pid != s->writer)
		return false;
	s->writer = 0;
	s->metrics = deadline_in_ms(
		until_next_metrics((time_mono_us() - s->writing_us) / 1000));
	s->unwritten = !WIFEXITED(how) || WEXITSTATUS(how);
	return true;
}

static void reap(struct service *s)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		if (!is_writer(s, pid, how))
			note_end(s, pid, how);
}

static size_t running(const struct service *s)
{
	size_t n = 0;

	for (size_t i = 0; i < n_workers(s); i++)
		n += s->workers[i].pid > 0;
	return n;
}

static void signal_workers(const struct service *s, int sig)
{
	for (size_t i = 0; i < n_workers(s); i++)
		if (s->workers[i].pid > 0)
			kill(s->workers[i].pid, sig);
}

static void read_signals(struct service *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			s->stop = true;
		else if (info.ssi_signo == SIGHUP)
			s->reload_now = true;
	}
	reap(s);
}

static void wait_signals(struct service *s, int64_t ms)
{
	struct pollfd p = {.fd = s->signal_fd, .events = POLLIN};

	poll(&p, 1, (int)ms);
	read_signals(s);
}

static void stop_workers(struct service *s)
{
	struct deadline patience = deadline_in_ms(SERVICE_STOP_SECONDS * 1000);

	signal_workers(s, SIGTERM);
	while (running(s) && !deadline_passed(patience))
		wait_signals(s, deadline_left_ms(patience));
	signal_workers(s, SIGKILL);
	while (running(s))
		wait_signals(s, 1000);
}

static int start_due(struct service *s, struct err *e)
{
	for (size_t i = 0; i < n_workers(s); i++) {
		struct worker *w = &s->workers[i];

		if (w->pid || w->done || task_is_idle(s->policy, i) ||
		    !deadline_passed(w->restart))
			continue;
		/* those who deliver once want everything sealed before */
		if (s->options->once && !is_sealer(s, i) && !sealer_of(s)->done)
			continue;
		if (start_worker(s, i, e))
			return ERR_SYS;
	}
	return 0;
}

static int load(const struct service *s, struct policy **out, struct err *e)
{
	return policy_load(out, s->options->policy, NULL, 0,
			   POLICY_SHALLOW | POLICY_SINKS, NULL, e);
}

/** Take a policy over; the workers of the one before have ended.
 * @param now  what waits after a failure need not wait: it may be mended */
static int adopt(struct service *s, struct policy *policy, bool now,
		 struct err *e)
{
	struct worker *workers = calloc(task_count(policy), sizeof(*workers));

	if (!workers)
		return err_nomem(e);
	for (size_t i = 0; i < task_count(policy); i++)
		workers[i].now = now;
	free(s->workers);
	policy_free(s->policy);
	s->workers = workers;
	s->policy = policy;
	s->complained = false;
	admin_log_close(&s->log);
	admin_log_open(&s->log, "gatepost-courier",
		       strcmp(policy->log, "syslog") ? policy->log : NULL,
		       NULL);
	return 0;
}

static void reload(struct service *s)
{
	struct policy *policy = NULL;
	bool renew = s->reload_now;
	struct err e;

	s->reload_now = false;
	s->reload = deadline_in_ms(SERVICE_RELOAD_SECONDS * 1000);
	if (load(s, &policy, &e)) {
		if (!s->complained)
			admin_log_say(&s->log, ADMIN_LOG_ERROR,
				      "the policy cannot be read, the one "
				      "before stays in force: %s",
				      e.msg);
		s->complained = true;
		return;
	}
	s->complained = false;
	if (!renew && plan_is_same(policy, s->policy)) {
		policy_free(policy);
		return;
	}
	stop_workers(s);
	s->status = WORKER_DONE;
	if (adopt(s, policy, true, &e))
		policy_free(policy);
}

static void reload_if_due(struct service *s)
{
	if (s->reload_now || deadline_passed(s->reload))
		reload(s);
}

/* A hook that finds somebody at work wakes nobody: what it appended since it
 * was sealed last is ours. */
static bool is_behind(const struct service *s)
{
	uint64_t size = 0, sealed = 0;
	struct ledger *l;

	if (!place_can_seal(s->policy->ledger) ||
	    ledger_open(&l, s->policy->ledger, LEDGER_READ, NULL))
		return false;
	if (ledger_size(l, &size, NULL) || sealing_limit(l, &sealed, NULL))
		size = sealed;
	ledger_close(l);
	return size > sealed;
}

/** One more round of those that deliver what is there. */
static bool again(struct service *s)
{
	if (s->stop || s->status != WORKER_DONE ||
	    deadline_passed(s->deadline) || !is_behind(s))
		return false;
	memset(s->workers, 0, n_workers(s) * sizeof(*s->workers));
	return true;
}

/* What others vouched for meanwhile is for the sealer to publish. */
static int publish(struct service *s, struct err *e)
{
	size_t sealer = n_workers(s) - 1;
	int rc;

	if (s->stop || !(s->policy->nwitnesses || s->policy->ntimestamps))
		return 0;
	rc = start_worker(s, sealer, e);
	while (!rc && !s->stop && running(s))
		wait_signals(s, 60000);
	return rc;
}

static int serve_once(struct service *s, struct err *e)
{
	int rc;

	do {
		rc = start_due(s, e);
		while (!rc && !s->stop && running(s)) {
			wait_signals(s, SERVICE_RELOAD_SECONDS * 1000);
			if (!s->stop && running(s))
				reload_if_due(s);
			rc = start_due(s, e);
		}
	} while (!rc && again(s));
	if (!rc)
		rc = publish(s, e);
	stop_workers(s);
	write_metrics(s);
	return rc ? WORKER_FAILED : s->status;
}

static int serve(struct service *s, struct err *e)
{
	int rc = start_due(s, e);

	while (!rc && !s->stop) {
		start_writer(s);
		wait_signals(s, 1000);
		if (s->stop)
			break;
		reload_if_due(s);
		rc = start_due(s, e);
	}
	stop_workers(s);
	return rc ? WORKER_FAILED : WORKER_DONE;
}

/* Workers tell the admin's log why. It is mostly that of another user where
 * the ledger is, too. */
static void say_failed(const struct service *s, struct err *e)
{
	struct ledger *l;

	if (s->policy && ledger_open(&l, s->policy->ledger, LEDGER_READ, e))
		return;
	if (s->policy)
		ledger_close(l);
	err_set(e, ERR_SYS,
		"a destination could not be served; see the admin's log");
}

int service_run(const struct service_options *options, struct err *e)
{
	struct service s = {
		.options = options,
		.log = ADMIN_LOG_INIT,
		.deadline = deadline_in_ms(options->deadline_seconds * 1000),
		.reload = deadline_in_ms(SERVICE_RELOAD_SECONDS * 1000),
		.signal_fd = -1};
	struct policy *policy = NULL;
	int status = WORKER_FAILED;

	if (load(&s, &policy, e))
		return WORKER_FAILED;
	if (adopt(&s, policy, options->now, e)) {
		policy_free(policy);
		return WORKER_FAILED;
	}
	s.signal_fd = task_signal_fd(true);
	if (s.signal_fd < 0)
		err_sys(e, "signalfd");
	else
		status = options->once ? serve_once(&s, e) : serve(&s, e);
	if (s.status == WORKER_FAILED && status == WORKER_FAILED && !e->code)
		say_failed(&s, e);
	file_close(&s.signal_fd);
	admin_log_close(&s.log);
	policy_free(s.policy);
	free(s.workers);
	return status;
}
