# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libhook.a
libhook_a_SOURCES = \
	hooks/certificate.c hooks/certificate.h \
	hooks/hook.c hooks/hook.h \
	hooks/landed.c hooks/landed.h
libhook_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/hooks

# In the order in which one needs the next. The courier's wake-up call is
# the one piece of that room that hooks link; it needs no libcurl.
gate_libs = libhook.a libdesk.a libgate.a libchecks.a libwake.a \
	libledger.a libpolicy.a libtrust.a libgit.a libsys.a libbase.a \
	$(LIBGIT2_LIBS) $(LIBCRYPTO_LIBS) $(YYJSON_LIBS) $(ZLIB_LIBS)

pkglibexec_PROGRAMS += pre-receive update post-receive
pre_receive_SOURCES = hooks/pre-receive.c
pre_receive_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/hooks
pre_receive_LDADD = $(gate_libs)
update_SOURCES = hooks/update.c
update_CPPFLAGS = $(pre_receive_CPPFLAGS)
update_LDADD = $(gate_libs)
post_receive_SOURCES = hooks/post-receive.c
post_receive_CPPFLAGS = $(pre_receive_CPPFLAGS)
post_receive_LDADD = $(gate_libs)
