# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libtrust.a
libtrust_a_SOURCES = \
	src/trust/allowed_signers.c src/trust/allowed_signers.h \
	src/trust/approvals.c src/trust/approvals.h \
	src/trust/armour.c src/trust/armour.h \
	src/trust/cms.c src/trust/cms.h \
	src/trust/crypto_memory.c src/trust/crypto_memory.h \
	src/trust/der.c src/trust/der.h \
	src/trust/ed25519.c src/trust/ed25519.h \
	src/trust/gittuf.c src/trust/gittuf.h \
	src/trust/import.c src/trust/import.h \
	src/trust/krl.c src/trust/krl.h \
	src/trust/openpgp.c src/trust/openpgp.h \
	src/trust/openpgp_keyring.c src/trust/openpgp_keyring.h \
	src/trust/openpgp_status.c src/trust/openpgp_status.h \
	src/trust/patch_id.c src/trust/patch_id.h \
	src/trust/principals.c src/trust/principals.h \
	src/trust/push_nonce.c src/trust/push_nonce.h \
	src/trust/revoked.c src/trust/revoked.h \
	src/trust/signature.c src/trust/signature.h \
	src/trust/signature_wire.c src/trust/signature_wire.h \
	src/trust/signer_options.c src/trust/signer_options.h \
	src/trust/signers.c src/trust/signers.h \
	src/trust/signers_notes.c src/trust/signers_notes.h \
	src/trust/signers_private.h \
	src/trust/ssh_cert.c src/trust/ssh_cert.h \
	src/trust/ssh_certified.c src/trust/ssh_certified.h \
	src/trust/ssh_claim.c src/trust/ssh_claim.h \
	src/trust/ssh_hash.c src/trust/ssh_hash.h \
	src/trust/ssh_key.c src/trust/ssh_key.h \
	src/trust/ssh_pattern.c src/trust/ssh_pattern.h \
	src/trust/ssh_pkey.c src/trust/ssh_pkey.h \
	src/trust/ssh_raw_sig.c src/trust/ssh_raw_sig.h \
	src/trust/ssh_rsa.c src/trust/ssh_rsa.h \
	src/trust/ssh_sig.c src/trust/ssh_sig.h \
	src/trust/ssh_verify.c src/trust/ssh_verify.h \
	src/trust/statement.c src/trust/statement.h \
	src/trust/waiver.c src/trust/waiver.h \
	src/trust/x509_owner.c src/trust/x509_owner.h \
	src/trust/x509_trust.c src/trust/x509_trust.h \
	src/trust/x509_verify.c src/trust/x509_verify.h

TRUST_TEST_LIBS = libtrust.a libgit.a libsys.a libbase.a $(LIBGIT2_LIBS) \
	$(ZLIB_LIBS) $(YYJSON_LIBS) $(LIBCRYPTO_LIBS)

check_PROGRAMS += t/unit/trust_mutate
t_unit_trust_mutate_SOURCES = t/unit/trust_mutate.c
t_unit_trust_mutate_LDADD = $(TRUST_TEST_LIBS)

if HAVE_CHECK
check_PROGRAMS += t/unit/trust
t_unit_trust_SOURCES = \
	t/unit/trust.c \
	t/unit/trust_approvals.c \
	t/unit/trust_canonical.c \
	t/unit/trust_certificate.c \
	t/unit/trust_gittuf.c \
	t/unit/trust_help.c t/unit/trust_help.h \
	t/unit/trust_keys.c \
	t/unit/trust_nonce.c \
	t/unit/trust_openpgp.c \
	t/unit/trust_revoked.c \
	t/unit/trust_rsa.c \
	t/unit/trust_signature.c \
	t/unit/trust_signers.c \
	t/unit/trust_statement.c \
	t/unit/trust_x509.c
t_unit_trust_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit \
	-DVECTORS='"$(abs_top_srcdir)/t/vectors/ssh"'
t_unit_trust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_trust_LDADD = $(TRUST_TEST_LIBS) $(CHECK_LIBS)
endif
EXTRA_DIST += t/vectors/openpgp t/vectors/ssh t/vectors/ssh-cert t/vectors/x509
dist_check_SCRIPTS += t/t3000-git-approve.sh t/t3001-ssh-differential.sh
TESTS += t/t3000-git-approve.sh t/t3001-ssh-differential.sh
