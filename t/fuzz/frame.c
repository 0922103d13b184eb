/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "ledger/frame.h"

FUZZ(frame)
{
	struct span all = span_of(data, size);
	struct frame_header h;

	FUZZ_MUST(frame_resync(all, true) <= size);
	FUZZ_MUST(frame_resync(all, false) <= size);
	if (!frame_header_read(all, &h))
		return;
	FUZZ_MUST(h.header_len <= size && h.header_len <= FRAME_MAX_HEADER);
	FUZZ_MUST(frame_size(&h) <= FRAME_MAX);
	if (frame_size(&h) > size || !frame_intact(data, &h))
		return;
	FUZZ_MUST(frame_json(data, &h).n == h.json_len);
	FUZZ_MUST(frame_persons(data, &h).n == h.persons_len);
}
