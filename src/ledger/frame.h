/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_FRAME_H
#define GATEPOST_LEDGER_FRAME_H

/**
 * How one record lies in a segment: three lines, the first of which is
 *
 *     #record INDEX BYTES PERSONS-BYTES ID CRC CRC
 *
 * then the record, then its persons. The first checksum covers the record's
 * bytes followed by the header up to the ID; the second the persons line,
 * alone, so that erasing a person leaves the first as it is. Both are
 * CRC-32 as in zlib. No record contains a line feed and each begins with
 * `{` or `[`, so a line that begins with `#record ` is a header, wherever a
 * reader starts to look.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

#define FRAME_MAGIC "#record "

enum {
	FRAME_MAX_HEADER = 128, /* with its LF */
	FRAME_MAX = FRAME_MAX_HEADER + LEDGER_MAX_RECORD + 1 +
		    LEDGER_MAX_PERSONS + 1
};

struct frame_header {
	uint64_t index;
	size_t json_len, persons_len;
	char id[UUID_TEXT_SIZE];
	uint32_t json_crc, persons_crc; /* json_crc covers the header too */
	size_t header_len;		/* with its LF */
	size_t covered;			/* header bytes that json_crc covers */
};

/** What a checked entry needs to become a frame once its index is known. */
struct frame_entry {
	struct span json, persons;
	char id[UUID_TEXT_SIZE];
	uint32_t json_crc, persons_crc; /* of the lines alone */
};

/** Compute the checksums of `f->json` and `f->persons`. */
void frame_entry_sum(struct frame_entry *f);

/** Write the header line of `f` as number `index`. @return its length */
size_t frame_header_write(const struct frame_entry *f, uint64_t index,
			  char out[FRAME_MAX_HEADER]);

/** Bytes of the whole frame whose header is `h`. */
size_t frame_size(const struct frame_header *h);

/** Read a header line that begins at `bytes`. @return false if none does */
bool frame_header_read(struct span bytes, struct frame_header *h);

/** Whether `bytes`, a whole frame with the header `h`, is intact. */
bool frame_intact(const char *bytes, const struct frame_header *h);

/** The same, and if not, what is wrong first. */
enum frame_damage {
	FRAME_WHOLE = 0,
	FRAME_LINES_CHANGED,  /* lines do not end where they should */
	FRAME_RECORD_CHANGED, /* the record or its header */
	FRAME_PERSONS_CHANGED
};
enum frame_damage frame_look(const char *bytes, const struct frame_header *h);

/** The two lines of an intact frame. */
struct span frame_json(const char *bytes, const struct frame_header *h);
struct span frame_persons(const char *bytes, const struct frame_header *h);

/**
 * The offset in `bytes` of the first line that looks like a header; `bytes.n`
 * when there is none.
 * @param line_start  whether `bytes` begin where a line does
 */
size_t frame_resync(struct span bytes, bool line_start);

#endif
