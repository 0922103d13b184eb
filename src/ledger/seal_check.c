/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/seal_check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/internal.h"
#include "ledger/seal.h"
#include "ledger/tiles.h"

struct seal_check {
	int fd;
	struct tile_tree tiles;
	struct merkle_tree tree;
};

static int open_tiles(struct seal_check *c, struct ledger *l, uint64_t size,
		      struct err *e)
{
	int rc;

	c->fd = openat(l->dir_fd, "sealed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->fd < 0)
		return err_sys(e, "open %s/sealed", l->dir);
	rc = tile_tree_init(&c->tiles, tile_source_dir(&c->fd), size, e);
	if (!rc)
		c->tree = tile_tree_merkle(&c->tiles);
	return rc;
}

int seal_check_new(struct seal_check **out, struct ledger *l, struct err *e)
{
	struct seal_check *c = calloc(1, sizeof(*c));
	struct checkpoint_note last;
	int rc;

	*out = NULL;
	if (!c)
		return err_nomem(e);
	c->fd = -1;
	rc = seal_checkpoint_read(l, &last, e);
	if (!rc && last.at.size)
		rc = open_tiles(c, l, last.at.size, e);
	checkpoint_note_release(&last);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		rc = 0;
	}
	if (rc)
		seal_check_free(c);
	else
		*out = c;
	return rc;
}

void seal_check_free(struct seal_check *c)
{
	if (!c)
		return;
	tile_tree_release(&c->tiles);
	file_close(&c->fd);
	free(c);
}

int seal_check_item(struct seal_check *c, const struct ledger_item *item,
		    struct err *e)
{
	struct merkle_hash leaf, sealed;
	int rc;

	if (item->index >= c->tree.size)
		return 0;
	rc = c->tree.read(c->tree.arg, 0, item->index, &sealed, e);
	if (rc)
		return rc;
	merkle_leaf(item->json, &leaf);
	if (merkle_equal(&leaf, &sealed))
		return 0;
	return err_set(e, ERR_MALFORMED,
		       "record %" PRIu64 " is not the one that was sealed; "
		       "gatepost ledger verify tells what else has changed",
		       item->index);
}
