# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/array.c src/base/array.h \
	src/base/buf.c src/base/buf.h \
	src/base/cursor.c src/base/cursor.h \
	src/base/encode.c src/base/encode.h \
	src/base/err.c src/base/err.h \
	src/base/glob.c src/base/glob.h \
	src/base/name_map.c src/base/name_map.h \
	src/base/sha256.c src/base/sha256.h \
	src/base/text.c src/base/text.h \
	src/base/time.c src/base/time.h \
	src/base/uuid.c src/base/uuid.h

if HAVE_CHECK
check_PROGRAMS += t/unit/base
t_unit_base_SOURCES = t/unit/base.c
t_unit_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_base_LDADD = libbase.a $(LIBCRYPTO_LIBS) $(CHECK_LIBS)
endif
