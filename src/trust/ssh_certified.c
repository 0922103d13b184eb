/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_certified.h"

#include <stdlib.h>
#include <string.h>

struct ssh_certified *ssh_certified_new(void)
{
	return calloc(1, sizeof(struct ssh_certified));
}

void ssh_certified_free(struct ssh_certified *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < SSH_CERTIFIED_SLOTS; i++)
		ssh_pkey_free(c->slots[i].pkey);
	free(c);
}

int ssh_certified_verify(struct ssh_certified *c, const struct ssh_cert *cert,
			 struct ssh_pkey *authority, struct ssh_pkey **pkey,
			 struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	struct ssh_pkey *made;
	size_t at;
	bool good;
	int rc;

	*pkey = NULL;
	sha256_of(cert->blob.p, cert->blob.n, digest);
	at = digest[0] % SSH_CERTIFIED_SLOTS;
	if (c->slots[at].pkey &&
	    memcmp(c->slots[at].digest, digest, sizeof(digest)) == 0) {
		*pkey = c->slots[at].pkey;
		return 0;
	}
	rc = ssh_pkey_verify(authority, &cert->authority, &cert->sig,
			     cert->covered, &good, e);
	if (rc || !good)
		return rc;
	rc = ssh_pkey_new(&made, &cert->key, e);
	if (rc)
		return rc;
	ssh_pkey_free(c->slots[at].pkey);
	memcpy(c->slots[at].digest, digest, sizeof(digest));
	*pkey = c->slots[at].pkey = made;
	return 0;
}
