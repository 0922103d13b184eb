# SPDX-License-Identifier: Apache-2.0
#
# Tests that push to a server need an installed gatepost: `make installcheck`.
# All others `make check` runs too; their rooms list them.
installed_tests = \
	t/t0110-inspect-corpus.sh \
	t/t0200-policy.sh \
	t/t0300-manuals.sh \
	t/t0310-records-manual.sh \
	t/t1000-push.sh \
	t/t1010-objects.sh \
	t/t1020-scope.sh \
	t/t1030-answer.sh \
	t/t1035-check.sh \
	t/t1040-limits.sh \
	t/t1050-surroundings.sh \
	t/t1055-pusher-from.sh \
	t/t1060-ssh.sh \
	t/t1061-http.sh \
	t/t1070-races.sh \
	t/t1080-approval-refs.sh \
	t/t1085-approval-sweep.sh \
	t/t1090-storage.sh \
	t/t1095-working-week.sh \
	t/t1900-hostile-approval.sh \
	t/t1910-hostile-history.sh \
	t/t1920-hostile-signatures.sh \
	t/t2000-provenance.sh \
	t/t2010-review.sh \
	t/t2015-quorum.sh \
	t/t2020-rollback.sh \
	t/t2030-history.sh \
	t/t2040-signature.sh \
	t/t2060-gittuf.sh \
	t/t2100-memory.sh \
	t/t2105-merges.sh \
	t/t2110-emergency.sh \
	t/t2120-waivers.sh \
	t/t2150-bots.sh \
	t/t2160-would.sh \
	t/t2165-imports.sh \
	t/t2200-ticket.sh \
	t/t2210-ticket-again.sh \
	t/t2910-hostile-week.sh \
	t/t2140-stacked.sh \
	t/t2145-bind-patch.sh \
	t/t2130-revert.sh \
	t/t2135-carry.sh \
	t/t2050-approvals.sh \
	t/t2051-approval-parts.sh \
	t/t2041-signed-push.sh \
	t/t2042-signed-kinds.sh \
	t/t2900-week.sh \
	t/t3002-signed-by-git.sh \
	t/t3010-approve-by-hand.sh \
	t/t3003-openpgp.sh \
	t/t3004-x509.sh \
	t/t3005-differential.sh \
	t/t4000-kill.sh \
	t/t4005-disk.sh \
	t/t4010-faults.sh \
	t/t4020-concurrent.sh \
	t/t4030-broken-policy.sh \
	t/t5000-install.sh \
	t/t5010-mode-status.sh \
	t/t5020-check.sh \
	t/t5030-inspect.sh \
	t/t5040-usage.sh \
	t/t5050-ledger.sh \
	t/t5060-landed.sh \
	t/t5070-approvals.sh \
	t/t5080-publish.sh \
	t/t6004-courier-sealed.sh \
	t/t6200-redmine.sh \
	t/t6136-live-units.sh \
	t/t6160-pushes.sh \
	t/t6210-request-tracker.sh \
	t/t6220-etcd.sh \
	t/t6230-ticket-gate.sh \
	t/t7000-seal.sh \
	t/t7001-verify.sh \
	t/t7002-seal-kill.sh \
	t/t7003-stock-client.sh \
	t/t7100-export.sh \
	t/t7110-find.sh \
	t/t7120-access.sh \
	t/t7200-reconcile.sh \
	t/t7500-follow.sh \
	t/t7510-copies.sh \
	t/t7520-follow-https.sh \
	t/t7300-witness.sh \
	t/t7310-timestamp.sh \
	t/t7320-cosign.sh \
	t/t7400-retention.sh \
	t/t7410-erase.sh \
	t/t7420-hold.sh \
	t/t7430-retain-delivery.sh \
	t/t7435-erased-delivery.sh \
	t/t7900-hostile-ledger.sh

# Tests of the tree itself, which need no program.
tree_tests = \
	t/t0400-house.sh \
	t/t0410-files.sh

dist_check_SCRIPTS += $(installed_tests) $(tree_tests)
TESTS += $(tree_tests)
EXTRA_DIST += \
	t/bench/README \
	t/bench/bench-lib.sh \
	t/bench/history.sh \
	t/bench/push-time.c \
	t/bench/push.sh \
	t/bench/signatures.sh \
	t/bench/week.sh \
	t/age-records.py \
	t/http-server.py \
	t/ticket-server.py \
	t/inspect-corpus.py \
	t/kill-at.c \
	t/kill-lib.sh \
	t/lib.sh \
	t/make-objects.py \
	t/make-records.py \
	t/proxy.py \
	t/raw-push.py \
	t/run \
	t/seal-lib.sh \
	t/signed-differential.py \
	t/serve-log.py \
	t/sk-key.py \
	t/stock-client.go \
	t/tamper.py \
	t/tickets.py \
	t/tickets-lib.sh \
	t/tickets-life.sh \
	t/tsa.py \
	t/verify-log.py \
	t/witness.py

# Not a test: t/bench/signatures.sh runs it.
EXTRA_PROGRAMS += t/bench/sign-commits
t_bench_sign_commits_SOURCES = t/bench/sign-commits.c
t_bench_sign_commits_LDADD = libbase.a $(LIBCRYPTO_LIBS) $(ZLIB_LIBS)

installcheck-local: $(check_PROGRAMS)
	GATEPOST_PREFIX='$(DESTDIR)$(prefix)' srcdir='$(abs_srcdir)' \
		abs_top_builddir='$(abs_top_builddir)' \
		$(abs_srcdir)/t/run -j 2 -t 300 $(addprefix $(abs_srcdir)/,$(installed_tests))
