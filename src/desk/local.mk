# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libdesk.a
libdesk_a_SOURCES = \
	src/desk/decision.c src/desk/decision.h \
	src/desk/decision_report.c src/desk/decision_report.h \
	src/desk/record.c src/desk/record.h
