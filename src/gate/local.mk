# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libgate.a
libgate_a_SOURCES = \
	src/gate/answer.c src/gate/answer.h \
	src/gate/change.c src/gate/change.h \
	src/gate/engine.c src/gate/engine.h \
	src/gate/facts.c src/gate/facts.h \
	src/gate/guard.c src/gate/guard.h \
	src/gate/judge.c src/gate/judge.h \
	src/gate/judging.c src/gate/judging.h \
	src/gate/look.c \
	src/gate/namespace.c \
	src/gate/range.c src/gate/range.h \
	src/gate/range_walk.c src/gate/range_walk.h \
	src/gate/remedy.c src/gate/remedy.h \
	src/gate/report.c src/gate/report.h \
	src/gate/report_wire.c \
	src/gate/tags.c src/gate/tags.h \
	src/gate/told.c src/gate/told.h \
	src/gate/tree_view.c src/gate/tree_view.h
