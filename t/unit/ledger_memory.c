/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/wait.h>

#include "ledger/memory.h"

#include "base/encode.h"
#include "ledger/landings.h"
#include "ledger/memory_fill.h"
#include "ledger/statements.h"
#include "ledger_help.h"

#define PAYLOAD                                                                \
	"abababababababababababababababababababababababababababababababab"
#define TIP "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
#define RECORD "01934f00-0000-7000-8000-000000000000"

static void digest_of(const char *text, unsigned char out[SHA256_SIZE])
{
	sha256_of(text, strlen(text), out);
}

/* Who brought it, in a buffer that the next call overwrites. */
static const char *brought_by(struct place *p, const char *repository,
			      const char *change)
{
	static char out[256];
	struct buf login = BUF_INIT(255);
	unsigned char digest[SHA256_SIZE];

	digest_of(change, digest);
	ck_assert_int_eq(
		memory_brought_by(p->dir, repository, digest, &login, &p->e),
		0);
	snprintf(out, sizeof(out), "%s", login.data);
	buf_release(&login);
	return out;
}

static void put_brought(struct place *p, struct ledger *l,
			const char *repository, const char *change,
			const char *login)
{
	unsigned char digest[SHA256_SIZE];

	digest_of(change, digest);
	ck_assert_msg(!memory_put_brought(l, repository, digest, login, &p->e),
		      "%s", p->e.msg);
}

START_TEST(the_first_who_brought_a_change_stays_the_first)
{
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_str_eq(brought_by(&p, "r", "one"), "");
	put_brought(&p, l, "r", "one", "");
	ck_assert_str_eq(brought_by(&p, "r", "one"), "");
	put_brought(&p, l, "r", "one", "alice a");
	put_brought(&p, l, "r", "one", "bob");
	ck_assert_str_eq(brought_by(&p, "r", "one"), "alice a");
	ck_assert_str_eq(brought_by(&p, "r", "two"), "");
	ck_assert_str_eq(brought_by(&p, "s", "one"), "");
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_torn_line_spoils_no_other)
{
	struct place p;
	struct ledger *l;
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE], repository[SHA256_HEX_SIZE], name[512];
	int fd;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	put_brought(&p, l, "r", "one", "alice");
	digest_of("one", digest);
	hex_encode(digest, 1, hex);
	sha256_hex("r", 1, repository);
	snprintf(name, sizeof(name), "index/brought/%.16s/%s", repository, hex);
	fd = open_file(&p, name);
	hex_encode(digest, SHA256_SIZE, hex);
	ck_assert_int_eq(ftruncate(fd, 30), 0);
	close(fd);
	ck_assert_str_eq(brought_by(&p, "r", "one"), "");
	put_brought(&p, l, "r", "one", "carol");
	ck_assert_str_eq(brought_by(&p, "r", "one"), "carol");
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(uses_of_an_approval_come_back_each_once)
{
	struct place p;
	struct ledger *l;
	char ref[] = "refs/heads/main", tip[] = TIP, record[] = RECORD;
	char other[] = "refs/heads/other";
	struct memory_use use = {ref, tip, record}, *uses;
	size_t n;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(memory_uses(p.dir, "r", PAYLOAD, &uses, &n, &p.e), 0);
	ck_assert_uint_eq(n, 0);
	memory_uses_free(uses, n);
	ck_assert_int_eq(memory_put_use(l, "r", PAYLOAD, &use, &p.e), 0);
	ck_assert_int_eq(memory_put_use(l, "r", PAYLOAD, &use, &p.e), 0);
	use.ref = other;
	ck_assert_int_eq(memory_put_use(l, "r", PAYLOAD, &use, &p.e), 0);
	ck_assert_int_eq(memory_uses(p.dir, "r", PAYLOAD, &uses, &n, &p.e), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(uses[0].ref, ref);
	ck_assert_str_eq(uses[0].new_hex, TIP);
	ck_assert_str_eq(uses[0].record, RECORD);
	ck_assert_str_eq(uses[1].ref, other);
	memory_uses_free(uses, n);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(keys_that_are_no_ids_are_refused)
{
	struct place p;
	struct ledger *l;
	char ref[] = "refs/heads/a\nb", tip[] = TIP, record[] = RECORD;
	struct memory_use use = {ref, tip, record}, *uses;
	size_t n;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_int_eq(memory_uses(p.dir, "r", "../../x", &uses, &n, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "approval"));
	ck_assert_int_eq(memory_put_use(l, "r", PAYLOAD, &use, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "single lines"));
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* ---- what was said, and where it landed ---- */

struct heard {
	char text[4096];
	size_t n;
};

static bool hear(void *ctx, const struct memory_statement *s)
{
	struct heard *h = ctx;
	size_t at = strlen(h->text);

	h->n++;
	snprintf(h->text + at, sizeof(h->text) - at, "%s|%s|%s|%s|%d|%d\n",
		 s->agent ? s->agent : "", s->model ? s->model : "",
		 s->session ? s->session : "", s->trailer ? s->trailer : "",
		 s->declared, s->none);
	return false;
}

static bool hear_landing(void *ctx, const struct memory_landing *a)
{
	struct heard *h = ctx;
	size_t at = strlen(h->text);

	h->n++;
	snprintf(h->text + at, sizeof(h->text) - at, "%s %s %s%s%s\n", a->ref,
		 a->commit ? a->commit : "none", a->old ? a->old : "none",
		 a->back ? " back" : "", a->whole ? " whole" : "");
	return false;
}

static bool hear_counted(void *ctx, const struct memory_counted *a)
{
	struct heard *h = ctx;

	h->n++;
	snprintf(h->text, sizeof(h->text), "%s|%s|%s|%d|%d%d|%s", a->principal,
		 a->ref, a->key ? a->key : "none", (int)a->made, a->presence,
		 a->verification, a->tip);
	return false;
}

static const struct heard *said_of(struct place *p, const char *repository,
				   const char *change)
{
	static struct heard h;
	unsigned char digest[SHA256_SIZE];

	h = (struct heard){0};
	digest_of(change, digest);
	ck_assert_msg(
		!memory_statements(p->dir, repository, digest, hear, &h, &p->e),
		"%s", p->e.msg);
	return &h;
}

static const struct heard *landings_of(struct place *p, const char *change)
{
	static struct heard h;
	unsigned char digest[SHA256_SIZE];

	h = (struct heard){0};
	digest_of(change, digest);
	ck_assert_msg(
		!memory_landings(p->dir, "r", digest, hear_landing, &h, &p->e),
		"%s", p->e.msg);
	return &h;
}

static void put_said(struct place *p, struct ledger *l, const char *change,
		     const struct memory_statement *s)
{
	char hex[SHA256_HEX_SIZE];

	sha256_hex(change, strlen(change), hex);
	ck_assert_msg(!memory_put_statement(l, "r", hex, s, &p->e), "%s",
		      p->e.msg);
}

START_TEST(what_was_said_comes_back_in_order_and_each_once)
{
	const struct memory_statement claude = {.record = RECORD,
						.agent = "claude-code",
						.model = "opus \"4\"\n",
						.session = "https://s/1",
						.trailer = "Assisted-by: C",
						.declared = true};
	struct memory_statement seen = claude,
				none = {.record = RECORD, .none = true};
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert(!memory_has_statements(p.dir, "r"));
	put_said(&p, l, "one", &none);
	put_said(&p, l, "one", &claude);
	put_said(&p, l, "one", &claude);
	seen.declared = false;
	seen.trailer = NULL;
	put_said(&p, l, "one", &seen);
	ck_assert(memory_has_statements(p.dir, "r"));
	ck_assert(!memory_has_statements(p.dir, "s"));
	ck_assert_str_eq(
		said_of(&p, "r", "one")->text,
		"||||0|1\n"
		"claude-code|opus \"4\"\n|https://s/1|Assisted-by: C|1|0\n"
		"claude-code|opus \"4\"\n|https://s/1||0|0\n");
	ck_assert_uint_eq(said_of(&p, "r", "two")->n, 0);
	ck_assert_uint_eq(said_of(&p, "s", "one")->n, 0);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(of_one_change_so_much_is_kept)
{
	struct memory_statement s = {.record = RECORD, .declared = true};
	struct place p;
	struct ledger *l;
	char agent[16];
	size_t i;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	s.agent = agent;
	for (i = 0; i < 2 * MEMORY_MAX_STATEMENTS; i++) {
		snprintf(agent, sizeof(agent), "agent-%zu", i);
		put_said(&p, l, "one", &s);
	}
	ck_assert_uint_eq(said_of(&p, "r", "one")->n, MEMORY_MAX_STATEMENTS);
	ck_assert_int_eq(memory_put_statement(l, "r", "../x", &s, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "digest"));
	s.record = "../x";
	ck_assert_int_eq(memory_put_statement(l, "r", PAYLOAD, &s, &p.e),
			 ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "is off"));
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* A decision of which the lists are given. */
static void append_lists(struct place *p, struct ledger *l, const char *verdict,
			 const char *lists)
{
	static const char person[] = "{\"login\":\"bob\"}";
	char id[UUID_TEXT_SIZE], digest[SHA256_HEX_SIZE];
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct ledger_entry entry = {.persons =
					     span_str("[{\"login\":\"bob\"}]")};
	uint64_t index;

	ck_assert_int_eq(uuid7_make(time_now_ms(), id, &p->e), 0);
	sha256_hex(person, strlen(person), digest);
	buf_addf(&json,
		 "{\"id\":\"%s\",\"kind\":\"decision\",\"repository\":\"r\","
		 "\"verdict\":\"%s\",\"persons\":[\"sha256:%s\"],"
		 "\"pusher\":{\"person\":0},%s}",
		 id, verdict, digest, lists);
	entry.json = span_of(json.data, json.len);
	ck_assert_msg(!ledger_append(l, &entry, &index, &p->e), "%s", p->e.msg);
	buf_release(&json);
}

START_TEST(what_was_said_is_rebuilt_from_the_records)
{
	static const char form[] =
		"\"provenance\":[{\"commit\":\"" TIP "\",\"agent\":\"%s\","
		"\"model\":\"m\",\"declared\":%s,\"trailer\":\"K: v\",%s"
		"\"digest\":\"sha256:%s\"}],\"statements\":[{\"commits\":3,"
		"\"digest\":\"sha256:%s\",\"none\":true}],\"changes\":["
		"{\"digest\":\"sha256:%s\",\"ref\":\"refs/heads/main\","
		"\"known\":true}]";
	char one[SHA256_HEX_SIZE], two[SHA256_HEX_SIZE], lists[1024];
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	sha256_hex("one", 3, one);
	sha256_hex("two", 3, two);
	snprintf(lists, sizeof(lists), form, "refused", "true", "", one, two,
		 one);
	append_lists(&p, l, "reject", lists);
	snprintf(lists, sizeof(lists), form, "first", "true", "", one, two,
		 one);
	append_lists(&p, l, "pass", lists);
	snprintf(lists, sizeof(lists), form, "gone", "false",
		 "\"inherited\":\"" RECORD "\",", one, two, one);
	append_lists(&p, l, "warn", lists);
	ck_assert_msg(!memory_rebuild(l, &p.e), "%s", p.e.msg);
	ck_assert_str_eq(said_of(&p, "r", "one")->text,
			 "first|m||K: v|1|0\ngone|m||K: v|1|0\n");
	ck_assert_str_eq(said_of(&p, "r", "two")->text, "||||0|1\n");
	ck_assert_str_eq(landings_of(&p, "one")->text,
			 "refs/heads/main none none\n"
			 "refs/heads/main none none\n");
	/* it was there before: bob has not brought it */
	ck_assert_str_eq(brought_by(&p, "r", "one"), "");
	ck_assert_msg(!memory_rebuild(l, &p.e), "%s", p.e.msg);
	ck_assert_uint_eq(said_of(&p, "r", "one")->n, 2);
	ck_assert_uint_eq(landings_of(&p, "one")->n, 2);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

enum { PUTS = 500 };

static void digest_of_number(int i, unsigned char out[SHA256_SIZE])
{
	memset(out, 0, SHA256_SIZE);
	snprintf((char *)out, SHA256_SIZE, "%c%d", i % 7, i);
}

/* Puts what no record tells of yet; reads each at once, and all at the end. */
static int put_many(const char *dir)
{
	struct buf login = BUF_INIT(64);
	unsigned char digest[SHA256_SIZE];
	struct ledger *l;
	struct err e;
	int i, lost = 0;

	if (ledger_open(&l, dir, LEDGER_APPEND, &e))
		return 100;
	for (i = 0; i < 2 * PUTS; i++) {
		digest_of_number(i % PUTS, digest);
		if (i < PUTS && memory_put_brought(l, "r", digest, "alice", &e))
			return 101;
		if (memory_brought_by(dir, "r", digest, &login, &e) ||
		    strcmp(login.data, "alice") != 0)
			lost++;
	}
	buf_release(&login);
	ledger_close(l);
	return lost > 99 ? 99 : lost;
}

START_TEST(nothing_is_lost_while_the_index_is_rebuilt)
{
	struct place p;
	struct ledger *l;
	int status = -1, rebuilt = 0;
	pid_t pid;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	pid = fork();
	if (pid == 0)
		_exit(put_many(p.dir));
	while (waitpid(pid, &status, WNOHANG) == 0) {
		ck_assert_msg(!memory_rebuild(l, &p.e), "%s", p.e.msg);
		rebuilt++;
	}
	ck_assert_int_gt(rebuilt, 3);
	ck_assert_int_eq(status, 0);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(what_was_said_outlives_its_record)
{
	static const char form[] =
		"\"provenance\":[{\"agent\":\"claude-code\",\"declared\":true,"
		"\"trailer\":\"K: v\",\"digest\":\"sha256:%s\"}],"
		"\"changes\":[{\"digest\":\"sha256:%s\",\"ref\":"
		"\"refs/heads/main\"}]";
	struct buf lines = BUF_INIT(1 << 16);
	char one[SHA256_HEX_SIZE], lists[1024];
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	sha256_hex("one", 3, one);
	snprintf(lists, sizeof(lists), form, one, one);
	append_lists(&p, l, "pass", lists);
	ck_assert_msg(!memory_extract(l, 0, 1, &lines, &p.e), "%s", p.e.msg);
	/* nothing of it went into the index, where it comes from again */
	ck_assert_uint_eq(said_of(&p, "r", "one")->n, 0);
	ck_assert_msg(!memory_restore(l, INDEX_LIVE,
				      span_of(lines.data, lines.len), &p.e),
		      "%s", p.e.msg);
	ck_assert_str_eq(said_of(&p, "r", "one")->text,
			 "claude-code|||K: v|1|0\n");
	ck_assert_str_eq(landings_of(&p, "one")->text,
			 "refs/heads/main none none\n");
	ck_assert_str_eq(brought_by(&p, "r", "one"), MEMORY_ERASED);
	buf_release(&lines);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(where_a_change_landed_comes_back)
{
	struct memory_landing a = {.record = RECORD,
				   .ref = "refs/heads/main",
				   .commit = "abc"};
	const struct memory_counted c = {.record = RECORD,
					 .ref = "refs/heads/main",
					 .principal = "Bob of Security",
					 .payload = "aa",
					 .tag = "bb",
					 .tip = "cc",
					 .made = 7,
					 .verification = true};
	unsigned char digest[SHA256_SIZE];
	struct heard h = {0};
	struct place p;
	struct ledger *l;
	char hex[SHA256_HEX_SIZE];

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	sha256_hex("one", 3, hex);
	ck_assert_int_eq(memory_put_landing(l, "r", hex, &a, &p.e), 0);
	ck_assert_int_eq(memory_put_landing(l, "r", hex, &a, &p.e), 0);
	a.ref = "refs/heads/release/1";
	a.old = "def";
	a.back = a.whole = true;
	ck_assert_int_eq(memory_put_landing(l, "r", hex, &a, &p.e), 0);
	ck_assert_str_eq(landings_of(&p, "one")->text,
			 "refs/heads/main abc none\n"
			 "refs/heads/release/1 abc def back whole\n");
	ck_assert_int_eq(memory_put_counted(l, "r", hex, &c, &p.e), 0);
	digest_of("one", digest);
	ck_assert_int_eq(
		memory_counted(p.dir, "r", digest, hear_counted, &h, &p.e), 0);
	ck_assert_uint_eq(h.n, 1);
	ck_assert_str_eq(h.text,
			 "Bob of Security|refs/heads/main|none|7|01|cc");
	ck_assert_int_eq(memory_put_landing(l, "r", "zz", &a, &p.e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(p.e.msg, "landed"));
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* A decision in which `login` brought the change "<change>" and PAYLOAD
 * counted; persons stand in `line`. */
static void append_decision(struct place *p, struct ledger *l,
			    const char *verdict, const char *change,
			    const char *line)
{
	char id[UUID_TEXT_SIZE], digest[SHA256_HEX_SIZE];
	struct buf json = BUF_INIT(LEDGER_MAX_RECORD);
	struct ledger_entry entry = {.persons = span_str(line)};
	uint64_t index;
	bool erased = strcmp(line, "[null]") == 0;

	ck_assert_int_eq(uuid7_make(time_now_ms(), id, &p->e), 0);
	sha256_hex(line + 1, strlen(line) - 2, digest);
	buf_addf(&json,
		 "{\"id\":\"%s\",\"kind\":\"decision\",\"repository\":\"r\","
		 "\"verdict\":\"%s\",\"persons\":[\"sha256:%s\"],"
		 "\"pusher\":{\"person\":0},",
		 id, verdict, erased ? "00" : digest);
	sha256_hex(change, strlen(change), digest);
	buf_addf(&json,
		 "\"changes\":[{\"commit\":\"" TIP "\",\"digest\":"
		 "\"sha256:%s\"}],"
		 "\"refs\":[{\"name\":\"refs/heads/m\",\"real\":"
		 "\"refs/heads/main\",\"new\":\"" TIP "\"}],"
		 "\"approvals\":[{\"payload\":\"sha256:" PAYLOAD "\",\"ref\":"
		 "\"refs/heads/main\",\"counted\":true}]}",
		 digest);
	entry.json = span_of(json.data, json.len);
	ck_assert_msg(!ledger_append(l, &entry, &index, &p->e), "%s", p->e.msg);
	buf_release(&json);
}

static size_t count_uses(struct place *p)
{
	struct memory_use *uses;
	size_t n;

	ck_assert_int_eq(memory_uses(p->dir, "r", PAYLOAD, &uses, &n, &p->e),
			 0);
	if (n) {
		ck_assert_str_eq(uses[0].ref, "refs/heads/main");
		ck_assert_str_eq(uses[0].new_hex, TIP);
	}
	memory_uses_free(uses, n);
	return n;
}

START_TEST(the_index_is_rebuilt_from_the_records)
{
	struct place p;
	struct ledger *l;
	char path[512];

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_decision(&p, l, "reject", "one", "[{\"login\":\"alice\"}]");
	append_decision(&p, l, "pass", "one", "[{\"login\":\"bob\"}]");
	append_decision(&p, l, "pass", "two", "[null]");
	put_brought(&p, l, "r", "in flight", "carol");
	put_brought(&p, l, "r", "two", "dave");
	ck_assert_msg(!memory_rebuild(l, &p.e), "%s", p.e.msg);
	/* alice's was refused, so it never came to the server */
	ck_assert_str_eq(brought_by(&p, "r", "one"), "bob");
	ck_assert_str_eq(brought_by(&p, "r", "two"), MEMORY_ERASED);
	ck_assert_str_eq(brought_by(&p, "r", "in flight"), "carol");
	ck_assert_uint_eq(count_uses(&p), 2);
	snprintf(path, sizeof(path), "%s/index.old", p.dir);
	ck_assert(!file_exists(path));
	snprintf(path, sizeof(path), "%s/index.new", p.dir);
	ck_assert(!file_exists(path));
	ck_assert_msg(!memory_rebuild(l, &p.e), "%s", p.e.msg);
	ck_assert_str_eq(brought_by(&p, "r", "one"), "bob");
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(long_lists_are_read_from_evidence)
{
	struct place p;
	struct ledger *l;
	char id[UUID_TEXT_SIZE], hex[SHA256_HEX_SIZE], one[SHA256_HEX_SIZE];
	struct buf lines = BUF_INIT(1 << 16), json = BUF_INIT(1 << 16);
	struct ledger_entry entry = {.persons =
					     span_str("[{\"login\":\"eve\"}]")};
	uint64_t index;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	sha256_hex("c1", 2, one);
	buf_addf(&lines, "{\"digest\":\"sha256:%s\"}\n", one);
	sha256_hex("c2", 2, one);
	buf_addf(&lines, "{\"digest\":\"sha256:%s\"}\n", one);
	ck_assert_int_eq(ledger_evidence_put(l, span_of(lines.data, lines.len),
					     hex, &p.e),
			 0);
	ck_assert_int_eq(uuid7_make(time_now_ms(), id, &p.e), 0);
	sha256_hex("{\"login\":\"eve\"}", 15, one);
	buf_addf(&json,
		 "{\"id\":\"%s\",\"kind\":\"decision\",\"repository\":\"r\","
		 "\"verdict\":\"pass\",\"persons\":[\"sha256:%s\"],"
		 "\"pusher\":{\"person\":0},"
		 "\"changes_evidence\":{\"sha256\":\"%s\",\"count\":2}}",
		 id, one, hex);
	entry.json = span_of(json.data, json.len);
	ck_assert_msg(!ledger_append(l, &entry, &index, &p.e), "%s", p.e.msg);
	ck_assert_msg(!memory_rebuild(l, &p.e), "%s", p.e.msg);
	ck_assert_str_eq(brought_by(&p, "r", "c1"), "eve");
	ck_assert_str_eq(brought_by(&p, "r", "c2"), "eve");
	buf_release(&lines);
	buf_release(&json);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(the_first_open_after_a_restart_indexes_what_was_lost)
{
	struct place p;
	struct ledger *l;
	char path[512];

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	append_decision(&p, l, "pass", "one", "[{\"login\":\"alice\"}]");
	ledger_close(l);
	forget_state(&p);
	snprintf(path, sizeof(path), "%s/index", p.dir);
	remove_tree(AT_FDCWD, path);
	l = place_open(&p, LEDGER_APPEND);
	ck_assert_str_eq(brought_by(&p, "r", "one"), "alice");
	ck_assert_uint_eq(count_uses(&p), 1);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

/* ---- long files ---- */

enum { MANY = 3000 };

/* Digests that fall into one file. */
static void crowd_digest(unsigned n, unsigned char out[SHA256_SIZE])
{
	sha256_of(&n, sizeof(n), out);
	out[0] = 0x7f;
}

static const char *crowd_login(struct place *p, unsigned n)
{
	static char out[256];
	struct buf login = BUF_INIT(255);
	unsigned char digest[SHA256_SIZE];

	crowd_digest(n, digest);
	ck_assert_msg(!memory_brought_by(p->dir, "r", digest, &login, &p->e),
		      "%s", p->e.msg);
	snprintf(out, sizeof(out), "%s", login.data);
	buf_release(&login);
	return out;
}

static void put_crowd(struct place *p, struct ledger *l, unsigned from,
		      unsigned to, const char *login)
{
	unsigned char digest[SHA256_SIZE];
	unsigned n;

	for (n = from; n < to; n++) {
		crowd_digest(n, digest);
		ck_assert_msg(!memory_put_brought(l, "r", digest, login, &p->e),
			      "%s", p->e.msg);
	}
}

static void crowd_name(const char *suffix, char out[512])
{
	char repository[SHA256_HEX_SIZE];

	sha256_hex("r", 1, repository);
	snprintf(out, 512, "index/brought/%.16s/7f%s", repository, suffix);
}

static void ask_crowd(struct place *p, unsigned step, const char *login)
{
	unsigned n;

	for (n = 0; n < MANY; n += step)
		ck_assert_str_eq(crowd_login(p, n), login);
	ck_assert_str_eq(crowd_login(p, MANY + 7), "");
}

START_TEST(many_changes_in_one_file_are_all_found)
{
	char name[512];
	struct place p;
	struct ledger *l;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	put_crowd(&p, l, 0, MANY, "alice");
	crowd_name(".sorted", name);
	close(open_file(&p, name));
	ask_crowd(&p, 1, "alice");
	put_crowd(&p, l, 0, 50, "bob");
	ask_crowd(&p, 59, "alice");
	ck_assert_int_eq(memory_rebuild(l, &p.e), 0);
	ask_crowd(&p, 59, "alice");
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(a_damaged_order_of_a_long_file_is_not_believed)
{
	char name[512];
	struct place p;
	struct ledger *l;
	unsigned char was, other;
	off_t at, size;
	int fd;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	put_crowd(&p, l, 0, MANY, "alice");
	crowd_name(".sorted", name);
	fd = open_file(&p, name);
	size = lseek(fd, 0, SEEK_END);
	for (at = 0; at < size; at += at < 40 ? 1 : 977) {
		ck_assert_int_eq(pread(fd, &was, 1, at), 1);
		other = was ^ 0x11;
		ck_assert_int_eq(pwrite(fd, &other, 1, at), 1);
		ask_crowd(&p, 211, "alice");
		ck_assert_int_eq(pwrite(fd, &was, 1, at), 1);
	}
	ck_assert_int_eq(ftruncate(fd, size / 2), 0);
	ask_crowd(&p, 59, "alice");
	close(fd);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

START_TEST(the_order_of_a_file_that_was_lost_is_not_that_of_the_next)
{
	char name[512];
	struct place p;
	struct ledger *l;
	int fd;

	place_make(&p);
	l = place_open(&p, LEDGER_APPEND);
	put_crowd(&p, l, 0, MANY, "alice");
	crowd_name("", name);
	fd = open_file(&p, name);
	ck_assert_int_eq(ftruncate(fd, 80), 0);
	ck_assert_str_eq(crowd_login(&p, MANY / 2), "");
	/* as long as it was, of other lines */
	put_crowd(&p, l, 2 * MANY, 3 * MANY, "carol");
	ck_assert_str_eq(crowd_login(&p, 2 * MANY), "carol");
	ck_assert_str_eq(crowd_login(&p, 3 * MANY - 1), "carol");
	ck_assert_str_eq(crowd_login(&p, MANY / 2), "");
	close(fd);
	ledger_close(l);
	place_remove(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger_memory");
	TCase *t = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_first_who_brought_a_change_stays_the_first);
	tcase_add_test(t, a_torn_line_spoils_no_other);
	tcase_add_test(t, uses_of_an_approval_come_back_each_once);
	tcase_add_test(t, keys_that_are_no_ids_are_refused);
	tcase_add_test(t, the_index_is_rebuilt_from_the_records);
	tcase_add_test(t, long_lists_are_read_from_evidence);
	tcase_add_test(t, the_first_open_after_a_restart_indexes_what_was_lost);
	tcase_add_test(t, what_was_said_comes_back_in_order_and_each_once);
	tcase_add_test(t, of_one_change_so_much_is_kept);
	tcase_add_test(t, what_was_said_is_rebuilt_from_the_records);
	tcase_add_test(t, nothing_is_lost_while_the_index_is_rebuilt);
	tcase_add_test(t, what_was_said_outlives_its_record);
	tcase_add_test(t, where_a_change_landed_comes_back);
	tcase_add_test(t, many_changes_in_one_file_are_all_found);
	tcase_add_test(t, a_damaged_order_of_a_long_file_is_not_believed);
	tcase_add_test(
		t, the_order_of_a_file_that_was_lost_is_not_that_of_the_next);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
