# SPDX-License-Identifier: Apache-2.0
#
# All targets in one program, over their seeds: a test. t/fuzz/build.sh makes
# of each what libFuzzer drives.
check_PROGRAMS += t/unit/fuzz_replay
t_unit_fuzz_replay_SOURCES = \
	t/fuzz/allowed_signers.c \
	t/fuzz/approval.c \
	t/fuzz/cms.c \
	t/fuzz/commit.c \
	t/fuzz/cosign.c \
	t/fuzz/delta.c \
	t/fuzz/frame.c \
	t/fuzz/fuzz.h \
	t/fuzz/gittuf.c \
	t/fuzz/krl.c \
	t/fuzz/loose.c \
	t/fuzz/note.c \
	t/fuzz/openpgp_keyring.c \
	t/fuzz/openpgp_status.c \
	t/fuzz/pack.c \
	t/fuzz/proof.c \
	t/fuzz/push.c \
	t/fuzz/push_cert.c \
	t/fuzz/replay.c \
	t/fuzz/report.c \
	t/fuzz/scratch.c t/fuzz/scratch.h \
	t/fuzz/signature.c \
	t/fuzz/signature_wire.c \
	t/fuzz/sink_answer.c \
	t/fuzz/ssh_blob.c \
	t/fuzz/ssh_cert.c \
	t/fuzz/ssh_signature.c \
	t/fuzz/tag.c \
	t/fuzz/targets.def \
	t/fuzz/tell.c \
	t/fuzz/template.c \
	t/fuzz/ticket_answer.c \
	t/fuzz/timestamp.c \
	t/fuzz/trailers.c \
	t/fuzz/tree.c
t_unit_fuzz_replay_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/fuzz \
	-DFUZZ_REPLAY -DTOP_SRCDIR='"$(abs_top_srcdir)"'
t_unit_fuzz_replay_LDADD = $(fuzz_rooms) $(fuzz_libs)
fuzz_rooms = libcourier.a libwake.a libgate.a libledger.a libchecks.a libpolicy.a libtrust.a \
	libgit.a libsys.a libbase.a
fuzz_libs = $(LIBCURL_LIBS) $(LIBGIT2_LIBS) $(ZLIB_LIBS) $(YYJSON_LIBS) $(LIBCRYPTO_LIBS)

# For t/fuzz/build.sh, which compiles one target at a time.
fuzz-flags: $(fuzz_rooms)
	@echo '$(AM_CFLAGS) $(AM_LDFLAGS) $(fuzz_rooms) $(fuzz_libs)'

EXTRA_DIST += t/fuzz/README t/fuzz/build.sh t/fuzz/corpus t/fuzz/seeds.py
