# SPDX-License-Identifier: Apache-2.0
dist_bin_SCRIPTS = contrib/git-approve
dist_man_MANS += contrib/git-approve.1
EXTRA_DIST += \
	LICENSE \
	.ci/run \
	contrib/build.sh \
	contrib/common.sh \
	contrib/demo.sh \
	contrib/deps.sh \
	contrib/deps/README \
	contrib/deps/fixes \
	contrib/deps/versions \
	contrib/servers \
	contrib/servers.sh \
	contrib/test.sh

# Units of systemd: where configure was told, or beside the program's data,
# to be copied.
units_made = \
	contrib/systemd/gatepost-courier.service \
	contrib/systemd/gatepost-deliver.service \
	contrib/systemd/gatepost-reconcile.service \
	contrib/systemd/gatepost-retain.service \
	contrib/systemd/gatepost-seal.service
units_plain = \
	contrib/systemd/gatepost-deliver.timer \
	contrib/systemd/gatepost-reconcile.timer \
	contrib/systemd/gatepost-retain.timer \
	contrib/systemd/gatepost-seal.timer
systemdunitdir = @systemdunitdir@
hardeningdir = $(systemdunitdir)/gatepost-.service.d
systemdunit_DATA = $(units_made) $(units_plain)
hardening_DATA = contrib/systemd/gatepost-.service.d/hardening.conf
EXTRA_DIST += contrib/systemd
CLEANFILES += $(units_made)

$(units_made): Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/systemd && \
	sed -e 's,[@]bindir[@],$(bindir),' \
		-e 's,[@]pkglibexecdir[@],$(pkglibexecdir),' \
		-e 's,[@]pkgsysconfdir[@],$(pkgsysconfdir),' \
		'$(srcdir)'/$@.in >$@.new && mv $@.new $@
