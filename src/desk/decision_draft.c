/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_draft.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "desk/decision_report.h"

/* What stands for a number while there is none. */
#define PERSON_NEW SIZE_MAX
#define PERSON_UNNAMED (SIZE_MAX - 1)

enum {
	PERSON_BYTES = 100,	  /* of salt and member names */
	BYTE_BYTES = 6,		  /* that one byte may take, as \u0001 */
	PUSHER_BYTES = 32 * 1024, /* kept for who pushed, counted above */
	PERSONS_BYTES = LEDGER_MAX_PERSONS - PUSHER_BYTES
};

static size_t person_bytes(const struct report_person *p)
{
	const char *const parts[] = {p->principal, p->name, p->email, p->login};
	size_t i, n = PERSON_BYTES;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		n += parts[i] ? BYTE_BYTES * strlen(parts[i]) : 0;
	return n;
}

static int name_person(struct draft *d, size_t person)
{
	size_t n;

	if (person >= d->report->npersons || d->numbers[person] != PERSON_NEW)
		return 0;
	n = person_bytes(&d->report->persons[person]);
	if (d->named == DECISION_PERSONS_MAX || n > PERSONS_BYTES - d->bytes) {
		d->numbers[person] = PERSON_UNNAMED;
		d->unnamed++;
		return 0;
	}
	d->named++;
	d->bytes += n;
	return record_person(d->r, &d->report->persons[person],
			     &d->numbers[person], d->e);
}

int draft_name_people(struct draft *d)
{
	const struct report *p = d->report;
	size_t i, k;
	int rc = 0;

	d->numbers = malloc((p->npersons + 1) * sizeof(*d->numbers));
	if (!d->numbers)
		return err_nomem(d->e);
	for (i = 0; i < p->npersons; i++)
		d->numbers[i] = PERSON_NEW;
	for (i = 0; !rc && i < p->napprovals; i++)
		rc = name_person(d, p->approvals[i].who);
	for (i = 0; !rc && i < p->ncertificates; i++)
		rc = name_person(d, p->certificates[i].who);
	for (i = 0; !rc && i < p->ntags; i++)
		rc = name_person(d, p->tags[i].who);
	for (i = 0; !rc && i < p->nsignatures; i++)
		rc = name_person(d, p->signatures[i].who);
	for (i = 0; !rc && i < p->nfindings; i++) {
		for (k = 0; !rc && k < p->findings[i].nwho; k++)
			rc = name_person(d, p->findings[i].who[k]);
		if (!rc)
			rc = name_person(d, p->findings[i].author);
	}
	for (i = 0; !rc && i < p->nprovenance; i++)
		rc = name_person(d, p->provenance[i].author);
	for (i = 0; !rc && i < p->nevidence; i++)
		rc = name_person(d, p->evidence[i].who);
	if (d->unnamed)
		record_number(d->r, d->r->root, "persons_unnamed", d->unnamed);
	return rc;
}

bool draft_is_named(const struct draft *d, size_t person)
{
	return person < d->report->npersons &&
	       d->numbers[person] < PERSON_UNNAMED;
}

void draft_add_person(struct draft *d, yyjson_mut_val *obj, const char *name,
		      size_t person)
{
	if (draft_is_named(d, person))
		record_number(d->r, obj, name, d->numbers[person]);
}

const struct rule *draft_rule(const struct draft *d, size_t rule)
{
	return rule < d->policy->nrules ? &d->policy->rules[rule] : NULL;
}

size_t draft_list_length(const char **list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

void draft_add_texts(struct draft *d, yyjson_mut_val *o, const char *name,
		     const char **list)
{
	size_t n = draft_list_length(list);

	if (n)
		record_texts(d->r, o, name, (const char *const *)list, n);
}

int draft_add_bytes(struct draft *d, yyjson_mut_val *o, const char *raw)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc;

	if (!raw || !*raw)
		return 0;
	if (!base64_decode(&bytes, span_str(raw)))
		rc = err_set(d->e, ERR_MALFORMED,
			     "the judge's report has broken evidence");
	else
		rc = record_evidence(d->r, o, "evidence",
				     span_of(bytes.data, bytes.len), d->e);
	buf_release(&bytes);
	return rc;
}
