/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_OBJECT_PARSE_H
#define GATEPOST_GIT_OBJECT_PARSE_H

/**
 * Strict parsers of commit, tag and tree bytes. One canonical form is
 * accepted, as `git commit`, `git tag` and `git write-tree` produce it; what
 * other parsers may read in two ways is a fault. All spans point into the
 * bytes that were given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "git/oid.h"
#include "git/repository.h"

enum object_fault_code {
	FAULT_NONE = 0,
	FAULT_MALFORMED, /* object/malformed */
	FAULT_ENCODING,	 /* object/encoding */
	FAULT_NUL,	 /* object/nul */
	FAULT_TOO_BIG	 /* object/too-big */
};

enum { FAULT_MAX_TEXT = 200 };

struct object_fault {
	enum object_fault_code code;
	char text[FAULT_MAX_TEXT]; /* for people; may quote hostile bytes */
};

/** Limits of what is read; zero fields mean the defaults below. */
struct object_limits {
	size_t message;	 /* bytes of a message */
	size_t trailers; /* in one message */
	size_t depth;	 /* of nested trees, of nested tags */
	size_t parents;	 /* of a commit */
	size_t paths;	 /* changed in a push */
	size_t refs;	 /* updated in a push */
};
extern const struct object_limits object_limits_default;

/**
 * `Name <mail> seconds zone`, the zone as `+hhmm`: one pair of angle brackets,
 * no NUL, CR or LF, the time in digits without leading zeros, before the year
 * 10000. The bytes of a name need not be UTF-8: old histories have others.
 */
struct ident {
	struct span raw;  /* the whole value */
	struct span name; /* trimmed; may be empty */
	struct span mail; /* between the angle brackets; may be empty */
	int64_t when;	  /* seconds since 1970 */
	int zone;	  /* minutes east of UTC */
};

/** Read one identity strictly. @return false with `fault` set */
bool ident_parse(struct span value, struct ident *out,
		 struct object_fault *fault);

/**
 * A commit's headers: tree, parents, author, committer; then, in any order,
 * at most one `encoding`, at most one signature (`gpgsig`, in SHA-256
 * repositories `gpgsig-sha256`, never the other one's), `mergetag`, and
 * headers of any other name that is no look-alike of those; the empty line.
 * A signature is one armored block and nothing else.
 */
struct commit {
	enum oid_algo algo;
	struct span raw;
	struct oid tree;
	size_t nparents;
	const char *parent_lines; /* see commit_parent */
	struct ident author, committer;
	struct span encoding;  /* value; empty when there is no header */
	struct span signature; /* the header with its folded lines and final
				* LF, in `raw`; empty when unsigned */
	bool has_mergetag;
	struct span message; /* behind the empty line; may be empty */
};

/**
 * Parse strictly.
 * @return false with `fault` set: FAULT_ENCODING when only the encoding
 *         header is unwelcome and FAULT_NUL when only a NUL in the message is
 *         (`out` is then filled, for tools that go on)
 */
bool commit_parse(struct span raw, enum oid_algo algo,
		  const struct object_limits *limits, struct commit *out,
		  struct object_fault *fault);

/** The i-th parent, i < nparents. */
void commit_parent(const struct commit *c, size_t i, struct oid *out);

/**
 * The signature as text with the header's folding undone (ends in LF), and
 * the bytes it covers: the raw object without that header.
 * @return -1 when a buffer failed or the commit is unsigned
 */
int commit_signature(const struct commit *c, struct buf *signature,
		     struct buf *payload);

/**
 * The least that a walk needs from a commit whose history is already
 * accepted: tree, parents, committer's time. Lenient about everything else.
 */
struct commit_links {
	struct oid tree;
	size_t nparents;
	const char *parent_lines; /* borrowed from `raw` */
	int64_t when;		  /* 0 when it cannot be read */
};
bool commit_parse_links(struct span raw, enum oid_algo algo,
			struct commit_links *out);
void commit_links_parent(const struct commit_links *c, enum oid_algo algo,
			 size_t i, struct oid *out);

/**
 * A tag's headers are object, type, tag and tagger, and no other. What
 * begins like a signature is one, must be the only one, and ends the object.
 */
struct tag {
	enum oid_algo algo;
	struct span raw;
	struct oid object;
	enum object_type type;
	struct span name;
	struct ident tagger;
	struct span message;   /* without the signature */
	struct span signature; /* from its BEGIN line to the object's end */
	struct span payload;   /* what the signature covers */
};

/** Parse strictly. A tag without tagger is a fault. */
bool tag_parse(struct span raw, enum oid_algo algo,
	       const struct object_limits *limits, struct tag *out,
	       struct object_fault *fault);
/** Only what it points to. */
bool tag_parse_target(struct span raw, enum oid_algo algo, struct oid *object,
		      enum object_type *type);

/** File modes of tree entries. */
enum {
	MODE_TREE = 0040000,
	MODE_BLOB = 0100644,
	MODE_EXEC = 0100755,
	MODE_LINK = 0120000,
	MODE_GITLINK = 0160000
};

struct tree_entry {
	unsigned mode;
	struct span name;
	const char *raw_id; /* oid_raw_size bytes */
};

/** More files of one directory than this, each the beginning of the next
 * one's name (`a`, `a-b`, `a-b-c`), are a fault. */
enum { TREE_ITER_MAX_OPEN = 64 };

/**
 * Iterates over a tree's bytes and checks form, order and names. Mode 100664
 * is told as 100644, as git does; `040000` as 40000: untouched directories
 * of old histories have both.
 */
struct tree_iter {
	struct cursor at;
	enum oid_algo algo;
	struct tree_entry last; /* for the order */
	bool has_last;
	size_t nopen, open[TREE_ITER_MAX_OPEN]; /* private */
};
void tree_iter_init(struct tree_iter *it, struct span raw, enum oid_algo algo);
/** @return 1 with an entry, 0 at the end, -1 with `fault` set */
int tree_iter_next(struct tree_iter *it, struct tree_entry *out,
		   struct object_fault *fault);

/** How git orders tree entries: as if a directory's name ended in `/`. */
int tree_name_compare(struct span a, unsigned amode, struct span b,
		      unsigned bmode);

#endif
