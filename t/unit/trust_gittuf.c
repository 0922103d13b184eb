/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes that authorize nothing. Signed ones are t/t2060-gittuf.sh's. */
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "trust/gittuf.h"
#include "trust_help.h"

#define FROM "1111111111111111111111111111111111111111"
#define TREE "2222222222222222222222222222222222222222"
#define STATEMENT(predicate_type, subject, ref, from, to)                      \
	"{\"type\":\"https://in-toto.io/Statement/v1\",\"subject\":["          \
	"{\"digest\":{\"gitTree\":\"" subject "\"}}],\"predicate_type\":"      \
	"\"https://gittuf.dev/reference-authorization/" predicate_type "\","   \
	"\"predicate\":{\"fromID\":\"" from "\",\"targetID\":\"" to            \
	"\",\"targetRef\":\"" ref "\"}}"
#define GOOD STATEMENT("v0.2", TREE, "refs/heads/main", FROM, TREE)

static const struct gittuf_move move = {
	.ref = "refs/heads/main",
	.from = {.algo = OID_SHA1,
		 .id = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
			0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
			0x11, 0x11, 0x11, 0x11, 0x11, 0x11}},
	.to = {.algo = OID_SHA1,
	       .id = {0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
		      0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
		      0x22, 0x22, 0x22, 0x22, 0x22, 0x22}}};

static struct signers *allowed;

static void load_allowed(void)
{
	char text[512];

	snprintf(text, sizeof(text), "alice %s\n", vector_key_text("ed25519"));
	allowed = signers_of(text, NULL);
}

static void free_allowed(void)
{
	signers_free(allowed);
}

/* Read an envelope, which must give `want` approvals; the first one's fault
 * must have the word. NULL: no fault of the envelope itself. */
static void assert_read(const char *envelope, size_t want, const char *word)
{
	struct oid id = {.algo = OID_SHA1, .id = {7}};
	struct verifier v = {.signers = allowed, .people = &people, .at = NOON};
	struct approval out[GITTUF_MAX_SIGNATURES];
	struct err e = {0};
	size_t n, i;

	if (gittuf_read(span_str(envelope), &id, &move, &v, out, &n, &e))
		ck_abort_msg("%s", e.msg);
	ck_assert_uint_eq(n, want);
	if (word)
		ck_assert_msg(strstr(out[0].why, word) != NULL, "%s",
			      out[0].why);
	for (i = 0; i < n; i++) {
		ck_assert_int_ne(out[i].fault, APPROVAL_OK);
		approval_release(&out[i]);
	}
}

static void assert_payload(const char *payload, size_t want, const char *word)
{
	struct buf text = BUF_INIT(65536);

	buf_adds(&text, "{\"payloadType\":\"application/vnd.gittuf+json\","
			"\"payload\":\"");
	base64_encode(&text, payload, strlen(payload));
	buf_adds(&text,
		 "\",\"signatures\":[{\"keyid\":\"\",\"sig\":\"QUJD\"}]}");
	assert_read(text.data, want, word);
	buf_release(&text);
}

START_TEST(gittuf_path_is_where_gittuf_files_it)
{
	struct buf b = BUF_INIT(1000);

	gittuf_path(&move, &b);
	ck_assert_str_eq(b.data,
			 "reference-authorizations/refs/heads/main/" FROM
			 "-" TREE);
	buf_release(&b);
}
END_TEST

START_TEST(gittuf_envelope_of_another_kind_is_refused)
{
	assert_read("", 1, "no DSSE envelope");
	assert_read("{", 1, "no DSSE envelope");
	assert_read("[]", 1, "no DSSE envelope");
	assert_read("{\"payloadType\":\"application/vnd.in-toto+json\","
		    "\"payload\":\"e30=\",\"signatures\":[]}",
		    1, "no DSSE envelope");
	assert_read("{\"payloadType\":\"application/vnd.gittuf+json\","
		    "\"payload\":\"e30\",\"signatures\":[]}",
		    1, "no DSSE envelope");
	assert_payload("{}", 1, "no reference authorization");
	assert_payload(STATEMENT("v0.1", TREE, "refs/heads/main", FROM, TREE),
		       1, "no reference authorization");
}
END_TEST

START_TEST(gittuf_authorization_of_another_move_is_refused)
{
	assert_payload(STATEMENT("v0.2", FROM, "refs/heads/main", FROM, TREE),
		       1, "another move");
	assert_payload(STATEMENT("v0.2", TREE, "refs/heads/dev", FROM, TREE), 1,
		       "another move");
	assert_payload(STATEMENT("v0.2", TREE, "refs/heads/main", TREE, TREE),
		       1, "another move");
	assert_payload(STATEMENT("v0.2", TREE, "refs/heads/main", FROM, FROM),
		       1, "another move");
}
END_TEST

/* Whoever shows the first and counts the second would deceive the signer. */
START_TEST(gittuf_members_that_stand_twice_are_refused)
{
	assert_read("{\"payloadType\":\"application/vnd.gittuf+json\","
		    "\"payload\":\"e30=\",\"payload\":\"e30=\","
		    "\"signatures\":[]}",
		    1, "no DSSE envelope");
	assert_payload("{\"type\":\"https://in-toto.io/Statement/v1\","
		       "\"type\":\"https://in-toto.io/Statement/v1\"}",
		       1, "no reference authorization");
}
END_TEST

START_TEST(gittuf_signature_that_is_none_is_refused)
{
	assert_payload(GOOD, 1, "neither an SSH nor an OpenPGP");
	assert_read("{\"payloadType\":\"application/vnd.gittuf+json\","
		    "\"payload\":\"e30=\",\"signatures\":{}}",
		    1, "no reference authorization");
}
END_TEST

Suite *suite_gittuf(void)
{
	Suite *s = suite_create("gittuf");
	TCase *c = tcase_create("envelope");

	tcase_add_unchecked_fixture(c, load_allowed, free_allowed);
	tcase_add_test(c, gittuf_path_is_where_gittuf_files_it);
	tcase_add_test(c, gittuf_envelope_of_another_kind_is_refused);
	tcase_add_test(c, gittuf_authorization_of_another_move_is_refused);
	tcase_add_test(c, gittuf_members_that_stand_twice_are_refused);
	tcase_add_test(c, gittuf_signature_that_is_none_is_refused);
	suite_add_tcase(s, c);
	return s;
}
