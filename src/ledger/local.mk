# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libledger.a
libledger_a_SOURCES = \
	src/ledger/accepted.c src/ledger/accepted.h \
	src/ledger/append.c \
	src/ledger/create.c \
	src/ledger/evidence.c \
	src/ledger/find.c \
	src/ledger/frame.c src/ledger/frame.h \
	src/ledger/index.c src/ledger/index.h \
	src/ledger/internal.h \
	src/ledger/json.c src/ledger/json.h \
	src/ledger/ledger.c src/ledger/ledger.h \
	src/ledger/memory.c src/ledger/memory.h \
	src/ledger/memory_fill.c src/ledger/memory_fill.h \
	src/ledger/memory_rebuild.c \
	src/ledger/persons.c src/ledger/persons.h \
	src/ledger/persons_read.c \
	src/ledger/reader.c \
	src/ledger/repair.c \
	src/ledger/segment.c src/ledger/segment.h \
	src/ledger/segment_next.c \
	src/ledger/state.c src/ledger/state.h \
	src/ledger/window.c src/ledger/window.h

if HAVE_CHECK
ledger_test_libs = libledger.a libsys.a libbase.a $(ZLIB_LIBS) $(YYJSON_LIBS) \
	$(LIBCRYPTO_LIBS) $(CHECK_LIBS)
check_PROGRAMS += t/unit/ledger t/unit/ledger_faults t/unit/ledger_memory
t_unit_ledger_SOURCES = t/unit/ledger.c t/unit/ledger_help.h
t_unit_ledger_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_LDADD = $(ledger_test_libs)
t_unit_ledger_faults_SOURCES = t/unit/ledger_faults.c t/unit/ledger_help.h
t_unit_ledger_faults_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_faults_LDADD = $(ledger_test_libs)
t_unit_ledger_memory_SOURCES = t/unit/ledger_memory.c t/unit/ledger_help.h
t_unit_ledger_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_ledger_memory_LDADD = $(ledger_test_libs)
endif

# Not a test: t/bench/ledger-append.sh runs it.
EXTRA_PROGRAMS += t/bench/ledger-append
EXTRA_DIST += t/bench/ledger-append.sh
t_bench_ledger_append_SOURCES = t/bench/ledger-append.c
t_bench_ledger_append_LDADD = libledger.a libsys.a libbase.a $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)
