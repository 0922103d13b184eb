# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += \
	doc/gatepost.1 \
	doc/gatepost-hooks.7 \
	doc/gatepost-policy.5 \
	doc/gatepost-records.5
