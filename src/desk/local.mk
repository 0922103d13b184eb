# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libdesk.a
libdesk_a_SOURCES = \
	src/desk/access.c src/desk/access.h \
	src/desk/book.c src/desk/book.h \
	src/desk/decision.c src/desk/decision.h \
	src/desk/decision_changes.c src/desk/decision_changes.h \
	src/desk/decision_draft.c src/desk/decision_draft.h \
	src/desk/decision_excused.c src/desk/decision_excused.h \
	src/desk/decision_findings.c src/desk/decision_findings.h \
	src/desk/decision_report.c src/desk/decision_report.h \
	src/desk/decision_rules.c src/desk/decision_rules.h \
	src/desk/decision_signed.c src/desk/decision_signed.h \
	src/desk/decision_tickets.c src/desk/decision_tickets.h \
	src/desk/erasure.c src/desk/erasure.h \
	src/desk/emergency.c src/desk/emergency.h \
	src/desk/emergency_book.c src/desk/emergency_book.h \
	src/desk/export.c src/desk/export.h \
	src/desk/export_csv.c \
	src/desk/export_intoto.c \
	src/desk/export_ocsf.c \
	src/desk/export_oscal.c \
	src/desk/export_private.h \
	src/desk/holds.c src/desk/holds.h \
	src/desk/reconcile.c src/desk/reconcile.h \
	src/desk/record.c src/desk/record.h \
	src/desk/ref_book.c src/desk/ref_book.h \
	src/desk/unverified.c src/desk/unverified.h \
	src/desk/unverified_book.c src/desk/unverified_book.h \
	src/desk/waiver.c src/desk/waiver.h \
	src/desk/waiver_book.c \
	src/desk/would.c src/desk/would.h \
	src/desk/remember.c src/desk/remember.h \
	src/desk/retention.c src/desk/retention.h \
	src/desk/retention_refs.c src/desk/retention_refs.h

if HAVE_CHECK
check_PROGRAMS += t/unit/desk t/unit/desk_export
t_unit_desk_SOURCES = \
	t/unit/desk.c \
	t/unit/gate_help.c t/unit/gate_help.h \
	t/unit/ledger_help.h
t_unit_desk_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
t_unit_desk_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_desk_LDADD = libdesk.a libgate.a libchecks.a libpolicy.a libtrust.a \
	libgit.a libledger.a libsys.a libbase.a $(LIBGIT2_LIBS) $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS) $(CHECK_LIBS)
t_unit_desk_export_SOURCES = t/unit/desk_export.c t/unit/ledger_help.h
t_unit_desk_export_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
t_unit_desk_export_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_desk_export_LDADD = $(t_unit_desk_LDADD)
endif
