/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/crc32.h"

void frame_entry_sum(struct frame_entry *f)
{
	f->json_crc = crc32_add(0, f->json.p, f->json.n);
	f->persons_crc = crc32_add(0, f->persons.p, f->persons.n);
}

size_t frame_header_write(const struct frame_entry *f, uint64_t index,
			  char out[FRAME_MAX_HEADER])
{
	int n = snprintf(out, FRAME_MAX_HEADER,
			 FRAME_MAGIC "%" PRIu64 " %zu %zu %s", index, f->json.n,
			 f->persons.n, f->id);
	uint32_t crc = crc32_add(f->json_crc, out, (size_t)n);

	n += snprintf(out + n, FRAME_MAX_HEADER - (size_t)n,
		      " %08" PRIx32 " %08" PRIx32 "\n", crc, f->persons_crc);
	return (size_t)n;
}

size_t frame_size(const struct frame_header *h)
{
	return h->header_len + h->json_len + 1 + h->persons_len + 1;
}

static bool take_number(struct cursor *c, uint64_t max, uint64_t *out)
{
	struct span word;

	if (!cursor_until(c, ' ', &word) || !word.n)
		return false;
	if (word.n > 1 && word.p[0] == '0')
		return false; /* one canonical form */
	return text_to_u64(word, max, out);
}

static bool take_crc(struct cursor *c, uint32_t *out)
{
	unsigned char raw[4];
	struct span hex;

	if (!cursor_take(c, 8, &hex) || !hex_decode(hex, raw, sizeof(raw)))
		return false;
	*out = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 |
	       (uint32_t)raw[2] << 8 | raw[3];
	return true;
}

bool frame_header_read(struct span bytes, struct frame_header *h)
{
	size_t n = bytes.n < FRAME_MAX_HEADER ? bytes.n : FRAME_MAX_HEADER;
	struct cursor c = cursor_of(bytes.p, n);
	uint64_t len, plen;
	struct span id;

	if (!cursor_literal(&c, FRAME_MAGIC) ||
	    !take_number(&c, UINT64_MAX - 1, &h->index) ||
	    !take_number(&c, LEDGER_MAX_RECORD, &len) ||
	    !take_number(&c, LEDGER_MAX_PERSONS, &plen) ||
	    !cursor_take(&c, UUID_TEXT_SIZE - 1, &id) || !uuid_is(id))
		return false;
	h->covered = (size_t)(c.p - bytes.p);
	if (!cursor_literal(&c, " ") || !take_crc(&c, &h->json_crc) ||
	    !cursor_literal(&c, " ") || !take_crc(&c, &h->persons_crc) ||
	    !cursor_literal(&c, "\n"))
		return false;
	h->header_len = (size_t)(c.p - bytes.p);
	h->json_len = (size_t)len;
	h->persons_len = (size_t)plen;
	memcpy(h->id, id.p, id.n);
	h->id[id.n] = '\0';
	return true;
}

struct span frame_json(const char *bytes, const struct frame_header *h)
{
	return span_of(bytes + h->header_len, h->json_len);
}

struct span frame_persons(const char *bytes, const struct frame_header *h)
{
	return span_of(bytes + h->header_len + h->json_len + 1, h->persons_len);
}

enum frame_damage frame_look(const char *bytes, const struct frame_header *h)
{
	struct span json = frame_json(bytes, h);
	struct span persons = frame_persons(bytes, h);
	uint32_t crc;

	if (json.p[json.n] != '\n' || persons.p[persons.n] != '\n')
		return FRAME_LINES_CHANGED;
	crc = crc32_add(0, json.p, json.n);
	if (crc32_add(crc, bytes, h->covered) != h->json_crc)
		return FRAME_RECORD_CHANGED;
	return crc32_add(0, persons.p, persons.n) == h->persons_crc
		       ? FRAME_WHOLE
		       : FRAME_PERSONS_CHANGED;
}

bool frame_intact(const char *bytes, const struct frame_header *h)
{
	return frame_look(bytes, h) == FRAME_WHOLE;
}

size_t frame_resync(struct span bytes, bool line_start)
{
	size_t magic = sizeof(FRAME_MAGIC) - 1, at = 0;

	for (;;) {
		const char *lf;

		if (line_start && bytes.n - at >= magic &&
		    memcmp(bytes.p + at, FRAME_MAGIC, magic) == 0)
			return at;
		lf = memchr(bytes.p + at, '\n', bytes.n - at);
		if (!lf)
			return bytes.n;
		at = (size_t)(lf - bytes.p) + 1;
		line_start = true;
	}
}
