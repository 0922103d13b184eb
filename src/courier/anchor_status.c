/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/time.h"
#include "courier/place.h"
#include "courier/status.h"
#include "ledger/anchors.h"
#include "ledger/seal.h"

/** What is told of one, from the policy. */
struct party {
	const char *word, *name, *url, *cursor, *lock;
	int64_t every;
};

static struct party party_of(const struct policy *p, size_t i)
{
	const struct witness *w;
	const struct timestamp *t;

	if (i < p->nwitnesses) {
		w = &p->witnesses[i];
		return (struct party){"witness",
				      w->name,
				      w->url,
				      PLACE_WITNESS_CURSOR,
				      PLACE_WITNESS_LOCK,
				      w->every};
	}
	t = &p->timestamps[i - p->nwitnesses];
	return (struct party){
		"time stamper",	      t->name, t->url, PLACE_TIMESTAMP_CURSOR,
		PLACE_TIMESTAMP_LOCK, t->every};
}

/* One that comes by itself has no cursor. */
static uint64_t letter_size(struct ledger *l, const char *name)
{
	struct checkpoint_note c;
	uint64_t size = 0;

	if (!anchor_get_cosigned(l, name, &c, NULL))
		size = c.at.size;
	checkpoint_note_release(&c);
	return size;
}

static int read_one(struct anchor_status *s, const struct party *p,
		    struct ledger *l, struct err *e)
{
	int rc = progress_load_as(&s->progress, ledger_dir(l), p->name,
				  p->cursor, e);

	s->word = p->word;
	s->name = p->name;
	s->every = p->every;
	buf_init(&s->host, STATUS_MAX_HOST);
	if (p->url)
		status_add_host(&s->host, p->url);
	s->covered = p->url ? s->progress.checkpoint : letter_size(l, p->name);
	s->running = place_is_held(ledger_dir(l), p->name, p->lock);
	return rc;
}

int status_read_anchors(struct delivery_status *out,
			const struct policy *policy, struct ledger *ledger,
			struct err *e)
{
	size_t n = policy->nwitnesses + policy->ntimestamps;
	struct checkpoint_note c;
	uint64_t sealed = 0;
	int rc = 0;

	if (!seal_checkpoint_read(ledger, &c, NULL))
		sealed = c.at.size;
	checkpoint_note_release(&c);
	out->anchors = calloc(n + 1, sizeof(*out->anchors));
	if (!out->anchors)
		return err_nomem(e);
	while (!rc && out->nanchors < n) {
		struct party p = party_of(policy, out->nanchors);
		struct anchor_status *s = &out->anchors[out->nanchors++];

		rc = read_one(s, &p, ledger, e);
		s->sealed = sealed;
	}
	return rc;
}

void status_release_anchors(struct delivery_status *s)
{
	for (size_t i = 0; i < s->nanchors; i++)
		buf_release(&s->anchors[i].host);
	free(s->anchors);
	s->anchors = NULL;
	s->nanchors = 0;
}

const char *status_anchor_condition(const struct anchor_status *s)
{
	if (s->progress.failing_since)
		return "failing";
	return s->covered == s->sealed ? "up to date" : "behind";
}

/* One that comes by itself comes when it likes. */
bool status_anchor_is_well(const struct anchor_status *s)
{
	int64_t ms = (s->every + STATUS_LATE_SECONDS) * 1000;

	if (s->progress.failing_since)
		return false;
	return s->covered == s->sealed || !s->host.len ||
	       !s->progress.last_success ||
	       time_now_ms() - s->progress.last_success < ms;
}
