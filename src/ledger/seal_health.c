/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/seal_health.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "ledger/internal.h"
#include "ledger/seal.h"
#include "ledger/terms.h"

static void say(struct seal_health *h, bool well, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct seal_health *h, bool well, const char *fmt, ...)
{
	va_list ap;

	h->well = well;
	va_start(ap, fmt);
	vsnprintf(h->text, sizeof(h->text), fmt, ap);
	va_end(ap);
}

/* There is no checkpoint: was there ever one? */
static void say_none(struct ledger *l, struct seal_health *h)
{
	if (faccessat(l->dir_fd, "sealed", F_OK, AT_SYMLINK_NOFOLLOW))
		say(h, true, "none; gatepost ledger key rotate makes the keys");
	else
		say(h, false,
		    "sealed/checkpoint is missing: gatepost ledger verify "
		    "tells what else is, gatepost ledger seal puts it back");
}

/*
 * How long a record has waited. One from the future tells that clocks have
 * jumped, and not when it was made; then the last checkpoint's file counts.
 */
static int64_t waiting_ms(struct ledger *l, const struct ledger_item *item,
			  int64_t now)
{
	int64_t ms = now - terms_time(NULL, item->id);
	struct stat st;

	if (ms >= -SEAL_LATE_SECONDS * 1000)
		return ms;
	if (fstatat(l->dir_fd, "sealed/checkpoint", &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	return now - (int64_t)st.st_mtime * 1000;
}

static void say_waiting(struct ledger *l, const struct ledger_item *item,
			int64_t now, struct seal_health *h)
{
	int64_t ms = waiting_ms(l, item, now);
	bool late = ms > SEAL_LATE_SECONDS * 1000;

	say(h, !late,
	    "%" PRIu64 " records sealed, %" PRIu64
	    " not yet, the first %" PRId64 " s old%s",
	    h->sealed, h->records - h->sealed, ms > 0 ? ms / 1000 : 0,
	    late ? "; nothing is delivered before: gatepost ledger seal tells "
		   "what keeps it"
		 : "");
}

/* The first record that is not sealed. */
static int look_at_next(struct ledger *l, int64_t now, struct seal_health *h,
			struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, h->sealed, e);

	if (rc)
		return rc;
	rc = ledger_reader_next(r, &item, e);
	if (rc == ERR_MALFORMED)
		say(h, false,
		    "%" PRIu64 " records sealed; nothing more is sealed or "
		    "delivered: %s; gatepost ledger seal --damaged goes on "
		    "behind it",
		    h->sealed, e->msg);
	else if (rc == 1)
		say_waiting(l, &item, now, h);
	ledger_reader_free(r);
	if (rc == ERR_MALFORMED)
		err_clear(e);
	return rc < 0 && rc != ERR_MALFORMED ? rc : 0;
}

int seal_health_read(struct ledger *l, int64_t now, struct seal_health *out,
		     struct err *e)
{
	struct checkpoint_note c;
	struct err why = {0};
	int rc;

	*out = (struct seal_health){0};
	rc = ledger_size(l, &out->records, e);
	if (rc)
		return rc;
	rc = seal_checkpoint_read(l, &c, &why);
	out->sealed = c.at.size;
	checkpoint_note_release(&c);
	if (rc == ERR_NOT_FOUND) {
		say_none(l, out);
		return 0;
	}
	if (rc) {
		/* who runs git need not be able to read it */
		say(out, rc == ERR_SYS, "%s", why.msg);
		return 0;
	}
	if (out->sealed > out->records) {
		say(out, false,
		    "%" PRIu64 " records were sealed, and some are gone: "
		    "gatepost ledger verify",
		    out->sealed);
		return 0;
	}
	say(out, true, "%" PRIu64 " records sealed", out->sealed);
	return out->sealed < out->records ? look_at_next(l, now, out, e) : 0;
}
