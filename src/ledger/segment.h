/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEGMENT_H
#define GATEPOST_LEDGER_SEGMENT_H

/**
 * Segments: the files in which frames lie, one behind the other. A segment
 * is named by the number of its first record, and its records end where the
 * next segment's begin, even if it holds more (what a failed sync left).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "ledger/frame.h"
#include "ledger/gone.h"
#include "ledger/window.h"

enum { SEGMENT_NAME_SIZE = 40, SEGMENT_MAX_LIST = 1 << 20 };

/** `segments/<20 digits>.log`, below the ledger's directory. */
void segment_name(uint64_t first, char out[SEGMENT_NAME_SIZE]);

/** First indices in ascending order, without those that retention took. */
struct segment_list {
	uint64_t *first;
	size_t n, cap;
	struct gone_list gone;
};

int segment_list_read(struct segment_list *l, int dir_fd, struct err *e);
void segment_list_release(struct segment_list *l);

/** The place in the list of the segment that holds `index` (the first one
 * for an index before all). The list must not be empty. */
size_t segment_list_find(const struct segment_list *l, uint64_t index);

/** The first number behind those of the segment at this place; UINT64_MAX
 * for the last. */
uint64_t segment_list_bound(const struct segment_list *l, size_t place);

/** Open with `flags` (O_RDONLY …). ERR_NOT_FOUND when it is not there. */
int segment_open(int dir_fd, uint64_t first, int flags, int *fd, struct err *e);

/**
 * A segment in the making: `segments/next` until it is complete. The append
 * lock is held from begin to release.
 */
struct segment_next {
	int dir_fd, fd;
	uint64_t size;
};

int segment_begin(struct segment_next *s, int dir_fd, mode_t mode,
		  struct err *e);

/** Append one frame to it. */
int segment_add(struct segment_next *s, const struct frame_entry *f,
		uint64_t index, struct err *e);

/**
 * Make content and name durable.
 * @param aside  there is a segment of this name: it becomes
 *   `<20 digits>.aside-<n>`
 */
int segment_commit(struct segment_next *s, uint64_t first, bool aside,
		   struct err *e);

/** Close, and remove what was not committed. */
void segment_next_release(struct segment_next *s);

/**
 * Write a frame at the end of an O_APPEND descriptor, whatever number of
 * calls it takes. On an error (errno stays) part of it may be there.
 */
int segment_write(int fd, const struct frame_entry *f, uint64_t index,
		  size_t *written);

/**
 * Whether this is root, whose files the hooks could not write; then `st` is
 * of those to whom to give them: segments/ belongs to whom hooks run as, be
 * the directory around it another user's or not.
 */
bool segment_owner(int dir_fd, struct stat *st);

int segment_size(int fd, uint64_t *size, struct err *e);

/** What stands at an offset. */
enum segment_at {
	SEGMENT_END = 0,   /* nothing: the end of the file */
	SEGMENT_FRAME = 1, /* an intact frame */
	SEGMENT_BAD = 2	   /* anything else */
};

/**
 * Look at `offset`. With SEGMENT_FRAME, `h` and the frame's bytes, valid
 * until the next use of the window.
 * @return enum segment_at, or a negative error
 */
int segment_look(struct window *w, uint64_t offset, struct frame_header *h,
		 const char **bytes, struct err *e);

/** As segment_look, but the header alone is read and judged. */
int segment_look_header(struct window *w, uint64_t offset,
			struct frame_header *h, struct err *e);

/**
 * The offset of the first header line at or after `offset`, which is the
 * start of a line or within one.
 * @return 1, 0 when there is none, negative on error
 */
int segment_next_header(struct window *w, uint64_t offset, uint64_t *found,
			struct frame_header *h, struct err *e);

/**
 * The first intact frame at or behind `offset`. A frame whose header is
 * good is stepped over by its length, since the damage may be in its last
 * line feed, without which no reader sees the next header.
 * @return 1 with the frame, 0 when there is none, negative on error
 */
int segment_next_frame(struct window *w, uint64_t offset, uint64_t *found,
		       struct frame_header *h, const char **bytes,
		       struct err *e);

/**
 * The offset of a frame near which to begin walking: its header satisfies
 * `before`, and at most some 128 KiB of further such frames follow. For
 * headers ordered so that those that satisfy it come first. 0 when unsure.
 */
int segment_search(struct window *w,
		   bool (*before)(const struct frame_header *, const void *),
		   const void *arg, uint64_t *offset, struct err *e);

/**
 * Walk over intact frames, numbered from `*index` on, that begin at
 * `*offset`; both are then what follows the last.
 */
int segment_walk(struct window *w, uint64_t *offset, uint64_t *index,
		 struct err *e);

#endif
