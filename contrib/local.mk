# SPDX-License-Identifier: Apache-2.0
dist_bin_SCRIPTS = contrib/git-approve
dist_man_MANS += contrib/git-approve.1
