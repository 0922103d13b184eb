/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "desk/remember.h"
#include "gate/judge.h"
#include "sys/files.h"

static int resolve(const struct place *p, const struct trial *t,
		   struct push *push, struct err *e)
{
	struct repository *repo = NULL;
	struct ref_update *u;
	int rc = place_open(p, &repo, e);

	if (rc)
		return rc;
	push->v = calloc(1, sizeof(*push->v));
	u = push->v;
	if (!u)
		rc = err_nomem(e);
	if (!rc) {
		push->n = push->cap = 1;
		u->name = strdup(t->ref);
		u->old.algo = (unsigned char)repository_algo(repo);
		rc = u->name ? 0 : err_nomem(e);
	}
	if (!rc)
		rc = repository_resolve(repo, t->new_word, &u->new_, e);
	if (!rc && t->old_word)
		rc = repository_resolve(
			repo, *t->old_word ? t->old_word : "HEAD", &u->old, e);
	repository_free(repo);
	return rc;
}

static int judge(const struct place *p, const struct trial *t,
		 const struct engine_input *in, struct report *out,
		 struct err *e)
{
	char index[FILE_MAX_PATH];
	const char *readable[] = {index};
	struct judge_spec spec = {
		.input = in,
		.where = {.gitdir = p->gitdir},
		.readable = readable,
		.nreadable = t->remembers,
	};

	if (t->remembers && file_join(ledger_dir(p->ledger), "index", index, e))
		return e->code;
	return judge_run(&spec, out, e);
}

int trial_run(struct place *p, const struct trial *t,
	      struct record_frame *frame, struct report *out, struct err *e)
{
	struct engine_memory memory;
	struct push push;
	struct engine_input in = {
		.policy = p->policy,
		.override = t->enforce ? MODE_ENFORCE
				       : (enum policy_mode)p->settings.mode,
		.repository = t->repository ? t->repository : p->repository,
		.git_namespace = "",
		.baseline = &p->settings.baseline,
		.push = &push,
		.now = time_now_ms(),
		.trust_old = true,
	};
	int rc;

	place_frame(p, frame);
	frame->repository = in.repository;
	in.pusher = *frame->pusher;
	if (t->remembers) {
		remember_memory(ledger_dir(p->ledger), &memory);
		in.memory = &memory;
	}
	push_init(&push);
	rc = resolve(p, t, &push, e);
	if (!rc)
		rc = judge(p, t, &in, out, e);
	push_release(&push);
	return rc;
}
