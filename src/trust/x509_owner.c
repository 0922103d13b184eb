/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/x509_owner.h"

#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/text.h"
#include "base/time.h"

enum { DAY_CHARS = 10 }; /* YYYY-MM-DD */

/* Who has the addresses seen so far. */
struct owner {
	const struct principals *people;
	const struct principal *one, *second;
	size_t n;
	bool off; /* an address that is none */
};

static void add_owner(struct owner *o, const struct principal *p)
{
	if (!o->one)
		o->one = p;
	else if (o->one != p)
		o->second = p;
}

static void add_email(struct owner *o, const ASN1_STRING *s,
		      struct signature *out)
{
	struct span mail = span_of(ASN1_STRING_get0_data(s),
				   (size_t)ASN1_STRING_length(s));
	size_t i, j;

	for (i = 0; i < mail.n; i++)
		if (mail.p[i] <= ' ' || mail.p[i] > '~')
			o->off = true;
	if (!mail.n || ++o->n > X509_MAX_EMAILS)
		o->off = true;
	if (o->off)
		return;
	if (o->n == 1)
		snprintf(out->signer, sizeof(out->signer), "%.*s",
			 (int)(mail.n < sizeof(out->signer) ? mail.n : 0),
			 mail.p);
	for (i = 0; o->people && i < o->people->n; i++)
		for (j = 0; j < o->people->v[i].nemails; j++)
			if (email_same(mail,
				       span_str(o->people->v[i].emails[j])))
				add_owner(o, &o->people->v[i]);
}

static void read_names(struct owner *o, X509 *signer, struct signature *out)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(signer, NID_subject_alt_name, NULL, NULL);
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_EMAIL)
			add_email(o, name->d.rfc822Name, out);
	}
	GENERAL_NAMES_free(names);
}

static void read_subject(struct owner *o, X509 *signer, struct signature *out)
{
	const X509_NAME *subject = X509_get_subject_name(signer);
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress,
					       i)) >= 0)
		add_email(o,
			  X509_NAME_ENTRY_get_data(
				  X509_NAME_get_entry(subject, i)),
			  out);
}

void x509_owner_judge(struct x509_st *signer, const struct principals *people,
		      int64_t at, struct signature *out)
{
	struct owner o = {.people = people};
	char when[TIME_RFC3339_SIZE];

	read_names(&o, signer, out);
	if (!o.n)
		read_subject(&o, signer, out);
	if (!o.n || o.off) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "its certificate has no e-mail address, or one "
			      "that is off");
	} else if (!o.one) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "its certificate is of nobody of the policy");
	} else if (o.second) {
		signature_say(out, SIG_UNKNOWN_KEY,
			      "its certificate stands for two people, so for "
			      "nobody");
	} else if (o.one->until && o.one->until < at) {
		time_format(o.one->until, when);
		when[DAY_CHARS] = '\0';
		signature_say(out, SIG_EXPIRED,
			      "its certificate: the policy has its owner until "
			      "%s only",
			      when);
	} else {
		out->principal = o.one;
		snprintf(out->signer, sizeof(out->signer), "%s", o.one->name);
		out->status = SIG_GOOD;
	}
}
