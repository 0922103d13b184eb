# SPDX-License-Identifier: Apache-2.0
#
# agents.conf and the presets belong to the program and change with it;
# policy.conf is the admin's from the moment it is there.

presetsdir = $(pkgsysconfdir)/presets
dist_pkgsysconf_DATA = conf/agents.conf
dist_presets_DATA = \
	conf/presets/asf.conf \
	conf/presets/company.conf \
	conf/presets/fedora-llvm.conf \
	conf/presets/kernel.conf \
	conf/presets/mesa.conf \
	conf/presets/no-ai.conf \
	conf/presets/no-attribution.conf \
	conf/presets/openinfra.conf \
	conf/presets/zephyr.conf
EXTRA_DIST += conf/policy.conf

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(pkgsysconfdir)'
	test -e '$(DESTDIR)$(pkgsysconfdir)/policy.conf' || \
		$(INSTALL_DATA) '$(srcdir)/conf/policy.conf' \
			'$(DESTDIR)$(pkgsysconfdir)/policy.conf'

uninstall-local:
	if cmp -s '$(srcdir)/conf/policy.conf' \
			'$(DESTDIR)$(pkgsysconfdir)/policy.conf'; then \
		rm -f '$(DESTDIR)$(pkgsysconfdir)/policy.conf'; \
	fi
