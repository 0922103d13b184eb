# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libgate.a
libgate_a_SOURCES = \
	src/gate/advice.c src/gate/advice.h \
	src/gate/answer.c src/gate/answer.h \
	src/gate/ask.c src/gate/ask.h \
	src/gate/ask_ticket.c src/gate/ask_ticket.h \
	src/gate/ask_patch.c src/gate/ask_patch.h \
	src/gate/bots.c src/gate/bots.h \
	src/gate/bringers.c src/gate/bringers.h \
	src/gate/carry.c src/gate/carry.h \
	src/gate/carry_landed.c src/gate/carry_landed.h \
	src/gate/carry_picks.c src/gate/carry_picks.h \
	src/gate/carry_take.c src/gate/carry_take.h \
	src/gate/certificate.c src/gate/certificate.h \
	src/gate/change.c src/gate/change.h \
	src/gate/discard.c src/gate/discard.h \
	src/gate/emergency.c src/gate/emergency.h \
	src/gate/emergency_answer.c src/gate/emergency_answer.h \
	src/gate/engine.c src/gate/engine.h \
	src/gate/exact.c src/gate/exact.h \
	src/gate/facts.c src/gate/facts.h \
	src/gate/facts_digest.c src/gate/facts_digest.h \
	src/gate/facts_fault.c src/gate/facts_fault.h \
	src/gate/facts_revert.c src/gate/facts_revert.h \
	src/gate/facts_trees.c src/gate/facts_trees.h \
	src/gate/follow_up.c src/gate/follow_up.h \
	src/gate/gittuf.c src/gate/gittuf.h \
	src/gate/guard.c src/gate/guard.h \
	src/gate/joined.c src/gate/joined.h \
	src/gate/import_joins.c src/gate/import_judge.c \
	src/gate/imports.c src/gate/imports.h \
	src/gate/judge.c src/gate/judge.h \
	src/gate/judging.c src/gate/judging.h \
	src/gate/look.c src/gate/look.h \
	src/gate/lapsed.c src/gate/lapsed.h \
	src/gate/merged.c src/gate/merged.h \
	src/gate/named.c src/gate/named.h \
	src/gate/mirrored.c src/gate/mirrored.h \
	src/gate/namespace.c \
	src/gate/order.c src/gate/order.h \
	src/gate/part_digest.c src/gate/part_digest.h \
	src/gate/parts.c src/gate/parts.h \
	src/gate/patches.c src/gate/patches.h \
	src/gate/people.c src/gate/people.h \
	src/gate/preview.c src/gate/preview.h \
	src/gate/range.c src/gate/range.h \
	src/gate/range_commit.c src/gate/range_commit.h \
	src/gate/range_state.c src/gate/range_state.h \
	src/gate/range_walk.c src/gate/range_walk.h \
	src/gate/range_whole.c src/gate/range_whole.h \
	src/gate/remedy.c src/gate/remedy.h \
	src/gate/report.c src/gate/report.h \
	src/gate/report_wire.c \
	src/gate/reverts.c src/gate/reverts.h \
	src/gate/reverts_tell.c \
	src/gate/rule_result.c src/gate/rule_result.h \
	src/gate/rule_run.c src/gate/rule_run.h \
	src/gate/said.c src/gate/said.h \
	src/gate/signed.c src/gate/signed.h \
	src/gate/seek.c src/gate/seek.h \
	src/gate/segments.c src/gate/segments.h \
	src/gate/statements.c src/gate/statements.h \
	src/gate/tags.c src/gate/tags.h \
	src/gate/told.c src/gate/told.h \
	src/gate/tree_view.c src/gate/tree_view.h \
	src/gate/unverified.c src/gate/unverified.h \
	src/gate/waivers.c src/gate/waivers.h

if HAVE_CHECK
check_PROGRAMS += t/unit/gate
t_unit_gate_SOURCES = \
	t/unit/gate.c \
	t/unit/gate_answer.c \
	t/unit/gate_ask.c \
	t/unit/gate_emergency.c \
	t/unit/gate_help.c t/unit/gate_help.h \
	t/unit/gate_judge.c \
	t/unit/gate_judging.c \
	t/unit/gate_memory.c \
	t/unit/gate_order.c \
	t/unit/gate_parts.c \
	t/unit/gate_remedy.c \
	t/unit/gate_report.c \
	t/unit/gate_segments.c \
	t/unit/gate_unverified.c \
	t/unit/git_help.h
t_unit_gate_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
t_unit_gate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_gate_LDADD = libgate.a libchecks.a libpolicy.a libtrust.a libgit.a \
	libsys.a libbase.a $(LIBGIT2_LIBS) $(ZLIB_LIBS) $(YYJSON_LIBS) \
	$(LIBCRYPTO_LIBS) $(CHECK_LIBS)
endif

# What t/t3030-no-crypto.sh runs.
check_PROGRAMS += t/unit/crypto_idle
t_unit_crypto_idle_SOURCES = t/unit/crypto_idle.c
t_unit_crypto_idle_LDADD = libgate.a libchecks.a libpolicy.a libtrust.a \
	libgit.a libsys.a libbase.a $(LIBGIT2_LIBS) $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)
dist_check_SCRIPTS += t/t3030-no-crypto.sh
TESTS += t/t3030-no-crypto.sh
