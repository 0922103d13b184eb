/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/import.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "git/refs.h"
#include "git/tree_name.h"

void import_init(struct import *i)
{
	memset(i, 0, sizeof(*i));
	i->tip_hex = i->repository = span_of("", 0);
	i->reason = i->prefix = span_of("", 0);
	statement_init(&i->said);
}

void import_release(struct import *i)
{
	statement_release(&i->said);
}

static bool take_one(struct import *i, const char *key, struct span *out)
{
	char why[SIG_MAX_TEXT];

	if (!statement_value(&i->said, key, out))
		return false;
	if (out->n && !memchr(out->p, '\0', out->n))
		return true;
	snprintf(why, sizeof(why), "there is no %s trailer at its end", key);
	return statement_refuse(&i->said, why);
}

static bool take_refs(struct import *i)
{
	static const char key[] = "Approves-ref";
	const struct trailer *t;
	size_t at = 0;

	if (!trailers_same_for(&i->said.trailers, &i->said.divided,
			       span_str(key)))
		return statement_refuse(&i->said, "a line `---` makes its "
						  "trailers ambiguous");
	while ((t = trailers_find(&i->said.trailers, key, &at))) {
		if (i->nrefs == IMPORT_MAX_REFS)
			return statement_refuse(&i->said,
						"it is for too many refs");
		if (!refs_name_ok(t->value))
			return statement_refuse(&i->said,
						"Approves-ref is no full ref "
						"name, like refs/heads/main");
		i->refs[i->nrefs++] = t->value;
	}
	return i->nrefs ||
	       statement_refuse(&i->said, "there is no Approves-ref trailer "
					  "at its end");
}

static bool take_prefix(struct import *i)
{
	struct span s;

	if (!statement_value(&i->said, "Prefix", &s))
		return false;
	i->prefix = s;
	if (!s.n)
		return true;
	if (s.p[s.n - 1] == '/')
		i->prefix.n--;
	return tree_path_ok(i->prefix) ||
	       statement_refuse(&i->said, "Prefix is no path of a directory "
					  "in the repository");
}

static bool take_end(struct import *i)
{
	struct span s;

	if (!statement_value(&i->said, "Valid-until", &s))
		return false;
	i->has_end = s.n > 0;
	return !s.n || time_parse(s, &i->end) ||
	       statement_refuse(&i->said, "Valid-until is no date "
					  "(YYYY-MM-DD), nor a time with its "
					  "zone");
}

static bool take_tip(struct import *i, enum oid_algo algo)
{
	if (!oid_from_hex(&i->tip, algo, i->tip_hex))
		return statement_refuse(&i->said, "Imports is no full id of a "
						  "commit here");
	return oid_equal(&i->tip, &i->said.target) ||
	       statement_refuse(&i->said, "it tags another commit than "
					  "Imports says");
}

/* It must not be taken for what it takes back. */
static bool take_withdrawal(struct import *i, struct span id,
			    enum oid_algo algo)
{
	size_t at = 0, ref = 0;

	i->withdrawal = true;
	if (trailers_find(&i->said.trailers, "Imports", &at) ||
	    trailers_find(&i->said.trailers, "Approves-ref", &ref))
		return statement_refuse(&i->said, "Withdraws stands beside "
						  "what only an import has");
	return oid_from_hex(&i->withdraws, algo, id) ||
	       statement_refuse(&i->said, "Withdraws is no full id of an "
					  "object here");
}

void import_take(struct import *i, enum oid_algo algo)
{
	struct span withdraws;

	if (!statement_value(&i->said, "Withdraws", &withdraws))
		return;
	if (withdraws.n) {
		if (take_withdrawal(i, withdraws, algo))
			take_one(i, "Repository", &i->repository);
		return;
	}
	if (take_one(i, "Imports", &i->tip_hex) && take_tip(i, algo) &&
	    take_refs(i) && take_one(i, "Repository", &i->repository) &&
	    take_one(i, "Reason", &i->reason) && take_prefix(i))
		take_end(i);
}

bool import_names_ref(const struct import *i, const char *ref)
{
	size_t k;

	for (k = 0; k < i->nrefs; k++)
		if (span_is(i->refs[k], ref))
			return true;
	return false;
}
