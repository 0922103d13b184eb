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
