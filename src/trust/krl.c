/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/krl.h"

#include <stdint.h>
#include <string.h>

#include "trust/ssh_key.h"
#include "trust/ssh_pkey.h"

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

static bool has_nul(struct span s)
{
	return s.n && memchr(s.p, 0, s.n);
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
	/* a length that was changed makes a comment of what follows */
	if (has_nul(comment))
		return malformed(e, "there is a NUL in its comment");
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
	    !cursor_string(&c, &contents) || cursor_left(&c) || has_nul(name))
		return malformed(e, "an extension is cut short");
	if (critical)
		return err_set(e, ERR_CONFIG,
			       "the KRL has a critical extension that is not "
			       "understood");
	return 0;
}

static int off(struct err *e)
{
	return malformed(e, "a certificate section is off");
}

static int read_serial_list(struct revoked *r, uint32_t authority,
			    struct cursor c, struct err *e)
{
	uint64_t serial;
	int rc = cursor_left(&c) ? 0 : off(e);

	while (!rc && cursor_left(&c)) {
		if (!cursor_u64(&c, &serial))
			return off(e);
		rc = revoked_add_serials(r, authority, serial, serial, e);
	}
	return rc;
}

static int read_serial_range(struct revoked *r, uint32_t authority,
			     struct cursor c, struct err *e)
{
	uint64_t least, most;

	if (!cursor_u64(&c, &least) || !cursor_u64(&c, &most) || least > most ||
	    cursor_left(&c))
		return off(e);
	return revoked_add_serials(r, authority, least, most, e);
}

/* Bit 0 is the lowest of a big-endian number. */
static bool bit(struct span bits, uint64_t i)
{
	unsigned char byte = (unsigned char)bits.p[bits.n - 1 - i / 8];

	return byte >> i % 8 & 1;
}

static int read_serial_bitmap(struct revoked *r, uint32_t authority,
			      struct cursor c, struct err *e)
{
	uint64_t offset, i, start, nbits;
	struct span bits;
	int rc = 0;

	if (!cursor_u64(&c, &offset) || !ssh_take_mpint(&c, &bits) ||
	    cursor_left(&c))
		return off(e);
	nbits = 8 * (uint64_t)bits.n;
	/* the bits above the number's first one are zero anyway */
	while (!bit(bits, nbits - 1))
		nbits--;
	if (nbits - 1 > UINT64_MAX - offset)
		return off(e);
	for (i = 0; !rc && i < nbits; i++) {
		if (!bit(bits, i))
			continue;
		for (start = i; i + 1 < nbits && bit(bits, i + 1);)
			i++;
		rc = revoked_add_serials(r, authority, offset + start,
					 offset + i, e);
	}
	return rc;
}

static int read_ids(struct revoked *r, uint32_t authority, struct cursor c,
		    struct err *e)
{
	struct span id;
	int rc = cursor_left(&c) ? 0 : off(e);

	while (!rc && cursor_left(&c)) {
		if (!cursor_string(&c, &id) || has_nul(id))
			return off(e);
		rc = revoked_add_id(r, authority, id, e);
	}
	return rc;
}

static int read_cert_section(struct revoked *r, uint32_t authority,
			     uint8_t type, struct span data, struct err *e)
{
	struct cursor c = cursor_of(data.p, data.n);

	switch (type) {
	case CERT_SERIAL_LIST:
		return read_serial_list(r, authority, c, e);
	case CERT_SERIAL_RANGE:
		return read_serial_range(r, authority, c, e);
	case CERT_SERIAL_BITMAP:
		return read_serial_bitmap(r, authority, c, e);
	case CERT_KEY_ID:
		return read_ids(r, authority, c, e);
	case CERT_EXTENSION:
		return read_extension(data, e);
	default:
		return err_set(e, ERR_CONFIG,
			       "the KRL has a certificate section of type "
			       "0x%02x, which is not understood",
			       (unsigned)type);
	}
}

static int read_authority(struct revoked *r, struct span blob,
			  uint32_t *authority, struct err *e)
{
	const char *why = blob.n ? revoked_key_fault(blob) : NULL;

	if (why)
		return err_set(e, ERR_CONFIG,
			       "the KRL has an authority that is malformed or "
			       "not understood: %s",
			       why);
	return revoked_add_authority(r, blob, authority, e);
}

static int read_certificates(struct revoked *r, struct span data, struct err *e)
{
	struct cursor c = cursor_of(data.p, data.n);
	struct span blob, reserved, part;
	uint32_t authority;
	uint8_t type;
	int rc;

	if (!cursor_string(&c, &blob) || !cursor_string(&c, &reserved))
		return malformed(e, "a certificate section is cut short");
	rc = read_authority(r, blob, &authority, e);
	while (!rc && cursor_left(&c)) {
		if (!cursor_u8(&c, &type) || !cursor_string(&c, &part))
			return malformed(e, "a certificate section is cut "
					    "short");
		rc = read_cert_section(r, authority, type, part, e);
	}
	return rc;
}

static int verify_bytes(const struct ssh_key *key,
			const struct ssh_raw_sig *sig, struct span covered,
			bool *good, struct err *e)
{
	struct ssh_pkey *pkey;
	int rc = ssh_pkey_new(&pkey, key, e);

	if (rc)
		return rc;
	rc = ssh_pkey_verify(pkey, key, sig, covered, good, e);
	ssh_pkey_free(pkey);
	return rc;
}

/* @param covered  the KRL up to and with the key that signed it */
static int read_signature(struct span blob, struct span bytes,
			  struct span covered, struct err *e)
{
	struct ssh_raw_sig sig;
	struct ssh_key key;
	const char *why;
	bool good;
	int rc;

	if (ssh_key_parse(&key, blob, &why) ||
	    ssh_raw_sig_read(&sig, &key, bytes, &why))
		return err_set(e, ERR_CONFIG,
			       "the KRL's signature is not accepted: %s", why);
	rc = verify_bytes(&key, &sig, covered, &good, e);
	if (!rc && !good)
		rc = err_set(e, ERR_CONFIG,
			     "the KRL does not match its signature");
	return rc;
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
	struct span data, signature, covered;
	bool signed_ = false;
	uint8_t type;
	int rc = read_header(&c, e);

	while (!rc && cursor_left(&c)) {
		if (!cursor_u8(&c, &type) || !cursor_string(&c, &data))
			return malformed(e, "a section is cut short");
		if (type == SECTION_SIGNATURE) {
			covered = span_of(content.p, (size_t)(c.p - content.p));
			if (!cursor_string(&c, &signature))
				return malformed(e, "its signature is cut "
						    "short");
			signed_ = true;
			rc = read_signature(data, signature, covered, e);
		} else if (signed_) {
			return malformed(e, "a section follows its signature");
		} else {
			rc = read_section(r, type, data, e);
		}
	}
	return rc;
}
