/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/files.h"
#include "trust/ssh_key.h"

struct span vector(struct buf *b, const char *name)
{
	char path[FILE_MAX_PATH];
	struct err e;

	buf_init(b, VECTOR_MAX);
	snprintf(path, sizeof(path), "%s/%s", VECTORS, name);
	if (file_read(path, b, &e))
		ck_abort_msg("%s", e.msg);
	return span_of(b->data, b->len);
}

const char *vector_key_text(const char *name)
{
	static char out[8192];
	char file[64], *space;
	struct buf b;

	snprintf(file, sizeof(file), "%s.pub", name);
	vector(&b, file);
	snprintf(out, sizeof(out), "%s", b.data);
	buf_release(&b);
	space = strchr(out, ' ');
	ck_assert_ptr_nonnull(space);
	out[strcspn(space + 1, " \n") + (size_t)(space + 1 - out)] = '\0';
	return out;
}

struct span vector_key(struct buf *b, const char *name)
{
	const char *text = vector_key_text(name);
	struct cursor c = cursor_of(text, strlen(text));
	struct span type;

	buf_init(b, SSH_KEY_MAX_BLOB);
	ck_assert_ptr_null(ssh_key_take(&c, &type, b));
	return span_of(b->data, b->len);
}

static char scratch[64][64];
static size_t nscratch;

static void remove_scratch(void)
{
	while (nscratch)
		unlink(scratch[--nscratch]);
}

const char *scratch_file(const char *text)
{
	char *path = scratch[nscratch];
	int fd;

	ck_assert_uint_lt(nscratch, sizeof(scratch) / sizeof(scratch[0]));
	if (!nscratch++)
		atexit(remove_scratch);
	strcpy(path, "/tmp/gatepost-unit-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	fchmod(fd, 0644);
	close(fd);
	return path;
}

static int load(struct signers **s, const char *allowed, const char *revoked,
		struct err *e)
{
	struct signers_spec spec = {0};
	struct buf normal = BUF_INIT(VECTOR_MAX);
	char path[FILE_MAX_PATH];
	int rc;

	if (allowed)
		spec.ssh = scratch_file(allowed);
	if (revoked && revoked[0] != '/') {
		struct buf b;

		/* a copy, since a checkout may be writable by others */
		vector(&b, revoked);
		snprintf(path, sizeof(path), "%s", scratch_file(""));
		ck_assert_int_eq(file_write(path, b.data, b.len, 0644, e), 0);
		buf_release(&b);
		revoked = path;
	}
	spec.ssh_revoked = revoked;
	rc = signers_load(s, &spec, &normal, e);
	buf_release(&normal);
	return rc;
}

struct signers *signers_of(const char *allowed, const char *revoked)
{
	struct signers *s;
	struct err e;

	if (load(&s, allowed, revoked, &e))
		ck_abort_msg("%s", e.msg);
	return s;
}

const char *signers_refused(const char *allowed, const char *revoked, int code)
{
	static struct err e;
	struct signers *s;

	err_clear(&e);
	ck_assert_int_eq(load(&s, allowed, revoked, &e), code);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(e.code, code);
	return e.msg;
}

static char *alice_mails[] = {(char[]){"alice@example.com"},
			      (char[]){"12+alice@users.noreply.github.com"}};
static char *bob_mails[] = {(char[]){"bob@example.com"}};
static char *carol_mails[] = {(char[]){"carol@example.com"}};
static struct principal persons[] = {
	{.name = (char[]){"alice"},
	 .emails = alice_mails,
	 .nemails = 2,
	 .kind = KIND_HUMAN},
	{.name = (char[]){"bob"},
	 .emails = bob_mails,
	 .nemails = 1,
	 .kind = KIND_HUMAN},
	{.name = (char[]){"carol"},
	 .emails = carol_mails,
	 .nemails = 1,
	 .kind = KIND_HUMAN,
	 .until = INT64_C(1769903999999)},
};
const struct principals people = {.v = persons, .n = 3};

struct signature verify_text(const struct signers *s, struct span text,
			     int64_t at)
{
	struct signature out;
	struct buf payload;
	struct err e;
	int rc;

	err_clear(&e);
	vector(&payload, "payload");
	rc = signature_verify(
		&(struct verifier){.signers = s, .people = &people, .at = at},
		span_of(payload.data, payload.len), text, &out, &e);
	buf_release(&payload);
	if (rc)
		ck_abort_msg("%s", e.msg);
	return out;
}

struct signature verify_vector(const struct signers *s, const char *name)
{
	struct signature out;
	char file[64];
	struct buf b;

	snprintf(file, sizeof(file), "%s.sig", name);
	out = verify_text(s, vector(&b, file), NOON);
	buf_release(&b);
	return out;
}

void assert_signature(const struct signature *got, enum signature_status want,
		      const char *word)
{
	ck_assert_msg(got->status == want, "status %s, wanted %s: %s",
		      signature_status_word(got->status),
		      signature_status_word(want), got->why);
	ck_assert_msg(strstr(got->why, word) != NULL, "\"%s\" lacks \"%s\"",
		      got->why, word);
	ck_assert(want == SIG_GOOD ? got->principal != NULL
				   : got->principal == NULL);
}
