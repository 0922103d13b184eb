/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/identity.h"

#include <string.h>

#include "base/cursor.h"
#include "base/text.h"
#include "sys/files.h"

void identity_init(struct identity *id)
{
	buf_init(&id->cert, IDENTITY_MAX_FILE);
	buf_init(&id->key, IDENTITY_MAX_FILE);
}

/* All at once: growing would leave copies of a key behind. */
static int read_pem(const char *path, unsigned flags, const char *what,
		    struct buf *out, struct err *e)
{
	int rc = buf_reserve(out, IDENTITY_MAX_FILE)
			 ? err_nomem(e)
			 : file_read_trusted(path, flags, out, e);

	if (rc)
		return rc;
	if (text_find_nocase(span_of(out->data, out->len), span_str(what)))
		return 0;
	return err_set(e, ERR_CONFIG, "%s: no \"%s\" in it: is it PEM?", path,
		       what);
}

/* PKCS #8 says so in its first line, older forms in a header. */
static bool is_encrypted(const struct buf *key)
{
	return text_find_nocase(span_of(key->data, key->len),
				span_str("ENCRYPTED"));
}

int identity_read(struct identity *id, const char *cert, const char *key,
		  struct err *e)
{
	int rc = read_pem(cert, 0, "-----BEGIN CERTIFICATE-----", &id->cert, e);

	if (!rc)
		rc = read_pem(key, FILE_SECRET, "PRIVATE KEY-----", &id->key,
			      e);
	if (!rc && is_encrypted(&id->key))
		rc = err_set(e, ERR_CONFIG,
			     "%s has a passphrase, and nobody is there to give "
			     "it: openssl pkey -in FILE -out NEW makes one "
			     "without",
			     key);
	return rc;
}

void identity_release(struct identity *id)
{
	if (id->key.cap)
		explicit_bzero(id->key.data, id->key.cap);
	buf_release(&id->cert);
	buf_release(&id->key);
}
