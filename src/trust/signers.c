/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers_private.h"

#include <stdlib.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "sys/files.h"
#include "trust/krl.h"
#include "trust/openpgp_keyring.h"

enum { SIGNERS_MAX_FILE = REVOKED_MAX_BYTES };

/*
 * Each file's normalised text begins with a line of its own, so that moving a
 * line from one to another changes the whole.
 */
static void normal_header(struct buf *normal, const char *kind)
{
	buf_addf(normal, "[signers %s]\n", kind);
}

/* A file that is no text, as one line of base64. */
static void normal_binary(struct buf *normal, struct span content)
{
	base64_encode(normal, content.p, content.n);
	buf_addch(normal, '\n');
}

/* Comments and blank lines left out. */
static void normal_text(struct buf *normal, struct span content)
{
	struct cursor c = cursor_of(content.p, content.n);
	struct span line;

	while (cursor_line(&c, &line)) {
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		buf_add(normal, line.p, line.n);
		buf_addch(normal, '\n');
	}
}

static int load_ssh(struct signers *s, const char *path, struct span content,
		    struct buf *normal, struct err *e)
{
	s->has_ssh = true;
	return allowed_signers_read(&s->ssh, path, content, normal, e);
}

static int load_revoked(struct signers *s, const char *path,
			struct span content, struct buf *normal, struct err *e)
{
	if (krl_is(content))
		normal_binary(normal, content);
	else
		normal_text(normal, content);
	return revoked_read(&s->ssh_revoked, path, content, e);
}

/* Keyrings are for gpgv; here they must be what it takes. */
static int load_openpgp(struct signers *s, const char *path,
			struct span content, struct buf *normal, struct err *e)
{
	s->has_openpgp = true;
	normal_binary(normal, content);
	return openpgp_keyring_check(path, content, e);
}

static int load_x509(struct signers *s, const char *path, struct span content,
		     struct buf *normal, struct err *e)
{
	s->has_x509 = true;
	s->x509 = x509_trust_new();
	if (!s->x509)
		return err_nomem(e);
	normal_text(normal, content);
	return x509_trust_add_authorities(s->x509, path, content, e);
}

static int load_x509_crl(struct signers *s, const char *path,
			 struct span content, struct buf *normal, struct err *e)
{
	if (!s->x509)
		return err_set(e, ERR_CONFIG,
			       "%s: revocation lists without x509-ca say "
			       "nothing",
			       path);
	normal_text(normal, content);
	return x509_trust_add_lists(s->x509, path, content, e);
}

typedef int load_fn(struct signers *s, const char *path, struct span content,
		    struct buf *normal, struct err *e);

static int load_file(const struct signers_spec *spec, struct signers *s,
		     const char *kind, const char *path, load_fn *load,
		     struct buf *normal, struct err *e)
{
	struct buf content = BUF_INIT(SIGNERS_MAX_FILE);
	int rc;

	if (!path)
		return 0;
	rc = file_read_trusted(path, 0, &content, e);
	if (!rc) {
		normal_header(normal, kind);
		rc = load(s, path, span_of(content.data, content.len), normal,
			  e);
	}
	buf_release(&content);
	if (rc && spec->failed)
		*spec->failed = kind;
	return rc;
}

static int load_files(const struct signers_spec *spec, struct signers *s,
		      struct buf *normal, struct err *e)
{
	const struct {
		const char *kind, *path;
		load_fn *load;
	} files[] = {
		{"ssh", spec->ssh, load_ssh},
		{"ssh-revoked", spec->ssh_revoked, load_revoked},
		{"openpgp", spec->openpgp, load_openpgp},
		{"x509-ca", spec->x509_ca, load_x509},
		{"x509-crl", spec->x509_crl, load_x509_crl},
	};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < sizeof(files) / sizeof(files[0]); i++)
		rc = load_file(spec, s, files[i].kind, files[i].path,
			       files[i].load, normal, e);
	if (!rc && !buf_ok(normal))
		rc = err_set(e, ERR_LIMIT, "the files of signers are too long");
	return rc;
}

int signers_load(struct signers **out, const struct signers_spec *spec,
		 struct buf *normal, struct err *e)
{
	struct signers *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (spec->failed)
		*spec->failed = NULL;
	if (!s)
		return err_nomem(e);
	revoked_init(&s->ssh_revoked);
	s->certified = ssh_certified_new();
	rc = s->certified ? load_files(spec, s, normal, e) : err_nomem(e);
	if (rc) {
		signers_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

int signers_check(const struct signers *s, struct err *e)
{
	return s->x509 ? x509_trust_open(s->x509, e) : 0;
}

void signers_free(struct signers *s)
{
	if (!s)
		return;
	allowed_signers_release(&s->ssh);
	revoked_release(&s->ssh_revoked);
	ssh_certified_free(s->certified);
	x509_trust_free(s->x509);
	free(s);
}
