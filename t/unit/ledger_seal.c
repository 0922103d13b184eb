/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"
#include "ledger/verify.h"
#include "ledger_help.h"

/** A ledger with keys, open for appending. */
struct sealed {
	struct place p;
	struct ledger *l;
	struct seal_report report;
};

static void sealed_make(struct sealed *s, long records)
{
	long i;

	place_make(&s->p);
	s->l = place_open(&s->p, LEDGER_APPEND);
	ck_assert_msg(!seal_create(s->l, &s->p.e), "%s", s->p.e.msg);
	for (i = 0; i < records; i++)
		append_one(s->l, i);
}

static void sealed_remove(struct sealed *s)
{
	ledger_close(s->l);
	place_remove(&s->p);
}

static void seal(struct sealed *s)
{
	ck_assert_msg(!seal_run(s->l, 0, &s->report, &s->p.e), "%s",
		      s->p.e.msg);
}

/** What verify told. */
struct told {
	size_t n[VERIFY_CHECKPOINT + 1];
	char last[ERR_MAX_MSG];
};

static void hear(void *arg, const struct verify_fault *f)
{
	struct told *t = arg;

	t->n[f->what]++;
	snprintf(t->last, sizeof(t->last), "%s", f->text);
}

static uint64_t verify(struct sealed *s, struct told *t,
		       struct verify_report *report)
{
	struct verify_wish wish = {.tell = hear, .arg = t};

	*t = (struct told){{0}, ""};
	ck_assert_msg(!verify_ledger(s->l, &wish, report, &s->p.e), "%s",
		      s->p.e.msg);
	return report->faults;
}

static void copy_file(const struct place *p, const char *from, const char *to)
{
	struct buf bytes = BUF_INIT(1 << 20);
	char path[1024];
	struct err e = {0};

	snprintf(path, sizeof(path), "%s/%s", p->dir, from);
	ck_assert_msg(!file_read(path, &bytes, &e), "%s", e.msg);
	snprintf(path, sizeof(path), "%s/%s", p->dir, to);
	ck_assert_msg(!file_write(path, bytes.data, bytes.len, 0600, &e), "%s",
		      e.msg);
	buf_release(&bytes);
}

/* ------------------------------------------------------------------ seal */

START_TEST(what_is_appended_between_runs_is_sealed_once)
{
	struct verify_report report;
	struct sealed s;
	struct told t;
	long n = 0, step;

	sealed_make(&s, 0);
	for (step = 1; step < 120; step += 17) {
		long i;

		for (i = 0; i < step; i++)
			append_one(s.l, n++);
		seal(&s);
		ck_assert_uint_eq(s.report.after, (uint64_t)n);
		ck_assert_uint_eq(s.report.after - s.report.before,
				  (uint64_t)step);
		ck_assert_msg(!verify(&s, &t, &report), "%s", t.last);
		ck_assert_uint_eq(report.sealed, (uint64_t)n);
		ck_assert_uint_eq(report.records, (uint64_t)n);
	}
	seal(&s);
	ck_assert(!s.report.signed_now);
	ck_assert_int_eq(seal_create(s.l, &s.p.e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(s.p.e.msg, "sealed already"));
	sealed_remove(&s);
}
END_TEST

START_TEST(an_older_checkpoint_put_back_does_not_lead_to_a_second_history)
{
	struct sealed s;

	sealed_make(&s, 3);
	seal(&s);
	copy_file(&s.p, "sealed/checkpoint", "older");
	append_one(s.l, 3);
	seal(&s);
	copy_file(&s.p, "older", "sealed/checkpoint");
	seal(&s); /* goes on from keys/last, which it publishes again */
	ck_assert_uint_eq(s.report.before, 4);
	copy_file(&s.p, "sealed/checkpoint", "published");
	copy_file(&s.p, "older", "keys/last");
	append_one(s.l, 4);
	seal(&s); /* and from what is published, if that is later */
	ck_assert_uint_eq(s.report.before, 4);
	ck_assert_uint_eq(s.report.after, 5);
	sealed_remove(&s);
}
END_TEST

static void spoil(const struct place *p, const char *name, off_t at)
{
	char byte;
	int fd = open_file(p, name);

	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

START_TEST(nothing_is_signed_over_damaged_tiles_and_they_can_be_rebuilt)
{
	struct verify_report report;
	struct sealed s;
	struct told t;

	sealed_make(&s, 300);
	seal(&s);
	append_one(s.l, 300);
	spoil(&s.p, "sealed/tile/1/000.p/1", 7);
	ck_assert_int_eq(seal_run(s.l, 0, &s.report, &s.p.e), ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(s.p.e.msg, "--rebuild"));
	ck_assert_uint_eq(s.report.after, 300);
	ck_assert_int_eq(seal_run(s.l, SEAL_REBUILD, &s.report, &s.p.e), 0);
	ck_assert_uint_eq(s.report.after, 301);
	ck_assert_msg(!verify(&s, &t, &report), "%s", t.last);
	spoil(&s.p, "sealed/tile/entries/001.p/45", 40);
	append_one(s.l, 301);
	ck_assert_int_eq(seal_run(s.l, 0, &s.report, &s.p.e), ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(s.p.e.msg, "entry 0 is not"));
	sealed_remove(&s);
}
END_TEST

START_TEST(a_key_is_retired_when_another_has_signed)
{
	struct note_vkeys keys = {0};
	struct sealed s;

	sealed_make(&s, 1);
	seal(&s);
	ck_assert_int_eq(seal_vkeys_read(s.l, &keys, &s.p.e), 0);
	ck_assert_int_eq(seal_retire(s.l, keys.v[0].id, &s.p.e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(s.p.e.msg, "no other key"));
	ck_assert_int_eq(seal_retire(s.l, keys.v[0].id ^ 1, &s.p.e),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(seal_rotate(s.l, &s.p.e), 0);
	ck_assert_int_eq(seal_retire(s.l, keys.v[0].id, &s.p.e), 0);
	append_one(s.l, 1);
	seal(&s);
	note_vkeys_release(&keys);
	sealed_remove(&s);
}
END_TEST

/* ---------------------------------------------------------------- verify */

START_TEST(verify_tells_what_is_wrong_with_tile_bundle_and_record)
{
	struct verify_report report;
	struct sealed s;
	struct told t;

	sealed_make(&s, 260);
	seal(&s);
	spoil(&s.p, "sealed/tile/0/000", 32 * 5);
	ck_assert_uint_eq(verify(&s, &t, &report), 1);
	ck_assert_uint_eq(t.n[VERIFY_TILE], 1);
	ck_assert_ptr_nonnull(strstr(t.last, "hash 5 is not that of record 5"));
	spoil(&s.p, "sealed/tile/0/000", 32 * 5);
	spoil(&s.p, "sealed/tile/entries/001.p/4", 30);
	ck_assert_uint_eq(verify(&s, &t, &report), 1);
	ck_assert_uint_eq(t.n[VERIFY_BUNDLE], 1);
	ck_assert_ptr_nonnull(strstr(t.last, "entry 0 is not record 256"));
	spoil(&s.p, "sealed/tile/entries/001.p/4", 30);
	spoil(&s.p, SEGMENT_0, 120);
	ck_assert_uint_eq(verify(&s, &t, &report), 1);
	ck_assert_uint_eq(t.n[VERIFY_RECORD], 1);
	ck_assert_ptr_nonnull(strstr(t.last, "record 0 at offset 0"));
	spoil(&s.p, SEGMENT_0, 120);
	ck_assert_uint_eq(verify(&s, &t, &report), 0);
	sealed_remove(&s);
}
END_TEST

START_TEST(verify_holds_records_against_other_checkpoints)
{
	struct verify_point points[3];
	struct verify_wish wish = {.points = points, .npoints = 3};
	struct verify_report report;
	struct checkpoint_note c;
	struct sealed s;

	sealed_make(&s, 5);
	seal(&s);
	ck_assert_int_eq(seal_checkpoint_read(s.l, &c, &s.p.e), 0);
	append_one(s.l, 5);
	seal(&s);
	points[0] = points[1] = points[2] =
		(struct verify_point){.name = "x", .at = c.at};
	points[1].at.root.b[0] ^= 1;
	points[2].at.size = 7;
	ck_assert_int_eq(verify_ledger(s.l, &wish, &report, &s.p.e), 0);
	ck_assert_int_eq(points[0].result, VERIFY_HOLDS);
	ck_assert_int_eq(points[1].result, VERIFY_FAILS);
	ck_assert_int_eq(points[2].result, VERIFY_FAILS);
	/* a later one was taken away, and its records, too */
	ck_assert_uint_eq(report.faults, 3);
	checkpoint_note_release(&c);
	sealed_remove(&s);
}
END_TEST

/* ----------------------------------------------------------------- prove */

/* Whether it proves what it should; a signature can be made one of somebody
 * unknown, as long as another holds. */
static bool proves(const struct buf *proof, size_t n,
		   const struct note_vkeys *keys)
{
	struct proof_facts facts;
	struct err e = {0};
	bool yes;

	proof_facts_init(&facts);
	yes = !proof_check(span_of(proof->data, n), span_of("", 0), keys,
			   &facts, &e);
	if (yes) {
		ck_assert_uint_eq(facts.index, 3);
		ck_assert_uint_eq(facts.checkpoint.at.size, 9);
		ck_assert_ptr_nonnull(strstr(facts.record.data, "\"n\":3"));
	}
	proof_facts_release(&facts);
	return yes;
}

START_TEST(no_byte_of_a_proof_can_be_changed)
{
	struct buf proof = BUF_INIT(PROOF_MAX);
	struct note_vkeys keys = {0};
	struct sealed s;
	bool restored;
	size_t i, body;

	sealed_make(&s, 9);
	seal(&s);
	ck_assert_int_eq(seal_vkeys_read(s.l, &keys, &s.p.e), 0);
	ck_assert_msg(!proof_make(s.l, 3, &proof, &restored, &s.p.e), "%s",
		      s.p.e.msg);
	ck_assert(proves(&proof, proof.len, &keys));
	/* where the signatures begin */
	body = (size_t)(strstr(proof.data, "\n\n\xe2\x80\x94") - proof.data);
	for (i = 0; i < proof.len; i++) {
		proof.data[i] ^= 1 << i % 7;
		ck_assert(!proves(&proof, proof.len, &keys) ||
			  (i > body && keys.n > 1));
		proof.data[i] ^= 1 << i % 7;
		ck_assert(!proves(&proof, i, &keys) ||
			  (i > body && keys.n > 1));
	}
	ck_assert(!restored);
	ck_assert_int_eq(proof_make(s.l, 9, &proof, &restored, &s.p.e),
			 ERR_NOT_FOUND);
	ck_assert(!restored);
	buf_release(&proof);
	note_vkeys_release(&keys);
	sealed_remove(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger_seal");
	TCase *t = tcase_create("seal");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_is_appended_between_runs_is_sealed_once);
	tcase_add_test(
		t,
		an_older_checkpoint_put_back_does_not_lead_to_a_second_history);
	tcase_add_test(
		t,
		nothing_is_signed_over_damaged_tiles_and_they_can_be_rebuilt);
	tcase_add_test(t, a_key_is_retired_when_another_has_signed);
	tcase_add_test(t,
		       verify_tells_what_is_wrong_with_tile_bundle_and_record);
	tcase_add_test(t, verify_holds_records_against_other_checkpoints);
	tcase_add_test(t, no_byte_of_a_proof_can_be_changed);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
