# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libledger.a
libledger_a_SOURCES = \
	src/ledger/accepted.c src/ledger/accepted.h \
	src/ledger/anchors.c src/ledger/anchors.h \
	src/ledger/anchors_private.h \
	src/ledger/anchors_publish.c src/ledger/anchors_read.c \
	src/ledger/append.c \
	src/ledger/checkpoint.c src/ledger/checkpoint.h \
	src/ledger/citations.c src/ledger/citations.h \
	src/ledger/cosign.c src/ledger/cosign.h \
	src/ledger/cited.c src/ledger/cited.h \
	src/ledger/crc32.c src/ledger/crc32.h \
	src/ledger/copy.c src/ledger/copy.h src/ledger/copy_private.h \
	src/ledger/copy_anchors.c src/ledger/copy_make.c \
	src/ledger/copy_tail.c \
	src/ledger/create.c \
	src/ledger/erase.c src/ledger/erase.h src/ledger/erase_private.h \
	src/ledger/erase_files.c \
	src/ledger/evidence.c \
	src/ledger/find.c \
	src/ledger/follow.c src/ledger/follow.h src/ledger/follow_private.h \
	src/ledger/follow_anchors.c \
	src/ledger/follow_records.c src/ledger/follow_served.c \
	src/ledger/frame.c src/ledger/frame.h \
	src/ledger/gone.c src/ledger/gone.h \
	src/ledger/index.c src/ledger/index.h \
	src/ledger/index_sorted.c src/ledger/index_sorted.h \
	src/ledger/internal.h \
	src/ledger/json.c src/ledger/json.h \
	src/ledger/landings.c src/ledger/landings.h \
	src/ledger/ledger.c src/ledger/ledger.h \
	src/ledger/lists.c src/ledger/lists.h \
	src/ledger/memory.c src/ledger/memory.h \
	src/ledger/memory_fill.c src/ledger/memory_fill.h \
	src/ledger/memory_rebuild.c \
	src/ledger/merkle.c src/ledger/merkle.h \
	src/ledger/merkle_prove.c \
	src/ledger/note.c src/ledger/note.h \
	src/ledger/note_key.c src/ledger/note_key.h \
	src/ledger/note_vkey.c \
	src/ledger/persons.c src/ledger/persons.h \
	src/ledger/persons_read.c \
	src/ledger/persons_splice.c src/ledger/persons_splice.h \
	src/ledger/proof.c src/ledger/proof.h \
	src/ledger/reader.c \
	src/ledger/repair.c \
	src/ledger/reserve.c src/ledger/reserve.h \
	src/ledger/retain.c src/ledger/retain.h \
	src/ledger/retain_finish.c \
	src/ledger/retain_sealed.c \
	src/ledger/run.c src/ledger/run.h \
	src/ledger/runs.c src/ledger/runs.h \
	src/ledger/seal.c src/ledger/seal.h \
	src/ledger/seal_check.c src/ledger/seal_check.h \
	src/ledger/seal_create.c \
	src/ledger/seal_health.c src/ledger/seal_health.h \
	src/ledger/seal_keys.c src/ledger/seal_keys.h \
	src/ledger/sealer.c src/ledger/sealer.h \
	src/ledger/search.c src/ledger/search.h \
	src/ledger/segment.c src/ledger/segment.h \
	src/ledger/segment_next.c \
	src/ledger/send.c src/ledger/send.h src/ledger/send_private.h \
	src/ledger/send_anchors.c src/ledger/send_records.c \
	src/ledger/state.c src/ledger/state.h \
	src/ledger/statements.c src/ledger/statements.h \
	src/ledger/terms.c src/ledger/terms.h \
	src/ledger/tile_files.c src/ledger/tile_files.h \
	src/ledger/tile_write.c src/ledger/tile_write.h \
	src/ledger/tiles.c src/ledger/tiles.h \
	src/ledger/timestamp.c src/ledger/timestamp.h \
	src/ledger/verify.c src/ledger/verify.h src/ledger/verify_private.h \
	src/ledger/verify_gone.c \
	src/ledger/verify_record.c \
	src/ledger/verify_tree.c \
	src/ledger/window.c src/ledger/window.h \
	src/ledger/wire.c src/ledger/wire.h

if HAVE_CHECK
ledger_test_libs = libledger.a libsys.a libbase.a $(ZLIB_LIBS) $(YYJSON_LIBS) \
	$(LIBCRYPTO_LIBS) $(CHECK_LIBS)
check_PROGRAMS += t/unit/ledger t/unit/ledger_faults t/unit/ledger_memory \
	t/unit/ledger_merkle t/unit/ledger_note t/unit/ledger_seal
t_unit_ledger_SOURCES = t/unit/ledger.c t/unit/ledger_help.h
t_unit_ledger_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_LDADD = $(ledger_test_libs)
t_unit_ledger_faults_SOURCES = t/unit/ledger_faults.c t/unit/ledger_help.h
t_unit_ledger_faults_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_faults_LDADD = $(ledger_test_libs)
check_PROGRAMS += t/unit/ledger_search
t_unit_ledger_search_SOURCES = t/unit/ledger_search.c t/unit/ledger_help.h
t_unit_ledger_search_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_search_LDADD = $(ledger_test_libs)
t_unit_ledger_memory_SOURCES = t/unit/ledger_memory.c t/unit/ledger_help.h
t_unit_ledger_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_memory_LDADD = $(ledger_test_libs)
t_unit_ledger_merkle_SOURCES = t/unit/ledger_merkle.c
t_unit_ledger_merkle_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_merkle_LDADD = $(ledger_test_libs)
t_unit_ledger_note_SOURCES = t/unit/ledger_note.c
t_unit_ledger_note_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_note_LDADD = $(ledger_test_libs)
t_unit_ledger_seal_SOURCES = t/unit/ledger_seal.c t/unit/ledger_help.h
t_unit_ledger_seal_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_seal_LDADD = $(ledger_test_libs)
endif

# Not a test: t/bench/ledger-append.sh runs it.
EXTRA_PROGRAMS += t/bench/ledger-append
EXTRA_DIST += t/bench/ledger-append.sh
t_bench_ledger_append_SOURCES = t/bench/ledger-append.c
t_bench_ledger_append_LDADD = libledger.a libsys.a libbase.a $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)

# Not a test: t/bench/ledger-find.sh runs it.
EXTRA_PROGRAMS += t/bench/ledger-find
EXTRA_DIST += t/bench/ledger-find.sh
t_bench_ledger_find_SOURCES = t/bench/ledger-find.c
t_bench_ledger_find_LDADD = libledger.a libsys.a libbase.a $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)

# Not a test: t/bench/memory-find.sh runs it.
EXTRA_PROGRAMS += t/bench/memory-find
EXTRA_DIST += t/bench/memory-find.sh
t_bench_memory_find_SOURCES = t/bench/memory-find.c
t_bench_memory_find_LDADD = libledger.a libsys.a libbase.a $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)

# Not a test: t/bench/ledger-scale.sh runs it.
EXTRA_PROGRAMS += t/bench/ledger-scale
EXTRA_DIST += t/bench/ledger-scale.sh
t_bench_ledger_scale_SOURCES = t/bench/ledger-scale.c
t_bench_ledger_scale_LDADD = libledger.a libsys.a libbase.a $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)
