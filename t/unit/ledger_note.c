/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "ledger/checkpoint.h"
#include "ledger/note_key.h"

#define DASH "\xe2\x80\x94 "

/* ---------------------------------------------- what other programs made */

/* The example of C2SP signed-note */
static const char spec_key[] =
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char spec_note[] =
	"This is an example message.\n"
	"\n" DASH "example.com/foo "
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mF"
	"XmRKuwHjG1Yu72IneyaQM=\n";

/* The example of Go's package golang.org/x/mod/sumdb/note */
static const char go_skey[] = "PRIVATE+KEY+PeterNeumann+c74f20a3+"
			      "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char go_vkey[] =
	"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char go_text[] =
	"If you think cryptography is the answer to your problem,\n"
	"then you don't know what your problem is.\n";
static const char go_signature[] = DASH
	"PeterNeumann "
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
	"ngotpRZb6KE6RyyBwJnAM=\n";

static int check(const char *note, size_t n, const char *vkeys, struct err *e)
{
	struct note_vkeys keys = {0};
	struct note parsed;
	int rc = note_vkeys_parse(&keys, span_str(vkeys), e);

	ck_assert_msg(!rc, "%s", e->msg);
	rc = note_parse(&parsed, span_of(note, n), e);
	if (!rc)
		rc = note_verify(&parsed, &keys, NULL, e);
	note_release(&parsed);
	note_vkeys_release(&keys);
	return rc;
}

START_TEST(the_specifications_note_verifies)
{
	struct err e = {0};

	ck_assert_msg(!check(spec_note, strlen(spec_note), spec_key, &e), "%s",
		      e.msg);
}
END_TEST

START_TEST(a_note_signed_here_is_the_one_that_go_signs)
{
	struct buf line = BUF_INIT(NOTE_MAX), text = BUF_INIT(NOTE_MAX);
	struct note_skey k;
	struct err e = {0};

	ck_assert_int_eq(note_skey_parse(&k, span_str(go_skey), &e), 0);
	note_vkey_write(&k.public, &text);
	ck_assert_str_eq(text.data, go_vkey);
	ck_assert_int_eq(note_sign(&k, span_str(go_text), 7, &line, &e), 0);
	ck_assert_str_eq(line.data, go_signature);
	buf_clear(&text);
	note_skey_write(&k, &text);
	ck_assert_str_eq(text.data, go_skey);
	buf_release(&line);
	buf_release(&text);
}
END_TEST

/* ------------------------------------------------------------- tampering */

START_TEST(no_bit_of_a_note_can_be_changed)
{
	size_t n = strlen(spec_note), i;
	char *copy = malloc(n + 1);
	int bit;

	for (i = 0; i < n; i++) {
		for (bit = 0; bit < 8; bit++) {
			struct err e = {0};

			memcpy(copy, spec_note, n + 1);
			copy[i] = (char)(copy[i] ^ 1 << bit);
			ck_assert_int_ne(check(copy, n, spec_key, &e), 0);
		}
	}
	for (i = 0; i < n; i++) {
		struct err e = {0};

		ck_assert_int_ne(check(spec_note, i, spec_key, &e), 0);
	}
	free(copy);
}
END_TEST

static void refused(const char *note, const char *why)
{
	struct err e = {0};

	ck_assert_int_eq(check(note, strlen(note), spec_key, &e),
			 ERR_MALFORMED);
	ck_assert_msg(strstr(e.msg, why), "%s", e.msg);
}

START_TEST(notes_are_parsed_strictly)
{
	refused("", "no signatures");
	refused("text\n", "no signatures");
	refused("text\n\n", "no signatures");
	refused("te\rxt\n\n" DASH "a AAAAAAA=\n", "plain");
	refused("te\xffxt\n\n" DASH "a AAAAAAA=\n", "plain");
	refused("text\n\n" DASH "a AAAAAAA=", "no end");
	refused("text\n\n- a AAAAAAA=\n", "malformed");
	refused("text\n\n" DASH " AAAAAAA=\n", "malformed");
	refused("text\n\n" DASH "a+b AAAAAAA=\n", "malformed");
	refused("text\n\n" DASH "aAAAAAAA=\n", "malformed");
	refused("text\n\n" DASH "a AAAAAA==\n", "base64");
	refused("text\n\n" DASH "a AAAAAAB=\n", "base64");
	refused("text\n\n" DASH "a AAAAAAA\n", "base64");
	refused("text\n\n" DASH "a AAAAAAA= \n", "base64");
}
END_TEST

START_TEST(signatures_of_others_are_passed_over_and_do_not_count)
{
	struct err e = {0};
	char note[2048];

	ck_assert_int_eq(check(spec_note, strlen(spec_note), go_vkey, &e),
			 ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "not signed"));
	snprintf(note, sizeof(note), "%s" DASH "other AAAAAAA=\n", spec_note);
	ck_assert_int_eq(check(note, strlen(note), spec_key, &e), 0);
	/* the name of a known key with another id is another key */
	snprintf(note, sizeof(note), "%s" DASH "example.com/foo AAAAAAA=\n",
		 spec_note);
	ck_assert_int_eq(check(note, strlen(note), spec_key, &e), 0);
	/* a bad signature of a known key spoils the note */
	snprintf(note, sizeof(note), "%s" DASH "example.com/foo Uw2QOkk=\n",
		 spec_note);
	ck_assert_int_eq(check(note, strlen(note), spec_key, &e),
			 ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "example.com/foo+530d903a"));
}
END_TEST

static void add_signatures(struct buf *note, int n)
{
	while (n-- > 0)
		buf_adds(note, DASH "x AAAAAAA=\n");
}

START_TEST(the_number_of_signatures_has_a_limit)
{
	struct buf note = BUF_INIT(NOTE_MAX);
	struct err e = {0};

	buf_adds(&note, spec_note);
	add_signatures(&note, NOTE_MAX_SIGNATURES - 1);
	ck_assert_int_eq(check(note.data, note.len, spec_key, &e), 0);
	add_signatures(&note, 1);
	ck_assert_int_eq(check(note.data, note.len, spec_key, &e), ERR_LIMIT);
	buf_release(&note);
}
END_TEST

static void no_vkey(const char *text, const char *why)
{
	struct note_vkey k;
	struct err e = {0};

	ck_assert_int_eq(note_vkey_parse(&k, span_str(text), &e), ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, why), "%s", e.msg);
}

START_TEST(a_key_whose_id_is_not_its_own_is_refused)
{
	no_vkey("", "NAME+");
	no_vkey("example.com/foo", "NAME+");
	no_vkey("example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrn"
		"Kv3U2k",
		"NAME+");
	no_vkey("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcr"
		"nKv3U2k",
		"NAME+");
	no_vkey("example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcr"
		"nKv3U2k",
		"its id");
	no_vkey("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcr"
		"nKv3U2k",
		"its id");
	no_vkey("example.com/foo+530d903a+CekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcr"
		"nKv3U2k",
		"type");
	no_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcr"
		"nKv3Q==",
		"length");
	no_vkey("example.com/foo+530d903a+A!", "base64");
}
END_TEST

START_TEST(a_private_key_tells_nothing_in_its_errors)
{
	char text[sizeof(go_skey)];
	struct note_skey k;
	struct err e = {0};

	memcpy(text, go_skey, sizeof(text));
	text[sizeof("PRIVATE+KEY+") - 1] = 'X';
	ck_assert_int_eq(note_skey_parse(&k, span_str(text), &e), ERR_CONFIG);
	ck_assert_ptr_null(strstr(e.msg, "AYEK"));
	ck_assert_int_eq(note_skey_parse(&k, span_str(go_vkey), &e),
			 ERR_CONFIG);
}
END_TEST

/* --------------------------------------------------------- cosignatures */

static const char checkpoint_text[] =
	"example.com/behind-the-sofa\n"
	"20852163\n"
	"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

static void sign_and_check(enum note_type type, const char *text)
{
	struct buf note = BUF_INIT(NOTE_MAX);
	struct note_vkeys keys = {0};
	struct note_skey k;
	struct note parsed;
	struct err e = {0};
	unsigned char good = 0;
	char *time_byte;

	ck_assert_msg(!note_skey_make(&k, type, "witness.example", &e), "%s",
		      e.msg);
	ck_assert_int_eq(note_vkeys_add(&keys, &k.public, &e), 0);
	buf_adds(&note, text);
	buf_addch(&note, '\n');
	ck_assert_msg(!note_sign(&k, span_str(text), 1679315147, &note, &e),
		      "%s", e.msg);
	ck_assert_int_eq(note_parse(&parsed, span_of(note.data, note.len), &e),
			 0);
	ck_assert_msg(!note_verify(&parsed, &keys, &good, &e), "%s", e.msg);
	ck_assert_uint_eq(good, 1);
	if (type != NOTE_ED25519) { /* the time is signed, too */
		time_byte = parsed.raw.data + 4 + 7;
		ck_assert_int_eq((unsigned char)*time_byte, 1679315147 & 0xff);
		*time_byte ^= 1;
		ck_assert_int_eq(note_verify(&parsed, &keys, NULL, &e),
				 ERR_MALFORMED);
	}
	note_release(&parsed);
	note_vkeys_release(&keys);
	buf_release(&note);
}

START_TEST(cosignatures_cover_their_time)
{
	sign_and_check(NOTE_ED25519, checkpoint_text);
	sign_and_check(NOTE_COSIGNATURE, checkpoint_text);
	if (note_key_supported(NOTE_ML_DSA_44))
		sign_and_check(NOTE_ML_DSA_44, checkpoint_text);
}
END_TEST

START_TEST(the_messages_are_those_of_the_specification)
{
	static const char ed25519[] =
		"cosignature/v1\n"
		"time 1679315147\n"
		"example.com/behind-the-sofa\n"
		"20852163\n"
		"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
	static const char ml_dsa_start[] =
		"subtree/v1\n\0"
		"\x02w1\0\0\0\0\x64\x18\x50\xcb"
		"\x1b"
		"example.com/behind-the-sofa"
		"\0\0\0\0\0\0\0\0\0\0\0\0\x01\x3e\x2d\xc3"
		"\x0a\xc5\x18\x6a";
	struct buf m = BUF_INIT(NOTE_MAX);
	struct err e = {0};

	ck_assert_int_eq(note_message(NOTE_COSIGNATURE, "w1", 1679315147,
				      span_str(checkpoint_text), &m, &e),
			 0);
	ck_assert_str_eq(m.data, ed25519);
	buf_clear(&m);
	ck_assert_int_eq(note_message(NOTE_ML_DSA_44, "w1", 1679315147,
				      span_str(checkpoint_text), &m, &e),
			 0);
	ck_assert_uint_eq(m.len, 12 + 3 + 8 + 28 + 8 + 8 + 32);
	ck_assert_mem_eq(m.data, ml_dsa_start, sizeof(ml_dsa_start) - 1);
	buf_clear(&m);
	ck_assert_int_eq(note_message(NOTE_ML_DSA_44, "w1", 0,
				      span_str("no checkpoint\n"), &m, &e),
			 ERR_MALFORMED);
	buf_release(&m);
}
END_TEST

/* ---------------------------------------------------------- checkpoints */

static void no_checkpoint(const char *text, const char *why)
{
	struct checkpoint c;
	struct err e = {0};

	ck_assert_int_eq(checkpoint_parse(&c, span_str(text), &e),
			 ERR_MALFORMED);
	ck_assert_msg(strstr(e.msg, why), "%s", e.msg);
}

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

START_TEST(checkpoints_are_parsed_strictly)
{
	struct buf out = BUF_INIT(NOTE_MAX);
	struct checkpoint c;
	struct err e;

	ck_assert_int_eq(checkpoint_parse(&c, span_str(checkpoint_text), &e),
			 0);
	ck_assert_uint_eq(c.size, 20852163);
	checkpoint_write(&c, &out);
	ck_assert_str_eq(out.data, checkpoint_text);
	buf_release(&out);
	ck_assert_int_eq(
		checkpoint_parse(&c, span_str("o\n0\n" ROOT "ext\n"), &e), 0);
	no_checkpoint("", "origin");
	no_checkpoint("\n1\n" ROOT, "origin");
	no_checkpoint("o\n", "size");
	no_checkpoint("o\n01\n" ROOT, "size");
	no_checkpoint("o\n-1\n" ROOT, "size");
	no_checkpoint("o\n\n" ROOT, "size");
	no_checkpoint("o\n9223372036854775808\n" ROOT, "size");
	no_checkpoint("o\n1\n", "hash");
	no_checkpoint("o\n1\nAAAA\n", "hash");
	no_checkpoint("o\n1\n" ROOT "\n", "empty");
	no_checkpoint("o\n1\n" ROOT "a", "empty");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger_note");
	TCase *t = tcase_create("note");
	SRunner *r;
	int failed;

	tcase_add_test(t, the_specifications_note_verifies);
	tcase_add_test(t, a_note_signed_here_is_the_one_that_go_signs);
	tcase_add_test(t, no_bit_of_a_note_can_be_changed);
	tcase_add_test(t, notes_are_parsed_strictly);
	tcase_add_test(t,
		       signatures_of_others_are_passed_over_and_do_not_count);
	tcase_add_test(t, the_number_of_signatures_has_a_limit);
	tcase_add_test(t, a_key_whose_id_is_not_its_own_is_refused);
	tcase_add_test(t, a_private_key_tells_nothing_in_its_errors);
	tcase_add_test(t, cosignatures_cover_their_time);
	tcase_add_test(t, the_messages_are_those_of_the_specification);
	tcase_add_test(t, checkpoints_are_parsed_strictly);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
