/* SPDX-License-Identifier: Apache-2.0 */

/* Nonces of push certificates, against other makers' HMAC. */
#include "trust_help.h"

#include "trust/push_nonce.h"

#define X100                                                                   \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                   \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_SEED                                                              \
	"a much longer secret than a block of the hash functions has bytes "   \
	"in it"

static const struct {
	enum oid_algo algo;
	const char *directory, *seed, *nonce;
} ours[] = {
	{OID_SHA1, ".", "secret",
	 "1700000000-e3933981618c4db9476fe603784ab858dfe51e7d"},
	{OID_SHA1, "/srv/" X100 ".git", "secret",
	 "1700000000-dbcf315db2edda06222993613189a8244ab99813"},
	{OID_SHA256, ".", "secret",
	 "1700000000-049bb8058c86dfef531766116557126291a440b1c9ced3aabd29ca2d"
	 "140516d0"},
	{OID_SHA256, "/srv/" X100 ".git", "secret",
	 "1700000000-74d07d6d6c49684e8a7bb0adc8ee651e483df4c7e5c4199057b70d48"
	 "2a5e99d7"},
	{OID_SHA1, ".", LONG_SEED,
	 "1700000000-a75d25cc198285fb0d97da51a693cf62caf72e9e"},
};

START_TEST(a_nonce_of_this_seed_tells_its_time)
{
	int64_t when;

	ck_assert(push_nonce_is_ours(span_str(ours[_i].nonce), ours[_i].algo,
				     ours[_i].directory, ours[_i].seed, &when));
	ck_assert_int_eq(when, 1700000000);
	ck_assert(!push_nonce_is_ours(span_str(ours[_i].nonce), ours[_i].algo,
				      ours[_i].directory, "other", &when));
	ck_assert(!push_nonce_is_ours(span_str(ours[_i].nonce), ours[_i].algo,
				      "/elsewhere", ours[_i].seed, &when));
}
END_TEST

static const char *const foreign[] = {
	"",
	"-",
	"1700000000",
	"1700000000-",
	"1700000001-e3933981618c4db9476fe603784ab858dfe51e7d",
	"01700000000-e3933981618c4db9476fe603784ab858dfe51e7d",
	"1700000000-E3933981618C4DB9476FE603784AB858DFE51E7D",
	"1700000000-e3933981618c4db9476fe603784ab858dfe51e7",
	"1700000000-e3933981618c4db9476fe603784ab858dfe51e7d0",
	"1700000000--3933981618c4db9476fe603784ab858dfe51e7d",
	"99999999999999999999-e3933981618c4db9476fe603784ab858dfe51e7d",
	"x-e3933981618c4db9476fe603784ab858dfe51e7d"};

START_TEST(any_other_is_not_ours)
{
	int64_t when;

	ck_assert(!push_nonce_is_ours(span_str(foreign[_i]), OID_SHA1, ".",
				      "secret", &when));
}
END_TEST

Suite *suite_nonce(void)
{
	Suite *s = suite_create("nonce");
	TCase *t = tcase_create("all");

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, a_nonce_of_this_seed_tells_its_time, 0,
			    sizeof(ours) / sizeof(*ours));
	tcase_add_loop_test(t, any_other_is_not_ours, 0,
			    sizeof(foreign) / sizeof(*foreign));
	return s;
}
