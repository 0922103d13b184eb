/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/krl.h"

#include <stdint.h>

static const char magic[] = "SSHKRL\n"; /* and its NUL */

enum section {
	SECTION_CERTIFICATES = 1,
	SECTION_KEY = 2,
	SECTION_SHA1 = 3,
	SECTION_SIGNATURE = 4,
	SECTION_SHA256 = 5,
	SECTION_EXTENSION = 255
};

enum cert_section {
	CERT_SERIAL_LIST = 0x20,
	CERT_SERIAL_RANGE = 0x21,
	CERT_SERIAL_BITMAP = 0x22,
	CERT_KEY_ID = 0x23,
	CERT_EXTENSION = 0x39
};

bool krl_is(struct span content)
{
	return content.n >= sizeof(magic) &&
	       span_equal(span_of(content.p, sizeof(magic)),
			  span_of(magic, sizeof(magic)));
}

static int malformed(struct err *e, const char *what)
{
	return err_set(e, ERR_CONFIG, "the KRL is malformed: %s", what);
}

static int read_header(struct cursor *c, struct err *e)
{
	struct span start, reserved, comment;
	uint32_t format;
	uint64_t version, when, flags;

	if (!cursor_take(c, sizeof(magic), &start) || !cursor_u32(c, &format))
		return malformed(e, "its header is cut short");
	if (format != 1)
		return err_set(e, ERR_CONFIG,
			       "the KRL's format version is %u, not 1",
			       (unsigned)format);
	if (!cursor_u64(c, &version) || !cursor_u64(c, &when) ||
	    !cursor_u64(c, &flags) || !cursor_string(c, &reserved) ||
	    !cursor_string(c, &comment))
		return malformed(e, "its header is cut short");
	if (flags || reserved.n)
		return err_set(e, ERR_CONFIG,
			       "the KRL has flags or a reserved field that "
			       "are not understood");
	return 0;
}

/* A section of strings, each a key or (of `size` bytes) a digest. */
static int read_strings(struct revoked *r, enum revoked_kind kind, size_t size,
			struct span data, struct err *e)
{
	struct cursor c = cursor_of(data.p, data.n);
	struct span s;
	int rc = 0;

	if (!data.n)
		return malformed(e, "a section is empty");
	while (!rc && cursor_left(&c)) {
		if (!cursor_string(&c, &s))
			return malformed(e, "a section is cut short");
		if (size && s.n != size)
			return malformed(e, "a digest has a wrong length");
		rc = size ? revoked_add(r, kind, s, e)
			  : revoked_add_key(r, s, e);
	}
	return rc;
}

static int read_extension(struct span data, struct err *e)
{
	struct cursor c = cursor_of(data.p, data.n);
	struct span name, contents;
	uint8_t critical;

	if (!cursor_string(&c, &name) || !cursor_u8(&c, &critical) ||
	    !cursor_string(&c, &contents) || cursor_left(&c))
		return malformed(e, "an extension is cut short");
	if (critical)
		return err_set(e, ERR_CONFIG,
			       "the KRL has a critical extension that is not "
			       "understood");
	return 0;
}

static bool serial_bitmap_ok(struct cursor c)
{
	struct span bits;
	uint64_t offset;

	return cursor_u64(&c, &offset) && cursor_string(&c, &bits) && bits.n &&
	       !(bits.p[0] & 0x80) && !cursor_left(&c);
}

static bool serial_range_ok(struct cursor c)
{
	uint64_t least, most;

	return cursor_u64(&c, &least) && cursor_u64(&c, &most) &&
	       least <= most && !cursor_left(&c);
}

static bool key_ids_ok(struct cursor c)
{
	struct span id;

	while (cursor_left(&c))
		if (!cursor_string(&c, &id))
			return false;
	return true;
}

static int read_cert_section(uint8_t type, struct span data, struct err *e)
{
	struct cursor c = cursor_of(data.p, data.n);
	bool ok = data.n > 0;

	switch (type) {
	case CERT_SERIAL_LIST:
		ok = ok && data.n % sizeof(uint64_t) == 0;
		break;
	case CERT_SERIAL_RANGE:
		ok = ok && serial_range_ok(c);
		break;
	case CERT_SERIAL_BITMAP:
		ok = ok && serial_bitmap_ok(c);
		break;
	case CERT_KEY_ID:
		ok = ok && key_ids_ok(c);
		break;
	case CERT_EXTENSION:
		return read_extension(data, e);
	default:
		return err_set(e, ERR_CONFIG,
			       "the KRL has a certificate section of type "
			       "0x%02x, which is not understood",
			       (unsigned)type);
	}
	return ok ? 0 : malformed(e, "a certificate section is off");
}

static int read_certificates(struct revoked *r, struct span data, struct err *e)
{
	struct cursor c = cursor_of(data.p, data.n);
	struct span authority, reserved, part;
	uint8_t type;
	int rc;

	if (!cursor_string(&c, &authority) || !cursor_string(&c, &reserved))
		return malformed(e, "a certificate section is cut short");
	while (cursor_left(&c)) {
		if (!cursor_u8(&c, &type) || !cursor_string(&c, &part))
			return malformed(e, "a certificate section is cut "
					    "short");
		rc = read_cert_section(type, part, e);
		if (rc)
			return rc;
		r->certificates++;
	}
	return 0;
}

static int read_section(struct revoked *r, uint8_t type, struct span data,
			struct err *e)
{
	switch (type) {
	case SECTION_CERTIFICATES:
		return read_certificates(r, data, e);
	case SECTION_KEY:
		return read_strings(r, REVOKED_KEY, 0, data, e);
	case SECTION_SHA1:
		return read_strings(r, REVOKED_SHA1, 20, data, e);
	case SECTION_SHA256:
		return read_strings(r, REVOKED_SHA256, 32, data, e);
	case SECTION_EXTENSION:
		return read_extension(data, e);
	default:
		return err_set(e, ERR_CONFIG,
			       "the KRL has a section of type %u, which is not "
			       "understood",
			       (unsigned)type);
	}
}

int krl_read(struct revoked *r, struct span content, struct err *e)
{
	struct cursor c = cursor_of(content.p, content.n);
	struct span data, signature;
	bool signed_ = false;
	uint8_t type;
	int rc = read_header(&c, e);

	while (!rc && cursor_left(&c)) {
		if (!cursor_u8(&c, &type) || !cursor_string(&c, &data))
			return malformed(e, "a section is cut short");
		if (type == SECTION_SIGNATURE) {
			if (!cursor_string(&c, &signature))
				return malformed(e, "its signature is cut "
						    "short");
			signed_ = true;
		} else if (signed_) {
			return malformed(e, "a section follows its signature");
		} else {
			rc = read_section(r, type, data, e);
		}
	}
	return rc;
}
