/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/ledger_cosign_serve.h"
#include "cli/ledger_keys.h"
#include "cli/ledger_open.h"
#include "ledger/anchors.h"
#include "ledger/cosign.h"
#include "sys/child.h"

enum { COSIGNED_MODE = 0644, SSH_SECONDS = 120, MAX_SAID = 4096 };

static const char help[] =
	"usage: gatepost ledger cosign --from HOST --key VKEY [--ssh PROGRAM]\n"
	"       gatepost ledger cosign --from DIR --key VKEY [-o FILE]\n"
	"       gatepost ledger cosign --show-key [--name NAME]\n"
	"       gatepost ledger cosign --serve\n"
	"\n"
	"Be a witness of another host's ledger: cosign its last checkpoint if "
	"it extends\n"
	"the one cosigned before, and tell the other host. There the command "
	"is run with\n"
	"--serve, over ssh.\n"
	"\n"
	"  --from HOST    whose; one with a / is a folder, as DIR/sealed or a "
	"copy of it\n"
	"  --key VKEY     the key of that ledger: a vkey, or a file of them\n"
	"  --ssh PROGRAM  instead of ssh\n"
	"  -o FILE        write the cosigned checkpoint there\n"
	"  --show-key     print the key that cosigns here, made where there is "
	"none\n"
	"  --name NAME    of that key, when it is made (default: the ledger's "
	"name with\n"
	"                 /witness)\n"
	"  --state DIR    where that key is, and what it has cosigned "
	"(default:\n"
	"                 `cosign` in the ledger)\n"
	"  --serve        answer on standard input and output\n" LEDGER_HELP
	"\n"
	"Exit status: 0 cosigned, 1 it does not extend what was cosigned, 2 "
	"could not\n"
	"tell.\n";

/** What was asked for. */
struct cosigning {
	const char *from, *key, *ssh, *file, *name, *state;
	bool show, serve;
	struct ledger_wish w;
	char dir[FILE_MAX_PATH]; /* of the cosigner */
};

/* ------------------------------------------------------------ the other */

static void tell_errors(const struct buf *errors)
{
	struct cursor c = cursor_of(errors->data, errors->len);
	struct span line;

	while (cursor_line(&c, &line)) {
		struct buf clean = BUF_INIT(2 * MAX_SAID);

		text_add_printable(&clean, line, 300);
		fprintf(stderr, "there: %s\n", clean.data);
		buf_release(&clean);
	}
}

/* A forced command on the other side answers whatever it is asked to run. */
static int ask_host(const struct cosigning *g, struct span said,
		    struct buf *answer, struct err *e)
{
	const char *ssh = g->ssh ? g->ssh : "ssh";
	const char *argv[] = {ssh,	"-T",	    "--",
			      g->from,	"gatepost", "ledger",
			      "cosign", "--serve",  NULL};
	struct child_spec spec = {.program = ssh,
				  .argv = argv,
				  .envp = (const char *const *)environ,
				  .input = said,
				  .deadline =
					  deadline_in_ms(SSH_SECONDS * 1000)};
	struct buf errors = BUF_INIT(MAX_SAID);
	struct child_end end = {0};
	int rc = child_run(&spec, answer, &errors, &end, e);

	tell_errors(&errors);
	buf_release(&errors);
	if (!rc && (end.how != CHILD_END_EXIT || end.code))
		rc = err_set(e, ERR_SYS, "%s: %s %s %d", g->from, ssh,
			     end.how == CHILD_END_EXIT ? "ended with status"
						       : "was ended by signal",
			     end.code);
	return rc == ERR_NOT_FOUND ? ERR_SYS : rc;
}

static int request_from_host(const struct cosigning *g, uint64_t old,
			     struct cosign_request *r, struct err *e)
{
	struct buf question = BUF_INIT(64);
	struct buf answer = BUF_INIT(COSIGN_MAX_REQUEST);
	int rc;

	buf_addf(&question, "old %" PRIu64 "\n", old);
	rc = ask_host(g, span_of(question.data, question.len), &answer, e);
	if (!rc)
		rc = cosign_request_parse(r, span_of(answer.data, answer.len),
					  e);
	if (rc)
		err_wrap(e, "%s", g->from);
	buf_release(&question);
	buf_release(&answer);
	/* whoever answers so is no ledger that could be judged */
	return rc == ERR_MALFORMED ? ERR_SYS : rc;
}

/* Of a whole ledger, what is sealed in it; put together in `room`. */
static const char *find_sealed(const char *from, char room[FILE_MAX_PATH])
{
	return file_join(from, "sealed", room, NULL) || access(room, F_OK)
		       ? from
		       : room;
}

static int request_from_dir(const struct cosigning *g, uint64_t old,
			    struct cosign_request *r, struct err *e)
{
	char room[FILE_MAX_PATH], path[FILE_MAX_PATH];
	const char *dir = find_sealed(g->from, room);
	int rc = file_join(dir, "checkpoint", path, e);

	if (!rc)
		rc = checkpoint_note_read(&r->note, path, e);
	if (rc == ERR_NOT_FOUND)
		rc = ERR_SYS;
	r->old = old;
	if (!rc && old > r->note.at.size)
		r->old = r->note.at.size;
	return rc ? rc
		  : cosign_prove(dir, r->old, r->note.at.size, &r->proof, e);
}

/* --------------------------------------------------------------- cosign */

static int give(const struct cosigning *g, const struct buf *cosigned,
		struct err *e)
{
	struct buf answer = BUF_INIT(MAX_SAID);
	int rc;

	if (g->file)
		return file_write(g->file, cosigned->data, cosigned->len,
				  COSIGNED_MODE, e);
	if (strchr(g->from, '/'))
		return cli_print(cosigned, e);
	rc = ask_host(g, span_of(cosigned->data, cosigned->len), &answer, e);
	buf_release(&answer);
	return rc;
}

static int cosign(const struct cosigning *g, struct cosigner *c,
		  const struct note_vkeys *keys, struct err *e)
{
	struct buf cosigned = BUF_INIT(NOTE_MAX);
	struct cosign_request r = {0};
	struct checkpoint_note last;
	int rc = cosigner_last(c, keys->v[0].name, &last, e);
	uint64_t old = rc ? 0 : last.at.size;

	checkpoint_note_init(&r.note);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		rc = strchr(g->from, '/') ? request_from_dir(g, old, &r, e)
					  : request_from_host(g, old, &r, e);
	if (!rc) {
		rc = cosigner_sign(c, &r, keys, &cosigned, e);
		if (rc)
			err_wrap(e,
				 "%s: the checkpoint of %" PRIu64
				 " records is not cosigned",
				 g->from, r.note.at.size);
	}
	if (!rc)
		rc = give(g, &cosigned, e);
	if (!rc)
		fprintf(stderr, "gatepost: %s: cosigned %" PRIu64 " records\n",
			g->from, r.note.at.size);
	cosign_request_release(&r);
	checkpoint_note_release(&last);
	buf_release(&cosigned);
	return rc;
}

static int cosign_from(const struct cosigning *g, struct err *e)
{
	struct cosigner c = {.lock_fd = -1};
	struct note_vkeys keys = {0};
	int rc;

	if (!g->key)
		return err_set(e, ERR_USAGE,
			       "--from needs --key: what gatepost ledger key "
			       "show prints there");
	if (g->from[0] == '-' || !g->from[0])
		return err_set(e, ERR_USAGE, "--from needs a host or folder");
	rc = ledger_keys_read(g->key, &keys, e);
	if (!rc && !keys.n)
		rc = err_set(e, ERR_CONFIG, "%s: has no vkey", g->key);
	if (!rc)
		rc = cosigner_open(&c, g->dir, NULL, e);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(e, ERR_SYS,
			     "%s: has no key; gatepost ledger cosign "
			     "--show-key makes one",
			     g->dir);
	if (!rc) {
		rc = cosign(g, &c, &keys, e);
		if (rc == ERR_MALFORMED || rc == ERR_NOT_FOUND) {
			fprintf(stderr, "gatepost: %s\n", e->msg);
			rc = CLI_NO;
		}
	}
	cosigner_close(&c);
	note_vkeys_release(&keys);
	return rc;
}

static int show_key(const struct cosigning *g, const char *origin,
		    struct err *e)
{
	struct cosigner c = {.lock_fd = -1};
	struct buf name = BUF_INIT(NOTE_MAX_NAME);
	struct buf out = BUF_INIT(NOTE_MAX_VKEY);
	int rc = 0;

	if (g->name || origin)
		buf_addf(&name, "%s%s", g->name ? g->name : origin,
			 g->name ? "" : "/witness");
	if (!buf_ok(&name) || strpbrk(name.data, "+ \t\n"))
		rc = err_set(e, ERR_USAGE, "--name: is no name of a key");
	if (!rc)
		rc = cosigner_open(&c, g->dir, name.len ? name.data : NULL, e);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(e, ERR_USAGE,
			     "--state needs --name to make a key");
	if (!rc) {
		note_vkey_write(&c.key.public, &out);
		buf_addch(&out, '\n');
		rc = cli_print(&out, e);
	}
	cosigner_close(&c);
	buf_release(&name);
	buf_release(&out);
	return rc;
}

/* ------------------------------------------------------------------ run */

static int serve(const struct place *p, struct err *e)
{
	int rc = ledger_cosign_serve(p, e);

	if (rc == CLI_NO)
		fprintf(stderr, "gatepost: %s\n", e->msg);
	return rc;
}

static int run_here(struct cosigning *g, struct place *p, struct err *e)
{
	int rc = 0;

	if (g->serve || !g->state)
		rc = ledger_wish_open(&g->w, LEDGER_READ, p, e);
	if (!rc && g->serve)
		return serve(p, e);
	if (!rc && g->state)
		rc = file_join("", g->state, g->dir, e);
	else if (!rc)
		rc = file_join(ledger_dir(p->ledger), "cosign", g->dir, e);
	if (rc)
		return rc;
	if (g->show)
		return show_key(g, p->ledger ? ledger_origin(p->ledger) : NULL,
				e);
	return cosign_from(g, e);
}

static int run(int argc, char **argv, struct err *e)
{
	struct cosigning g = {0};
	const struct cli_option options[] = {
		{"--from", NULL, &g.from},
		{"--key", NULL, &g.key},
		{"--ssh", NULL, &g.ssh},
		{"-o", NULL, &g.file},
		{"--show-key", &g.show, NULL},
		{"--name", NULL, &g.name},
		{"--state", NULL, &g.state},
		{"--serve", &g.serve, NULL},
		{"--ledger", NULL, &g.w.ledger},
		{"--policy", NULL, &g.w.policy},
	};
	struct cli_args args;
	struct place p;
	int rc = cli_parse(argc, argv, options, 10, &args, e);

	if (!rc)
		rc = cli_expect(&args, 0, 0, "", e);
	if (!rc && !g.from + !g.show + !g.serve != 2)
		rc = err_set(e, ERR_USAGE,
			     "one of --from, --show-key, --serve");
	if (rc)
		return rc;
	place_init(&p);
	rc = run_here(&g, &p, e);
	place_release(&p);
	return rc;
}

const struct cli_command command_ledger_cosign = {
	.name = "cosign",
	.summary = "be a witness of another host's ledger",
	.help = help,
	.run = run,
};
