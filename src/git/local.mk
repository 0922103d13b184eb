# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libgit.a
libgit_a_SOURCES = \
	src/git/armor.c src/git/armor.h \
	src/git/base_cache.c src/git/base_cache.h \
	src/git/commit_parse.c src/git/object_parse.h \
	src/git/fault.c src/git/fault.h \
	src/git/git2_compat.c src/git/git2_compat.h \
	src/git/git2_store.c src/git/git2_store.h \
	src/git/ident.c \
	src/git/inflate.c src/git/inflate.h \
	src/git/loose_object.c src/git/loose_object.h \
	src/git/loose_refs.c src/git/loose_refs.h \
	src/git/object_bytes.c src/git/object_bytes.h \
	src/git/object_store.c src/git/object_store.h \
	src/git/oid.c src/git/oid.h \
	src/git/pack_delta.c src/git/pack_delta.h \
	src/git/pack_file.c src/git/pack_file.h \
	src/git/pack_read.c src/git/pack_read.h \
	src/git/packed_refs.c src/git/packed_refs.h \
	src/git/push.c src/git/push.h \
	src/git/push_cert.c src/git/push_cert.h \
	src/git/ref_name.c \
	src/git/refs.c src/git/refs.h \
	src/git/repo_format.c src/git/repo_format.h \
	src/git/repo_layout.c src/git/repo_layout.h \
	src/git/repo_private.h \
	src/git/repository.c src/git/repository.h \
	src/git/small_file.c src/git/small_file.h \
	src/git/tag_parse.c \
	src/git/trailers.c src/git/trailers.h \
	src/git/tree_cache.c src/git/tree_cache.h \
	src/git/tree_diff.c src/git/tree_diff.h \
	src/git/tree_find.c \
	src/git/tree_name.c src/git/tree_name.h \
	src/git/tree_parse.c \
	src/git/walk.c src/git/walk.h \
	src/git/walk_bases.c \
	src/git/walk_graph.c src/git/walk_graph.h

# The corpus is no part of the tree: t/t0100-trailers-corpus.sh finds it.
check_PROGRAMS += t/unit/trailers_corpus
t_unit_trailers_corpus_SOURCES = t/unit/trailers_corpus.c
t_unit_trailers_corpus_LDADD = libgit.a libbase.a $(ZLIB_LIBS) $(YYJSON_LIBS)
dist_check_SCRIPTS += t/t0100-trailers-corpus.sh

if HAVE_CHECK
check_PROGRAMS += t/unit/git_objects t/unit/git_parse t/unit/git_push \
	t/unit/trailers
t_unit_git_objects_SOURCES = t/unit/git_objects.c
t_unit_git_objects_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_objects_LDADD = libgit.a libbase.a $(CHECK_LIBS)
t_unit_git_parse_SOURCES = t/unit/git_parse.c
t_unit_git_parse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_parse_LDADD = libgit.a libbase.a $(CHECK_LIBS)
t_unit_git_push_SOURCES = t/unit/git_push.c \
	t/unit/git_push_cert.c t/unit/git_push_cert.h
t_unit_git_push_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_push_LDADD = libgit.a libbase.a $(CHECK_LIBS)
t_unit_trailers_SOURCES = t/unit/trailers.c
t_unit_trailers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_trailers_LDADD = libgit.a libbase.a $(CHECK_LIBS)

# Real repositories, made with the git command.
check_PROGRAMS += t/unit/git_repo t/unit/git_refs t/unit/git_history \
	t/unit/git_tree
git_test_libs = libgit.a libbase.a $(LIBGIT2_LIBS) $(ZLIB_LIBS) \
	$(LIBCRYPTO_LIBS) $(CHECK_LIBS)
t_unit_git_repo_SOURCES = t/unit/git_repo.c t/unit/git_help.h
t_unit_git_repo_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_repo_LDADD = $(git_test_libs)
t_unit_git_refs_SOURCES = t/unit/git_refs.c t/unit/git_help.h
t_unit_git_refs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_refs_LDADD = $(git_test_libs)
t_unit_git_history_SOURCES = t/unit/git_history.c t/unit/git_help.h
t_unit_git_history_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_history_LDADD = $(git_test_libs)
t_unit_git_tree_SOURCES = t/unit/git_tree.c t/unit/git_help.h
t_unit_git_tree_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_git_tree_LDADD = $(git_test_libs)
endif
