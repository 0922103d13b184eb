/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "courier/confine.h"
#include "courier/witness.h"
#include "ledger/cosign.h"
#include "ledger/note_key.h"
#include "policy/check_value.h"
#include "sys/landlock.h"

#define DASH "\xe2\x80\x94 "

static struct note_skey log_key, witness_key;
static struct buf note; /* a checkpoint, signed by the log */

static void make_note(void)
{
	struct checkpoint at = {span_str("log.example"), 7, {{1}}};
	struct buf text = BUF_INIT(NOTE_MAX);
	struct err e = {0};

	ck_assert(!note_skey_make(&log_key, NOTE_ED25519, "log.example", &e));
	ck_assert(!note_skey_make(&witness_key, NOTE_COSIGNATURE, "w.example",
				  &e));
	buf_init(&note, NOTE_MAX);
	checkpoint_write(&at, &text);
	buf_add(&note, text.data, text.len);
	buf_addch(&note, '\n');
	ck_assert(!note_sign(&log_key, span_of(text.data, text.len), 0, &note,
			     &e));
	buf_release(&text);
}

static void drop_note(void)
{
	buf_release(&note);
}

static struct span note_span(void)
{
	return span_of(note.data, note.len);
}

/* A line as `key` signs it under the text of the note. */
static void cosign(const struct note_skey *key, struct buf *out)
{
	const char *end = strstr(note.data, "\n\n");
	struct err e = {0};

	ck_assert(!note_sign(key,
			     span_of(note.data, (size_t)(end + 1 - note.data)),
			     1700000000, out, &e));
}

static void expect(int rc, int code, const struct err *e, const char *word)
{
	ck_assert_msg(rc == code, "%d instead of %d: %s", rc, code, e->msg);
	ck_assert_msg(strstr(e->msg, word) != NULL, "no \"%s\" in: %s", word,
		      e->msg);
}

/* ------------------------------------------------------------- requests */

START_TEST(a_request_is_old_size_proof_empty_line_note)
{
	struct buf out = BUF_INIT(COSIGN_MAX_REQUEST);
	struct merkle_proof proof = {.n = 1};
	struct err e = {0};

	ck_assert(
		!cosign_request_write(3, &proof, span_str("text\n"), &out, &e));
	ck_assert_str_eq(out.data,
			 "old 3\n"
			 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
			 "\n"
			 "text\n");
	buf_release(&out);
}
END_TEST

START_TEST(a_request_has_at_most_63_hashes)
{
	struct buf out = BUF_INIT(COSIGN_MAX_REQUEST);
	static struct merkle_proof proof;
	struct err e = {0};

	proof.n = 63;
	ck_assert(!cosign_request_write(3, &proof, span_str("x"), &out, &e));
	proof.n = 64;
	expect(cosign_request_write(3, &proof, span_str("x"), &out, &e),
	       ERR_LIMIT, &e, "64 hashes");
	buf_release(&out);
}
END_TEST

START_TEST(a_request_is_read_as_it_was_written)
{
	struct buf out = BUF_INIT(COSIGN_MAX_REQUEST);
	struct merkle_proof proof = {.n = 2};
	struct cosign_request r;
	struct err e = {0};

	proof.h[1].b[3] = 7;
	ck_assert(!cosign_request_write(5, &proof, note_span(), &out, &e));
	ck_assert_msg(!cosign_request_parse(&r, span_of(out.data, out.len), &e),
		      "%s", e.msg);
	ck_assert_uint_eq(r.old, 5);
	ck_assert_uint_eq(r.proof.n, 2);
	ck_assert_mem_eq(&r.proof.h, &proof.h, sizeof(proof.h[0]) * 2);
	ck_assert_str_eq(r.note.bytes.data, note.data);
	cosign_request_release(&r);
	buf_release(&out);
}
END_TEST

static const char *const no_requests[] = {
	"",
	"old 1\n",
	"old 01\n\n",
	"old -1\n\n",
	"old  1\n\n",
	"1\n\n",
	"old 1\nAAAA\n\n",
	"old 1\n!\n\n",
	"old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	"old 99999999999999999999\n\n",
};

START_TEST(what_is_no_request_is_refused)
{
	struct buf out = BUF_INIT(COSIGN_MAX_REQUEST);
	struct cosign_request r;
	struct err e = {0};

	buf_adds(&out, no_requests[_i]);
	buf_add(&out, note.data, note.len);
	expect(cosign_request_parse(&r, span_of(out.data, out.len), &e),
	       ERR_MALFORMED, &e, "");
	cosign_request_release(&r);
	buf_release(&out);
}
END_TEST

START_TEST(a_question_is_one_line)
{
	uint64_t old = 0;

	ck_assert(cosign_question_parse(span_str("old 12\n"), &old));
	ck_assert_uint_eq(old, 12);
	ck_assert(!cosign_question_parse(span_str("old 12"), &old));
	ck_assert(!cosign_question_parse(span_str("old 12\n\n"), &old));
	ck_assert(!cosign_question_parse(span_str("old x\n"), &old));
	ck_assert(!cosign_question_parse(span_str(""), &old));
}
END_TEST

/* -------------------------------------------------------------- answers */

START_TEST(a_cosignature_goes_under_the_note)
{
	struct buf out = BUF_INIT(NOTE_MAX), body = BUF_INIT(NOTE_MAX);
	struct buf want = BUF_INIT(NOTE_MAX);
	struct err e = {0};

	cosign(&witness_key, &body);
	buf_add(&want, note.data, note.len);
	buf_add(&want, body.data, body.len);
	ck_assert_msg(!witness_take(note_span(), span_of(body.data, body.len),
				    &witness_key.public, &out, &e),
		      "%s", e.msg);
	ck_assert_str_eq(out.data, want.data);
	buf_release(&out);
	buf_release(&body);
	buf_release(&want);
}
END_TEST

START_TEST(lines_of_others_are_left_out)
{
	struct buf out = BUF_INIT(NOTE_MAX), body = BUF_INIT(NOTE_MAX);
	struct note_skey other;
	struct err e = {0};

	ck_assert(!note_skey_make(&other, NOTE_COSIGNATURE, "x.example", &e));
	cosign(&other, &body);
	cosign(&witness_key, &body);
	ck_assert(!witness_take(note_span(), span_of(body.data, body.len),
				&witness_key.public, &out, &e));
	ck_assert_ptr_null(strstr(out.data, "x.example"));
	ck_assert_ptr_nonnull(strstr(out.data, "w.example"));
	buf_release(&out);
	buf_release(&body);
}
END_TEST

static void take(const char *body, size_t n, int code, const char *word)
{
	struct buf out = BUF_INIT(NOTE_MAX);
	struct err e = {0};

	expect(witness_take(note_span(), span_of(body, n), &witness_key.public,
			    &out, &e),
	       code, &e, word);
	ck_assert_uint_eq(out.len, 0);
	buf_release(&out);
}

START_TEST(an_answer_of_nobody_known_is_none)
{
	struct buf body = BUF_INIT(NOTE_MAX);
	struct note_skey other;
	struct err e = {0};

	ck_assert(!note_skey_make(&other, NOTE_COSIGNATURE, "w.example", &e));
	cosign(&other, &body);
	take(body.data, body.len, ERR_NOT_FOUND, "not signed by");
	take("", 0, ERR_NOT_FOUND, "not signed by");
	buf_release(&body);
}
END_TEST

START_TEST(a_cosignature_of_another_note_does_not_hold)
{
	struct buf body = BUF_INIT(NOTE_MAX);
	struct err e = {0};

	ck_assert(!note_sign(&witness_key, span_str("log.example\n8\nAA==\n"),
			     1700000000, &body, &e));
	take(body.data, body.len, ERR_MALFORMED, "does not hold");
	buf_release(&body);
}
END_TEST

/* The whole answer must be signature lines, or a text could be slipped in. */
START_TEST(an_answer_of_other_lines_is_refused)
{
	struct buf body = BUF_INIT(NOTE_MAX);

	take("x\n", 2, ERR_MALFORMED, "signature line");
	take(DASH "w.example", 13, ERR_MALFORMED, "no end");
	take(DASH "w.example !\n", 16, ERR_MALFORMED, "base64");
	buf_adds(&body, "log.example\n9\n\n");
	cosign(&witness_key, &body);
	take(body.data, body.len, ERR_MALFORMED, "");
	buf_release(&body);
}
END_TEST

static const struct {
	const char *body;
	bool good;
	uint64_t size;
} sizes[] = {
	{"0\n", true, 0},
	{"12345\n", true, 12345},
	{"", false, 0},
	{"\n", false, 0},
	{"12345", false, 0},
	{"012\n", false, 0},
	{"00\n", false, 0},
	{"-1\n", false, 0},
	{"1\n2\n", false, 0},
	{"1 \n", false, 0},
	{"9223372036854775808\n", false, 0},
	{"99999999999999999999999\n", false, 0},
};

START_TEST(a_conflict_tells_one_size)
{
	uint64_t size = 0;

	ck_assert_int_eq(witness_take_size(span_str(sizes[_i].body), &size),
			 sizes[_i].good);
	if (sizes[_i].good)
		ck_assert_uint_eq(size, sizes[_i].size);
}
END_TEST

/* ----------------------------------------------------------------- keys */

START_TEST(a_policy_takes_the_key_of_a_witness)
{
	struct buf text = BUF_INIT(NOTE_MAX_VKEY);
	struct err e = {0};

	note_vkey_write(&witness_key.public, &text);
	ck_assert_msg(!value_is_vkey(text.data, &e), "%s", e.msg);
	buf_release(&text);
}
END_TEST

START_TEST(a_policy_takes_no_other_key)
{
	struct buf text = BUF_INIT(NOTE_MAX_VKEY);
	struct err e = {0};

	note_vkey_write(&log_key.public, &text);
	expect(value_is_vkey(text.data, &e), ERR_CONFIG, &e,
	       "something else than a witness");
	buf_clear(&text);
	note_vkey_write(&witness_key.public, &text);
	text.data[0] ^= 1;
	expect(value_is_vkey(text.data, &e), ERR_CONFIG, &e,
	       "do not belong together");
	expect(value_is_vkey("w.example", &e), ERR_CONFIG, &e, "is no vkey");
	expect(value_is_vkey("w+01234567+%%", &e), ERR_CONFIG, &e,
	       "is no vkey");
	expect(value_is_vkey("+01234567+BA==", &e), ERR_CONFIG, &e,
	       "is no vkey");
	buf_release(&text);
}
END_TEST

/* ---------------------------------------------------------------- names */

START_TEST(names_of_anchors_stay_in_their_folder)
{
	ck_assert(anchor_name_is("w1"));
	ck_assert(anchor_name_is("tsa.example-1_a"));
	ck_assert(!anchor_name_is(""));
	ck_assert(!anchor_name_is(".."));
	ck_assert(!anchor_name_is("a/b"));
	ck_assert(!anchor_name_is("a b"));
	ck_assert(!anchor_name_is("a\nb"));
}
END_TEST

/* ------------------------------------------------------------- confined */

static char ledger[64];

static const char *in_ledger(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", ledger, name);
	return path;
}

static bool can(const char *name, int flags)
{
	int fd = open(in_ledger(name), flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

enum { NO_LANDLOCK = 77 };

static int try_confined(void)
{
	struct witness w = {.name = (char[]){"w"}};
	struct anchoring a = {.witness = &w, .ledger_dir = ledger};
	struct err e = {0};
	int abi;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (confine_anchoring(&a, &e))
		return 1;
	/* a second time it says whether there is any */
	if (landlock_confine_files(NULL, 0, &abi, &e) || !abi)
		return NO_LANDLOCK;
	return 0;
}

/* What it can do, a bit each; forked, as there is no way back. */
static int in_a_child(void)
{
	struct witness w = {.name = (char[]){"w"}};
	struct anchoring a = {.witness = &w, .ledger_dir = ledger};
	struct err e = {0};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (confine_anchoring(&a, &e))
		return 128;
	return can("keys/a.skey", O_RDONLY) << 0 |
	       can("sealed/checkpoint", O_WRONLY) << 1 |
	       can("sealed/new", O_WRONLY | O_CREAT) << 2 |
	       can("segments/0.log", O_WRONLY) << 3 |
	       !can("sealed/checkpoint", O_RDONLY) << 4 |
	       !can("anchors/w", O_WRONLY | O_CREAT) << 5 |
	       !can("cursors/w", O_WRONLY | O_CREAT | O_TRUNC) << 6;
}

static int status_of(int (*fn)(void))
{
	pid_t pid = fork();
	int how;

	if (!pid)
		_exit(fn());
	ck_assert_int_eq(waitpid(pid, &how, 0), pid);
	ck_assert(WIFEXITED(how));
	return WEXITSTATUS(how);
}

START_TEST(who_asks_reads_no_key_and_changes_nothing_sealed)
{
	static const char *const dirs[] = {"keys", "sealed", "segments",
					   "anchors", "cursors"};
	static const char *const files[] = {"keys/a.skey", "sealed/checkpoint",
					    "segments/0.log"};
	char command[96];
	size_t i;

	/* below none of the system's folders */
	strcpy(ledger, "/tmp/gatepost-confined-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(ledger));
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		ck_assert_int_eq(mkdir(in_ledger(dirs[i]), 0700), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		ck_assert(can(files[i], O_WRONLY | O_CREAT));
	if (status_of(try_confined) != NO_LANDLOCK)
		ck_assert_int_eq(status_of(in_a_child), 0);
	snprintf(command, sizeof(command), "rm -rf %s", ledger);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("courier_anchors");
	TCase *c = tcase_create("witness");
	int failed;
	SRunner *r;

	tcase_add_checked_fixture(c, make_note, drop_note);
	tcase_add_test(c, a_request_is_old_size_proof_empty_line_note);
	tcase_add_test(c, a_request_has_at_most_63_hashes);
	tcase_add_test(c, a_request_is_read_as_it_was_written);
	tcase_add_loop_test(c, what_is_no_request_is_refused, 0,
			    sizeof(no_requests) / sizeof(no_requests[0]));
	tcase_add_test(c, a_question_is_one_line);
	tcase_add_test(c, a_cosignature_goes_under_the_note);
	tcase_add_test(c, lines_of_others_are_left_out);
	tcase_add_test(c, an_answer_of_nobody_known_is_none);
	tcase_add_test(c, a_cosignature_of_another_note_does_not_hold);
	tcase_add_test(c, an_answer_of_other_lines_is_refused);
	tcase_add_loop_test(c, a_conflict_tells_one_size, 0,
			    sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(c, a_policy_takes_the_key_of_a_witness);
	tcase_add_test(c, a_policy_takes_no_other_key);
	tcase_add_test(c, names_of_anchors_stay_in_their_folder);
	tcase_add_test(c, who_asks_reads_no_key_and_changes_nothing_sealed);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
