# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libchecks.a
libchecks_a_SOURCES = \
	src/checks/check.h src/checks/checks.c src/checks/checks.def \
	src/checks/history.c \
	src/checks/plan.c src/checks/plan.h \
	src/checks/provenance.c src/checks/provenance.h \
	src/checks/provenance_ask.c \
	src/checks/provenance_declared.c \
	src/checks/provenance_memory.c \
	src/checks/provenance_registered.c \
	src/checks/review.c src/checks/review.h \
	src/checks/review_ask.c \
	src/checks/review_judge.c \
	src/checks/review_options.c \
	src/checks/rollback.c src/checks/rollback.h \
	src/checks/rollback_plan.c \
	src/checks/signature.c src/checks/signature.h \
	src/checks/signature_push.c \
	src/checks/sink.c \
	src/checks/ticket.c src/checks/ticket.h \
	src/checks/ticket_ask.c \
	src/checks/undo.c src/checks/undo.h

if HAVE_CHECK
check_PROGRAMS += t/unit/checks
t_unit_checks_SOURCES = \
	t/unit/checks.c \
	t/unit/checks_help.c t/unit/checks_help.h \
	t/unit/checks_provenance.c \
	t/unit/checks_quorum.c \
	t/unit/checks_review.c \
	t/unit/checks_rollback.c \
	t/unit/checks_signature.c \
	t/unit/checks_ticket.c
t_unit_checks_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit \
	-DCONF_DIR='"$(abs_top_srcdir)/conf"'
t_unit_checks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_checks_LDADD = libchecks.a libpolicy.a libtrust.a libgit.a libsys.a \
	libbase.a $(LIBGIT2_LIBS) $(ZLIB_LIBS) $(YYJSON_LIBS) \
	$(LIBCRYPTO_LIBS) $(CHECK_LIBS)
endif
