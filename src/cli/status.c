/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "checks/signature.h"
#include "cli/commands.h"
#include "cli/hooks_dir.h"
#include "cli/json.h"
#include "cli/place.h"
#include "cli/publish.h"
#include "cli/status_emergencies.h"
#include "cli/status_tickets.h"
#include "courier/status.h"
#include "ledger/seal_health.h"
#include "policy/check_value.h"
#include "policy/scope.h"

static const char help[] =
	"usage: gatepost status [--json] [--policy FILE] [REPO...]\n"
	"\n"
	"Is everything in place? Looks at the hooks of each repository, at its "
	"policy,\n"
	"the ledger and the destinations. Without REPO: the repository one is "
	"in, or\n"
	"the system's policy alone.\n"
	"\n"
	"Exit status: 0 all is well, 1 something is amiss, 2 could not "
	"tell.\n";

struct status_page {
	bool json, amiss;
	yyjson_mut_doc *doc;
	yyjson_mut_val *list; /* of what is told now */
	yyjson_mut_val *last; /* of these; NULL without json */
};

static void say(struct status_page *s, bool well, const char *what,
		const char *text)
{
	struct buf clean = BUF_INIT(8 * ERR_MAX_MSG);
	yyjson_mut_val *o;

	s->amiss |= !well;
	if (s->json) {
		text_add_utf8(&clean, span_str(text));
		o = yyjson_mut_arr_add_obj(s->doc, s->list);
		s->last = o;
		if (o) {
			yyjson_mut_obj_add_strcpy(s->doc, o, "what", what);
			yyjson_mut_obj_add_bool(s->doc, o, "well", well);
			yyjson_mut_obj_add_strcpy(s->doc, o, "text",
						  clean.data);
		}
	} else {
		text_add_printable(&clean, span_str(text), ERR_MAX_MSG);
		printf("%-5s %-12s %s\n", well ? "ok" : "AMISS", what,
		       clean.data);
	}
	buf_release(&clean);
}

static void look_hooks(struct status_page *s, const struct place *p)
{
	char dir[FILE_MAX_PATH], text[FILE_MAX_PATH + 128];
	struct err e = {0};
	size_t i;

	if (hooks_dir_find(p, dir, &e)) {
		say(s, false, "hooks", e.msg);
		return;
	}
	for (i = 0; i < HOOKS_COUNT; i++) {
		enum hook_state state = HOOK_ABSENT;

		if (hooks_dir_state(dir, hooks_names[i], &state, &e)) {
			say(s, false, hooks_names[i], e.msg);
			continue;
		}
		if (state == HOOK_OURS)
			snprintf(text, sizeof(text), "%s",
				 hook_state_word(state));
		else
			snprintf(text, sizeof(text),
				 "%s; %sput it in place with: gatepost install "
				 "%s%s",
				 hook_state_word(state),
				 state == HOOK_FOREIGN ? "move it away, then "
						       : "",
				 state == HOOK_OF_OTHER ? "--replace " : "",
				 p->gitdir);
		if (state == HOOK_OURS &&
		    hooks_dir_prove(p, dir, hooks_names[i], &e)) {
			state = HOOK_NOT_EXECUTABLE;
			snprintf(text, sizeof(text), "%s", e.msg);
		}
		say(s, state == HOOK_OURS, hooks_names[i], text);
	}
}

static void look_seal(struct status_page *s, struct place *p)
{
	struct seal_health health;
	struct err e = {0};
	int rc = seal_health_read(p->ledger, time_now_ms(), &health, &e);

	say(s, !rc && health.well, "seal", rc ? e.msg : health.text);
}

static void look_emergencies(struct status_page *s, const struct place *p)
{
	struct buf text = BUF_INIT(ERR_MAX_MSG);
	struct emergencies_owed owed;
	struct err e = {0};

	if (emergencies_count(p->ledger, time_now_ms(), &owed, &e)) {
		say(s, false, "emergencies", e.msg);
		return;
	}
	emergencies_text(&owed, &text);
	say(s, !owed.overdue, "emergencies", text.data);
	if (s->last) {
		yyjson_mut_obj_add_uint(s->doc, s->last, "open", owed.open);
		yyjson_mut_obj_add_uint(s->doc, s->last, "overdue",
					owed.overdue);
	}
	buf_release(&text);
}

static void look_tickets(struct status_page *s, const struct place *p)
{
	struct buf text = BUF_INIT(ERR_MAX_MSG);
	struct tickets_owed owed;
	struct err e = {0};

	if (tickets_count(p->ledger, time_now_ms(), &owed, &e)) {
		say(s, false, "tickets", e.msg);
		return;
	}
	tickets_text(&owed, &text);
	say(s, !owed.overdue && !owed.refused, "tickets", text.data);
	if (s->last) {
		yyjson_mut_obj_add_uint(s->doc, s->last, "waiting",
					owed.waiting);
		yyjson_mut_obj_add_uint(s->doc, s->last, "overdue",
					owed.overdue);
		yyjson_mut_obj_add_uint(s->doc, s->last, "refused",
					owed.refused);
	}
	buf_release(&text);
}

static void look_ledger(struct status_page *s, struct place *p)
{
	char text[FILE_MAX_PATH + 64];
	struct err e = {0};
	uint64_t n = 0;
	int rc = place_ledger(p, NULL, LEDGER_APPEND, &e);

	if (!rc)
		rc = ledger_size(p->ledger, &n, &e);
	if (!rc)
		snprintf(text, sizeof(text), "%s, %llu records",
			 p->policy->ledger, (unsigned long long)n);
	say(s, !rc, "ledger", rc ? e.msg : text);
	if (!rc)
		look_seal(s, p);
	if (!rc) {
		look_emergencies(s, p);
		look_tickets(s, p);
	}
	if (!rc && !ledger_has_reserve(p->ledger))
		say(s, false, "reserve",
		    "the ledger's disk is nearly full, and its reserve is "
		    "used up; free 16 MiB");
}

/* Whose lines those behind the n-th heading are: see status_write_text. */
static bool is_well_at(const struct delivery_status *d, size_t n)
{
	if (!d->seal.well && !n--)
		return false;
	if (!d->n && !n--)
		return true;
	if (n < d->n)
		return status_sink_is_well(&d->v[n]);
	n -= d->n;
	return n < d->nanchors && status_anchor_is_well(&d->anchors[n]);
}

static void look_sinks(struct status_page *s, const struct place *p)
{
	struct delivery_status d = {0};
	struct buf text = BUF_INIT(STATUS_MAX_TEXT);
	struct span line;
	struct cursor at;
	struct err e = {0};
	size_t heads = 0;
	bool well = false;

	if (!p->policy->nsinks && !p->policy->nwitnesses &&
	    !p->policy->ntimestamps)
		return;
	if (status_read(&d, p->policy, &e)) {
		say(s, false, "delivery", e.msg);
		return;
	}
	if (!status_write_text(&d, &text, &e)) {
		at = cursor_of(text.data, text.len);
		while (cursor_line(&at, &line)) {
			char *one = span_dup(line);

			if (one && *one != ' ')
				well = is_well_at(&d, heads++);
			if (one && *one)
				say(s, well, "delivery", one);
			free(one);
		}
	}
	buf_release(&text);
	status_release(&d);
}

static void look_policy(struct status_page *s, struct place *p,
			const char *given)
{
	char text[2 * FILE_MAX_PATH];
	struct err e = {0};
	int rc = place_policy(p, given, 0, &e);
	int mode;

	if (rc) {
		say(s, false, "policy", e.msg);
		return;
	}
	mode = p->settings.mode != MODE_UNSET ? p->settings.mode
					      : p->policy->mode;
	snprintf(text, sizeof(text), "%s, mode %s, digest %.16s",
		 p->policy->path, policy_mode_word((enum policy_mode)mode),
		 p->policy->digest);
	say(s, true, "policy", text);
	look_ledger(s, p);
	look_sinks(s, p);
}

/* Reviewers' clones go by it. */
static void look_published(struct status_page *s, const struct place *p)
{
	char text[FILE_MAX_PATH + 128];
	struct err e = {0};
	bool current;

	if (publish_is_current(p, &current, &e)) {
		say(s, false, "published", e.msg);
		return;
	}
	snprintf(text, sizeof(text),
		 "not what the policy says; put it in place with: gatepost "
		 "policy publish %s",
		 p->gitdir);
	say(s, current, "published", current ? "as the policy says" : text);
}

static bool wants_certificates(const struct place *p)
{
	const struct policy *policy = p->policy;
	size_t i, j;

	if (!strcmp(policy->pusher_from, PUSHER_FROM_CERTIFICATE))
		return true;
	for (i = 0; i < policy->ngates; i++) {
		const struct gate *g = &policy->gates[i];

		if (!gate_has_repository(g, p->repository))
			continue;
		for (j = 0; j < g->nrules; j++)
			if (signature_asks_push(&policy->rules[g->rules[j]]))
				return true;
	}
	return false;
}

/* Without a seed no push can be signed. */
static void look_certificates(struct status_page *s, const struct place *p)
{
	char text[FILE_MAX_PATH + 160];

	if (!wants_certificates(p))
		return;
	snprintf(text, sizeof(text),
		 "the policy asks for signed pushes, and none can be: git -C "
		 "%s config receive.certNonceSeed \"$(openssl rand -hex 32)\"",
		 p->gitdir);
	say(s, p->settings.nonce_seed, "signed push",
	    p->settings.nonce_seed ? "receive.certNonceSeed is set" : text);
}

static void look(struct status_page *s, const char *repo, const char *policy)
{
	struct place p;
	struct err e = {0};
	int rc;

	place_init(&p);
	rc = repo ? place_repository(&p, repo, &e) : place_discover(&p, &e);
	if (rc && repo) {
		say(s, false, "repository", e.msg);
	} else {
		if (!rc && !s->json)
			printf("%s\n", p.gitdir);
		look_policy(s, &p, policy);
		if (!rc && (repo || p.settings.policy))
			look_hooks(s, &p);
		if (!rc && p.policy && (repo || p.settings.policy)) {
			look_published(s, &p);
			look_certificates(s, &p);
		}
	}
	place_release(&p);
}

static int begin(struct status_page *s, struct err *e)
{
	s->doc = yyjson_mut_doc_new(NULL);
	s->list = s->doc ? yyjson_mut_arr(s->doc) : NULL;
	if (!s->list)
		return err_nomem(e);
	yyjson_mut_doc_set_root(s->doc, s->list);
	return 0;
}

static int run(int argc, char **argv, struct err *e)
{
	const char *policy = NULL;
	struct status_page s = {0};
	const struct cli_option options[] = {
		{"--json", &s.json, NULL},
		{"--policy", NULL, &policy},
	};
	struct cli_args args;
	int i;
	int rc = cli_parse(argc, argv, options, 2, &args, e);

	if (!rc)
		rc = begin(&s, e);
	if (rc)
		return rc;
	for (i = 0; i < args.n; i++)
		look(&s, args.v[i], policy);
	if (!args.n)
		look(&s, NULL, policy);
	if (s.json)
		rc = cli_print_json(s.doc, e);
	yyjson_mut_doc_free(s.doc);
	if (rc)
		return rc;
	return s.amiss ? CLI_NO : CLI_YES;
}

const struct cli_command command_status = {
	.name = "status",
	.summary = "is everything in place?",
	.help = help,
	.run = run,
};
