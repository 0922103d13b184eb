/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/task.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "courier/anchor_trust.h"
#include "courier/anchoring.h"
#include "courier/confine.h"
#include "courier/http.h"
#include "courier/sealing.h"
#include "courier/worker.h"

size_t task_count(const struct policy *p)
{
	return p->nsinks + p->nwitnesses + p->ntimestamps + 1;
}

bool task_is_sealer(const struct policy *p, size_t i)
{
	return i + 1 == task_count(p);
}

static const struct sink *sink_of(const struct policy *p, size_t i)
{
	return i < p->nsinks ? &p->sinks[i] : NULL;
}

static const struct witness *witness_of(const struct policy *p, size_t i)
{
	return i >= p->nsinks && i - p->nsinks < p->nwitnesses
		       ? &p->witnesses[i - p->nsinks]
		       : NULL;
}

static const struct timestamp *stamper_of(const struct policy *p, size_t i)
{
	size_t before = p->nsinks + p->nwitnesses;

	return i >= before && i - before < p->ntimestamps
		       ? &p->timestamps[i - before]
		       : NULL;
}

bool task_is_idle(const struct policy *p, size_t i)
{
	const struct witness *w = witness_of(p, i);

	return w && !w->url;
}

void task_name(const struct policy *p, size_t i, char out[TASK_MAX_NAME])
{
	if (sink_of(p, i))
		snprintf(out, TASK_MAX_NAME, "destination %s",
			 sink_of(p, i)->name);
	else if (witness_of(p, i))
		snprintf(out, TASK_MAX_NAME, "witness %s",
			 witness_of(p, i)->name);
	else if (stamper_of(p, i))
		snprintf(out, TASK_MAX_NAME, "time stamper %s",
			 stamper_of(p, i)->name);
	else
		snprintf(out, TASK_MAX_NAME, "sealing");
}

int task_signal_fd(bool all)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (all) {
		sigaddset(&set, SIGHUP);
		sigaddset(&set, SIGCHLD);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int seal(const struct task_room *room, int stop_fd, struct err *e)
{
	struct anchor_trust trust = {0};
	struct sealing s = {.ledger_dir = room->policy->ledger,
			    .trust = &trust,
			    .log = room->log,
			    .stop_fd = stop_fd};
	int status = WORKER_FAILED;

	if (!anchor_trust_take(&trust, room->policy, e))
		status = room->once ? sealing_run_once(&s, room->deadline)
				    : sealing_run(&s);
	anchor_trust_release(&trust);
	return status;
}

static int deliver(const struct task_room *room, const struct sink *sink,
		   int stop_fd, struct err *e)
{
	struct drain d = {.sink = sink,
			  .ledger_dir = room->policy->ledger,
			  .log = room->log,
			  .stop_fd = stop_fd,
			  .now = room->now};

	if (http_start(e))
		return WORKER_FAILED;
	return room->once ? worker_run_once(&d, room->deadline, e)
			  : worker_run(&d, e);
}

static int anchor(const struct task_room *room, size_t i, int stop_fd,
		  struct err *e)
{
	struct anchoring a = {.witness = witness_of(room->policy, i),
			      .stamper = stamper_of(room->policy, i),
			      .ledger_dir = room->policy->ledger,
			      .log = room->log,
			      .stop_fd = stop_fd};

	if (http_start(e) || anchoring_open(&a, e) ||
	    confine_anchoring(&a, e))
		return WORKER_FAILED;
	return room->once ? anchoring_run_once(&a, room->deadline, e)
			  : anchoring_run(&a, e);
}

int task_run(const struct task_room *room, size_t i, pid_t parent)
{
	const struct sink *sink = sink_of(room->policy, i);
	char name[TASK_MAX_NAME];
	struct err e = {0};
	int stop_fd = task_signal_fd(false), status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return WORKER_LEFT;
	if (stop_fd < 0) {
		err_sys(&e, "signalfd");
		status = WORKER_FAILED;
	} else if (task_is_sealer(room->policy, i)) {
		status = seal(room, stop_fd, &e);
	} else if (sink) {
		status = deliver(room, sink, stop_fd, &e);
	} else {
		status = anchor(room, i, stop_fd, &e);
	}
	task_name(room->policy, i, name);
	if (status == WORKER_FAILED && e.code)
		admin_log_say(room->log, ADMIN_LOG_ERROR, "%s: %s", name,
			      e.msg);
	return status;
}
