# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	src/policy/agents.c src/policy/agents.h \
	src/policy/agents_data.h \
	src/policy/agents_load.c \
	src/policy/agents_value.c \
	src/policy/check_value.c src/policy/check_value.h \
	src/policy/fill.c \
	src/policy/loader.h \
	src/policy/may.c src/policy/may.h \
	src/policy/mirror.c src/policy/mirror.h \
	src/policy/mistakes.c src/policy/mistakes.h \
	src/policy/only_warns.c \
	src/policy/options.c src/policy/options.h \
	src/policy/parse_value.c src/policy/parse_value.h \
	src/policy/policy.c src/policy/policy.h \
	src/policy/published.c src/policy/published.h \
	src/policy/repository_config.c \
	src/policy/pointer.c src/policy/pointer.h \
	src/policy/predicate.c src/policy/predicate.h \
	src/policy/resolve.c src/policy/resolve_people.c \
	src/policy/scope.c src/policy/scope.h \
	src/policy/section_anchors.c src/policy/section_anchors.h \
	src/policy/section_gatepost.c src/policy/section_gatepost.h \
	src/policy/section_gates.c src/policy/section_gates.h \
	src/policy/section_people.c src/policy/section_people.h \
	src/policy/section_retention.c src/policy/section_retention.h \
	src/policy/severity.c src/policy/severity.h \
	src/policy/show.c src/policy/show.h \
	src/policy/sink.h src/policy/sink_ready.c src/policy/sink_resolve.c \
	src/policy/sink_table.c src/policy/sink_table.h \
	src/policy/sink_value.c src/policy/sink_value.h \
	src/policy/sink_var.c src/policy/sink_var.h \
	src/policy/status_set.c src/policy/status_set.h \
	src/policy/syntax.c src/policy/syntax.h \
	src/policy/tables.c src/policy/tables.h \
	src/policy/template.c src/policy/template.h \
	src/policy/vkey_value.c \
	src/policy/word_table.c

POLICY_TEST_LIBS = libpolicy.a libtrust.a libgit.a libsys.a libbase.a \
	$(LIBGIT2_LIBS) $(ZLIB_LIBS) $(LIBCRYPTO_LIBS) $(YYJSON_LIBS)

if HAVE_CHECK
check_PROGRAMS += t/unit/policy
t_unit_policy_SOURCES = \
	t/unit/policy.c \
	t/unit/policy_agents.c \
	t/unit/policy_conf.c \
	t/unit/policy_help.c t/unit/policy_help.h \
	t/unit/policy_load.c \
	t/unit/policy_may.c \
	t/unit/policy_mirror.c \
	t/unit/policy_principals.c \
	t/unit/policy_repository.c \
	t/unit/policy_scope.c \
	t/unit/policy_syntax.c \
	t/unit/policy_tables.c
t_unit_policy_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit \
	-DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_policy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_policy_LDADD = $(POLICY_TEST_LIBS) $(CHECK_LIBS)
endif
