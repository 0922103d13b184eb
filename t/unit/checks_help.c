/* SPDX-License-Identifier: Apache-2.0 */
#include "checks_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE "0123456789abcdef0123456789abcdef01234567"
#define PARENT "89abcdef0123456789abcdef0123456789abcdef"

void has_words(const char *text, const char *words)
{
	if (!strstr(text, words))
		ck_abort_msg("\"%s\" is not in \"%s\"", words, text);
}

/* ---- the sink ---- */

static struct bench *bench_of(const struct check_ctx *ctx)
{
	return (struct bench *)(void *)ctx->sink;
}

static int keep_finding(const struct check_ctx *ctx, const struct finding *f,
			struct err *e)
{
	struct bench *b = bench_of(ctx);
	struct said *s = &b->said[b->nsaid++];
	size_t i;

	(void)e;
	ck_assert_uint_lt(b->nsaid, BENCH_MAX);
	memset(s, 0, sizeof(*s));
	snprintf(s->code, sizeof(s->code), "%s", f->code);
	snprintf(s->text, sizeof(s->text), "%s", f->text);
	snprintf(s->hint, sizeof(s->hint), "%s", f->hint ? f->hint : "");
	snprintf(s->trailer, sizeof(s->trailer), "%s",
		 f->trailer ? f->trailer : "");
	s->sign = f->sign;
	if (f->commit)
		oid_to_hex(&f->commit->id, s->commit);
	for (i = 0; i < f->nwho; i++) {
		s->who[i] = f->who[i].principal;
		snprintf(s->names[i], sizeof(s->names[i]), "%.*s",
			 (int)f->who[i].name.n, f->who[i].name.p);
	}
	s->nwho = f->nwho;
	return 0;
}

static int keep_evidence(const struct check_ctx *ctx, const char *kind,
			 const struct commit_facts *commit, const char *text,
			 const struct finding_who *who, struct err *e)
{
	struct bench *b = bench_of(ctx);
	struct told *t = &b->told[b->ntold++];

	(void)commit;
	(void)e;
	ck_assert_uint_lt(b->ntold, BENCH_MAX);
	snprintf(t->kind, sizeof(t->kind), "%s", kind);
	snprintf(t->text, sizeof(t->text), "%s", text);
	t->person = who != NULL;
	t->who = who ? who->principal : NULL;
	snprintf(t->name, sizeof(t->name), "%.*s", who ? (int)who->name.n : 0,
		 who ? who->name.p : "");
	snprintf(t->email, sizeof(t->email), "%.*s",
		 who ? (int)who->email.n : 0, who ? who->email.p : "");
	return 0;
}

static int keep_approval(const struct check_ctx *ctx,
			 const struct approval_facts *a, bool counted,
			 const char *why, struct err *e)
{
	struct bench *b = bench_of(ctx);
	struct counted *c = &b->counted[b->ncounted++];

	(void)e;
	ck_assert_uint_lt(b->ncounted, BENCH_MAX);
	c->approval = a;
	c->counted = counted;
	snprintf(c->why, sizeof(c->why), "%s", why ? why : "");
	return 0;
}

static int keep_signature(const struct check_ctx *ctx, enum signed_thing of,
			  const struct oid *id, const struct signature *sig,
			  struct err *e)
{
	struct bench *b = bench_of(ctx);

	(void)id;
	(void)e;
	ck_assert_uint_lt(b->nrelied, BENCH_MAX);
	b->relied[b->nrelied++] = (struct relied){of, sig->principal};
	return 0;
}

static int keep_ticket(const struct check_ctx *ctx,
		       const struct ticket_facts *t, struct err *e)
{
	struct bench *b = bench_of(ctx);
	struct named *n = &b->named[b->nnamed++];

	(void)e;
	ck_assert_uint_lt(b->nnamed, BENCH_MAX);
	snprintf(n->id, sizeof(n->id), "%s", t->id);
	n->by_option = t->by_option;
	n->answer = t->said->answer;
	return 0;
}

static const struct check_sink_ops ops = {keep_finding, keep_evidence,
					  keep_approval, keep_signature,
					  keep_ticket};

/* ---- policies ---- */

static int load(struct policy **out, const char *check, const char *options,
		const char *rest, struct err *e)
{
	char path[] = "/tmp/gatepost-unit-XXXXXX";
	int fd = mkstemp(path), rc;
	FILE *f;

	ck_assert_int_ge(fd, 0);
	fchmod(fd, 0644);
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"[gatepost]\n\tledger = /var/lib/gatepost/ledger\n"
		"\tagents = %s/agents.conf\n"
		"[principal \"ann\"]\n\temail = ann@example.com\n"
		"\tlogin = ann\n\trole = security\n"
		"[principal \"bob\"]\n\temail = bob@example.com\n"
		"\tlogin = bob\n"
		"[principal \"cat\"]\n\temail = cat@example.com\n"
		"\tlogin = cat\n\trole = security\n\tuntil = 2026-01-31\n"
		"[principal \"rob\"]\n\tlogin = rob\n\tkind = bot\n"
		"[gate \"main\"]\n\tref = refs/heads/main\n\trule = one\n"
		"[rule \"one\"]\n\tcheck = %s\n%s\n%s\n",
		CONF_DIR, check, options, rest ? rest : "");
	fclose(f);
	rc = policy_load(out, path, checks_kinds, checks_count, 0, NULL, e);
	unlink(path);
	return rc;
}

void bench_open(struct bench *b, const char *check, const char *options,
		const char *rest)
{
	struct err e;

	memset(b, 0, sizeof(*b));
	if (load(&b->policy, check, options, rest, &e))
		ck_abort_msg("%s", e.msg);
	b->check = check_of_kind(b->policy->rules[0].kind);
	ck_assert_str_eq(b->check->kind.name, check);
	b->pusher = (struct pusher){"bob", "uid", NULL};
	b->ctx = (struct check_ctx){
		.policy = b->policy,
		.rule = &b->policy->rules[0],
		.options = b->policy->rules[0].options,
		.repository = "team/payments/api",
		.pusher = &b->pusher,
		.algo = OID_SHA1,
		.now = NOW,
		.ops = &ops,
		.sink = (struct check_sink *)(void *)b,
	};
	b->state = calloc(1, b->check->state_size + 1);
	b->said = calloc(BENCH_MAX, sizeof(*b->said));
	b->told = calloc(BENCH_MAX, sizeof(*b->told));
	b->counted = calloc(BENCH_MAX, sizeof(*b->counted));
	b->relied = calloc(BENCH_MAX, sizeof(*b->relied));
	b->named = calloc(BENCH_MAX, sizeof(*b->named));
	ck_assert(b->state && b->said && b->told && b->counted && b->relied &&
		  b->named);
}

void bench_again(struct bench *b)
{
	if (b->check->release)
		b->check->release(b->state);
	memset(b->state, 0, b->check->state_size);
	b->nsaid = b->ntold = b->ncounted = b->nrelied = b->nnamed = 0;
}

void bench_close(struct bench *b)
{
	bench_again(b);
	free(b->state);
	free(b->said);
	free(b->told);
	free(b->counted);
	free(b->relied);
	free(b->named);
	policy_free(b->policy);
}

const char *bench_mistake(const char *check, const char *options,
			  const char *rest)
{
	static struct err e;
	struct policy *p = NULL;

	ck_assert_int_eq(load(&p, check, options, rest, &e), ERR_CONFIG);
	policy_free(p);
	return e.msg;
}

/* ---- commits and paths ---- */

static void examine(struct bench *b, struct commit_facts *f,
		    struct trailers *trailers, struct trailers *divided,
		    struct agents_facts *agents)
{
	struct span message = f->commit->message;
	struct err e;
	size_t i;

	trailers_init(trailers);
	trailers_init(divided);
	ck_assert_int_eq(trailers_parse(trailers, message, TRAILERS_NO_DIVIDER,
					10000, &e),
			 0);
	ck_assert_int_eq(
		trailers_parse(divided, message, TRAILERS_DIVIDER, 10000, &e),
		0);
	f->trailers = trailers;
	if (memmem(message.p, message.n, "\n---", 4))
		f->divided = divided;
	agents_examine(b->policy->agents, f->commit, trailers, agents);
	f->agents = agents;
	f->shows_ai = agents->nseen || agents->too_many;
	for (i = 0; i < agents->ndeclared; i++)
		f->shows_ai |= !agents->declared[i].none &&
			       !agents->declared[i].person;
	f->ai_assisted = f->shows_ai;
}

void bench_commit_as(struct bench *b, const char *message,
		     const struct made *made)
{
	const char *author =
		made->author ? made->author : "A U Thor <author@example.com>";
	struct buf raw = BUF_INIT(4 << 20);
	struct commit_facts f = {.merge = made->merge,
				 .signature = made->signature,
				 .memory = made->memory};
	struct trailers trailers, divided;
	struct agents_facts agents;
	struct object_fault fault;
	struct commit commit;
	struct err e;
	size_t i;

	buf_addf(&raw,
		 "tree " TREE "\nparent " PARENT "\n"
		 "author %s 1700000000 +0000\n"
		 "committer %s 1700000000 +0000\n\n",
		 author,
		 made->committer ? made->committer
				 : "A U Thor <author@example.com>");
	buf_adds(&raw, message);
	if (!commit_parse(span_of(raw.data, raw.len), OID_SHA1, NULL, &commit,
			  &fault))
		ck_abort_msg("%s", fault.text);
	f.id.algo = OID_SHA1;
	f.id.id[0] = ++b->serial;
	f.commit = &commit;
	f.changes_nothing = made->changes_nothing;
	f.exact_revert = made->exact_revert;
	examine(b, &f, &trailers, &divided, &agents);
	for (i = 0; made->memory && i < made->memory->n; i++)
		f.ai_assisted |= !made->memory->v[i].none;
	if (b->check->commit(&b->ctx, b->state, &f, !made->unmatched, &e))
		ck_abort_msg("%s", e.msg);
	trailers_release(&trailers);
	trailers_release(&divided);
	buf_release(&raw);
}

void bench_commit(struct bench *b, const char *message)
{
	const struct made plain = {0};

	bench_commit_as(b, message, &plain);
}

void bench_path(struct bench *b, char status, const char *path)
{
	struct path_change change = {.status = status,
				     .new_mode = MODE_BLOB,
				     .path = span_str(path)};
	struct err e;

	ck_assert_int_eq(b->check->path(&b->ctx, b->state, &change, &e), 0);
}

/* ---- a tree ---- */

static const char *file_at(void *engine, struct span path)
{
	const char *const *f;

	for (f = engine; *f; f += 2)
		if (span_is(path, f[0]))
			return f[1];
	return NULL;
}

static int tree_has(void *engine, struct span path, unsigned *mode,
		    uint64_t *size, struct err *e)
{
	const char *bytes = file_at(engine, path);
	const char *const *f;

	*size = bytes ? strlen(bytes) : 0;
	*mode = MODE_BLOB;
	if (bytes)
		return 0;
	*mode = MODE_TREE;
	for (f = engine; *f; f += 2)
		if (strlen(f[0]) > path.n && f[0][path.n] == '/' &&
		    !memcmp(f[0], path.p, path.n))
			return 0;
	return err_set(e, ERR_NOT_FOUND, "no such path");
}

static int tree_read(void *engine, struct span path, size_t max,
		     struct buf *out, struct err *e)
{
	const char *bytes = file_at(engine, path);

	if (!bytes || strlen(bytes) > max)
		return err_set(e, ERR_LIMIT, "unreadable");
	return buf_adds(out, bytes) ? err_nomem(e) : 0;
}

static int tree_entries(void *engine, struct span dir, tree_list_fn *fn,
			void *ctx, struct err *e)
{
	const char *const *f;
	bool any = !dir.n;
	int rc = 0;

	for (f = engine; *f && !rc; f += 2) {
		size_t skip = dir.n ? dir.n + 1 : 0;
		struct tree_entry entry = {.mode = MODE_BLOB};

		if (strlen(f[0]) < skip || memcmp(f[0], dir.p, dir.n) ||
		    (dir.n && f[0][dir.n] != '/'))
			continue;
		any = true;
		entry.name = span_str(f[0] + skip);
		if (!memchr(entry.name.p, '/', entry.name.n))
			rc = fn(ctx, &entry);
	}
	return any ? rc : err_set(e, ERR_NOT_FOUND, "no such folder");
}

void bench_finish(struct bench *b, const struct range_facts *range,
		  const char *const *files)
{
	static const char *const none[] = {NULL};
	const char *const *at = files ? files : none;
	struct check_tree tree = {
		.engine = (void *)(uintptr_t)at,
		.lookup = tree_has,
		.blob = tree_read,
		.list = tree_entries,
	};
	struct range_facts facts = *range;
	struct err e = {0};

	facts.tree = &tree;
	if (b->check->finish(&b->ctx, b->state, &facts, &e))
		ck_abort_msg("%s", e.msg);
}

/* ---- what was said ---- */

const struct said *said_some(const struct bench *b, const char *code,
			     const char *words)
{
	size_t i;

	for (i = 0; i < b->nsaid; i++)
		if (!strcmp(b->said[i].code, code) &&
		    strstr(b->said[i].text, words))
			return &b->said[i];
	ck_abort_msg("no %s with \"%s\" among %zu; the first is %s: %s", code,
		     words, b->nsaid, b->nsaid ? b->said[0].code : "-",
		     b->nsaid ? b->said[0].text : "-");
	return NULL;
}

const struct said *said_once(const struct bench *b, const char *code,
			     const char *words)
{
	const struct said *s = said_some(b, code, words);

	if (b->nsaid != 1)
		ck_abort_msg("also %s: %s", b->said[b->nsaid - 1].code,
			     b->said[b->nsaid - 1].text);
	return s;
}

void said_nothing(const struct bench *b)
{
	if (b->nsaid)
		ck_abort_msg("%s: %s", b->said[0].code, b->said[0].text);
}
