/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "ledger/checkpoint.h"

/* Checkpoints and their cosignatures come from elsewhere. */
FUZZ(note)
{
	struct note_vkeys keys = {0}, none = {0};
	struct checkpoint at;
	struct note note;
	struct err e = {0};

	if (!note_parse(&note, span_of(data, size), &e)) {
		FUZZ_MUST(note.nsigs && note.nsigs <= NOTE_MAX_SIGNATURES);
		FUZZ_MUST(note.text.p == data && note.text.n < size);
		checkpoint_parse(&at, note.text, &e);
		FUZZ_MUST(note_verify(&note, &none, NULL, &e) != 0);
	}
	note_release(&note);
	note_vkeys_parse(&keys, span_of(data, size), &e);
	note_vkeys_release(&keys);
}
