# SPDX-License-Identifier: Apache-2.0
#
# No header here may have the name of one of the system's <sys/*.h>: src/ is
# searched for those, too.
noinst_LIBRARIES += libsys.a
libsys_a_SOURCES = \
	src/sys/admin_log.c src/sys/admin_log.h \
	src/sys/child.c src/sys/child.h \
	src/sys/child_exec.c src/sys/child_exec.h \
	src/sys/child_pipe.c src/sys/child_pipe.h \
	src/sys/deadline.h \
	src/sys/env.c src/sys/env.h \
	src/sys/files.c src/sys/files.h \
	src/sys/landlock.c src/sys/landlock.h \
	src/sys/lock.c src/sys/lock.h \
	src/sys/login.c src/sys/login.h \
	src/sys/proc.c src/sys/proc.h \
	src/sys/sandbox.c src/sys/sandbox.h \
	src/sys/seccomp.c src/sys/seccomp.h

if HAVE_CHECK
check_PROGRAMS += t/unit/sys
t_unit_sys_SOURCES = \
	t/unit/sys.c \
	t/unit/sys_child.c \
	t/unit/sys_files.c \
	t/unit/sys_help.h \
	t/unit/sys_proc.c \
	t/unit/sys_sandbox.c
t_unit_sys_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
t_unit_sys_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_sys_LDADD = libsys.a libbase.a $(LIBCRYPTO_LIBS) $(CHECK_LIBS)
endif
