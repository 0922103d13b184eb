# SPDX-License-Identifier: Apache-2.0
#
# agents.conf, the presets and the example belong to the program and change
# with it; policy.conf is the admin's from the moment it is there.

presetsdir = $(pkgsysconfdir)/presets
examplesdir = $(pkgsysconfdir)/examples
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
dist_examples_DATA = conf/examples/team.conf
EXTRA_DIST += conf/policy.conf

# Each folder is a template; all files of it are installed.
ready_sinks = \
	conf/sinks/clickhouse \
	conf/sinks/elasticsearch \
	conf/sinks/etcd \
	conf/sinks/jira \
	conf/sinks/jira-link \
	conf/sinks/kafka-rest \
	conf/sinks/ocsf \
	conf/sinks/postgrest \
	conf/sinks/redmine \
	conf/sinks/request-tracker \
	conf/sinks/servicenow \
	conf/sinks/servicenow-import \
	conf/sinks/splunk-hec \
	conf/sinks/vsa \
	conf/sinks/webhook
EXTRA_DIST += $(ready_sinks)

install-data-local:
	for sink in $(ready_sinks); do \
		to='$(DESTDIR)$(pkgsysconfdir)'/$${sink#conf/}; \
		$(MKDIR_P) "$$to" && \
		$(INSTALL_DATA) '$(srcdir)'/$$sink/* "$$to" || exit; \
	done
	$(MKDIR_P) '$(DESTDIR)$(pkgsysconfdir)'
	test -e '$(DESTDIR)$(pkgsysconfdir)/policy.conf' || \
		$(INSTALL_DATA) '$(srcdir)/conf/policy.conf' \
			'$(DESTDIR)$(pkgsysconfdir)/policy.conf'

uninstall-local:
	for sink in $(ready_sinks); do \
		rm -rf '$(DESTDIR)$(pkgsysconfdir)'/$${sink#conf/}; \
	done
	-rmdir '$(DESTDIR)$(pkgsysconfdir)/sinks' 2>/dev/null
	if cmp -s '$(srcdir)/conf/policy.conf' \
			'$(DESTDIR)$(pkgsysconfdir)/policy.conf'; then \
		rm -f '$(DESTDIR)$(pkgsysconfdir)/policy.conf'; \
	fi
