/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/ledger_open.h"
#include "courier/anchor_trust.h"
#include "ledger/runs.h"
#include "ledger/seal.h"

static const char help[] =
	"usage: gatepost ledger seal [--rebuild] [--damaged]\n"
	"                            [--ledger DIR | --policy FILE]\n"
	"\n"
	"Append all new records to the ledger's Merkle tree, and sign a "
	"checkpoint over\n"
	"it. Run it as the user to whom DIR/sealed belongs.\n"
	"\n"
	"  --rebuild      write all tiles again, from the records\n"
	"  --damaged      seal, in the place of a damaged record, an entry "
	"that says so\n" LEDGER_HELP;

static void tell(const struct place *p, const struct seal_report *r)
{
	if (r->unusable)
		fprintf(stderr,
			"gatepost: %zu sealing key%s not used: this libcrypto "
			"does not know the kind\n",
			r->unusable, r->unusable == 1 ? "" : "s");
	if (r->replaced)
		fprintf(stderr,
			"gatepost: %" PRIu64 " damaged record%s sealed as "
			"such\n",
			r->replaced, r->replaced == 1 ? "" : "s");
	if (!r->signed_now)
		printf("gatepost: %s: nothing new, %" PRIu64 " records are "
		       "sealed\n",
		       ledger_dir(p->ledger), r->after);
	else
		printf("gatepost: %s: %" PRIu64 " new records, %" PRIu64
		       " are sealed\n",
		       ledger_dir(p->ledger), r->after - r->before, r->after);
}

/* What witnesses and time stampers of the policy left in the inbox. */
static int publish(const struct place *p, struct err *e)
{
	struct anchor_trust trust = {0};
	size_t n = 0;
	int rc;

	if (!p->policy)
		return 0;
	rc = anchor_trust_take(&trust, p->policy, e);
	if (!rc)
		rc = anchors_publish(p->ledger, &trust, &n, e);
	if (!rc && e->code)
		fprintf(stderr, "gatepost: not published: %s\n", e->msg);
	if (!rc)
		err_clear(e);
	anchor_trust_release(&trust);
	return rc;
}

static int run(int argc, char **argv, struct err *e)
{
	bool rebuild = false, damaged = false;
	struct ledger_wish w = {0};
	const struct cli_option options[] = {
		{"--ledger", NULL, &w.ledger},
		{"--policy", NULL, &w.policy},
		{"--rebuild", &rebuild, NULL},
		{"--damaged", &damaged, NULL},
	};
	struct seal_report report = {0};
	struct err ignored = {0};
	struct cli_args args;
	struct place p;
	int rc = cli_parse(argc, argv, options, 4, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (rc)
		return rc;
	place_init(&p);
	rc = ledger_wish_open(&w, LEDGER_READ, &p, e);
	if (!rc)
		rc = seal_run(p.ledger,
			      (rebuild ? SEAL_REBUILD : 0u) |
				      (damaged ? SEAL_DAMAGED : 0u),
			      &report, e);
	if (p.ledger && (!rc || report.signed_now))
		tell(&p, &report);
	if (!rc)
		rc = publish(&p, e);
	/* those who look for records later need not wait for it */
	if (!rc)
		(void)runs_update(p.ledger, &ignored);
	if (rc == ERR_MALFORMED && p.ledger) {
		/* looked, and something is amiss */
		fprintf(stderr, "gatepost: %s\n", e->msg);
		rc = CLI_NO;
	}
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_seal = {
	.name = "seal",
	.summary = "seal the new records",
	.help = help,
	.run = run,
};
