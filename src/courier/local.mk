# SPDX-License-Identifier: Apache-2.0
#
# libwake.a is what hooks and commands link: it needs no libcurl.
noinst_LIBRARIES += libwake.a libcourier.a
libwake_a_SOURCES = \
	src/courier/anchor_status.c \
	src/courier/anchor_trust.c src/courier/anchor_trust.h \
	src/courier/asks.c src/courier/asks.h \
	src/courier/event.c src/courier/event.h \
	src/courier/parked.c src/courier/parked.h \
	src/courier/place.c src/courier/place.h \
	src/courier/plan.c src/courier/plan.h \
	src/courier/progress.c src/courier/progress.h \
	src/courier/status.c src/courier/status.h \
	src/courier/status_text.c \
	src/courier/wake.c src/courier/wake.h

libcourier_a_SOURCES = \
	src/courier/about.c src/courier/about.h \
	src/courier/anchoring.c src/courier/anchoring.h \
	src/courier/answer.c src/courier/answer.h \
	src/courier/arguments.c src/courier/arguments.h \
	src/courier/backoff.c src/courier/backoff.h \
	src/courier/confine.c src/courier/confine.h \
	src/courier/change.c src/courier/change.h \
	src/courier/credentials.c src/courier/credentials.h \
	src/courier/decisions.c src/courier/decisions.h \
	src/courier/deliver.c src/courier/deliver.h \
	src/courier/drain.c src/courier/drain.h \
	src/courier/fill.c src/courier/fill.h \
	src/courier/get.c src/courier/get.h \
	src/courier/headers.c src/courier/headers.h \
	src/courier/holds.c src/courier/holds.h \
	src/courier/http.c src/courier/http.h \
	src/courier/identity.c src/courier/identity.h \
	src/courier/judge.c src/courier/judge.h \
	src/courier/load.c src/courier/load.h \
	src/courier/message_sig.c src/courier/message_sig.h \
	src/courier/metrics.c src/courier/metrics.h \
	src/courier/notes.c src/courier/notes.h \
	src/courier/oauth.c src/courier/oauth.h \
	src/courier/own_record.c src/courier/own_record.h \
	src/courier/park.c src/courier/park.h \
	src/courier/reask.c src/courier/reask.h \
	src/courier/reask_record.c src/courier/reask_record.h \
	src/courier/request.c src/courier/request.h \
	src/courier/retry.c src/courier/retry.h \
	src/courier/retry_request.c src/courier/retry_request.h \
	src/courier/sealed.c \
	src/courier/sealing.c src/courier/sealing.h \
	src/courier/sender.c src/courier/sender.h \
	src/courier/service.c src/courier/service.h \
	src/courier/stamping.c src/courier/stamping.h \
	src/courier/task.c src/courier/task.h \
	src/courier/tell.c src/courier/tell.h \
	src/courier/ticket.c src/courier/ticket.h \
	src/courier/ticket_ask.c src/courier/ticket_ask.h \
	src/courier/ticket_cache.c src/courier/ticket_cache.h \
	src/courier/ticket_serve.c src/courier/ticket_serve.h \
	src/courier/ticket_window.c src/courier/ticket_window.h \
	src/courier/values.c src/courier/values.h \
	src/courier/watch.c src/courier/watch.h \
	src/courier/webhook.c src/courier/webhook.h \
	src/courier/witness.c src/courier/witness.h \
	src/courier/worker.c src/courier/worker.h
libcourier_a_CFLAGS = $(AM_CFLAGS) $(LIBCURL_CFLAGS)

courier_rooms = libcourier.a libwake.a libledger.a libpolicy.a libtrust.a \
	libgit.a libsys.a libbase.a $(LIBCURL_LIBS) $(LIBCRYPTO_LIBS) \
	$(YYJSON_LIBS) $(ZLIB_LIBS)

pkglibexec_PROGRAMS += courier
courier_SOURCES = src/courier/main.c
courier_LDADD = $(courier_rooms)

dist_check_SCRIPTS += t/t6000-courier.sh t/t6001-courier-sinks.sh \
	t/t6002-courier-tls.sh t/t6003-courier-service.sh \
	t/t6100-sinks.sh t/t6101-tickets.sh \
	t/t6105-poison.sh t/t6110-templates.sh t/t6120-signed-posts.sh t/t6125-oauth-mtls.sh \
	t/t6130-running.sh t/t6135-units.sh t/t6140-courier-kill.sh \
	t/t6145-courier-memory.sh t/t6150-faults.sh t/t6155-week.sh
TESTS += t/t6000-courier.sh t/t6001-courier-sinks.sh \
	t/t6002-courier-tls.sh t/t6003-courier-service.sh \
	t/t6100-sinks.sh t/t6101-tickets.sh \
	t/t6105-poison.sh t/t6110-templates.sh t/t6120-signed-posts.sh t/t6125-oauth-mtls.sh \
	t/t6130-running.sh t/t6135-units.sh t/t6140-courier-kill.sh \
	t/t6145-courier-memory.sh t/t6150-faults.sh t/t6155-week.sh
# Not a test: t/bench/courier.sh runs it.
EXTRA_PROGRAMS += t/bench/courier-help
EXTRA_DIST += t/bench/courier.sh
t_bench_courier_help_SOURCES = t/bench/courier-help.c
t_bench_courier_help_LDADD = libledger.a libsys.a libbase.a $(ZLIB_LIBS) \
	$(YYJSON_LIBS) $(LIBCRYPTO_LIBS)
EXTRA_DIST += t/metrics-grammar.py t/oauth-server.py contrib/receiver.py t/courier-lib.sh t/mock-products.py \
	t/sink-server.py t/signed-receiver.js

if HAVE_CHECK
check_PROGRAMS += t/unit/courier
t_unit_courier_SOURCES = t/unit/courier.c
t_unit_courier_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_courier_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/courier_sinks
t_unit_courier_sinks_SOURCES = t/unit/courier_sinks.c
t_unit_courier_sinks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_courier_sinks_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/courier_parked
t_unit_courier_parked_SOURCES = t/unit/courier_parked.c
t_unit_courier_parked_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_courier_parked_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/courier_reask
t_unit_courier_reask_SOURCES = t/unit/courier_reask.c t/unit/ledger_help.h
t_unit_courier_reask_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
t_unit_courier_reask_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_courier_reask_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/courier_hostile
t_unit_courier_hostile_SOURCES = t/unit/courier_hostile.c
t_unit_courier_hostile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_courier_hostile_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/courier_week
t_unit_courier_week_SOURCES = t/unit/courier_week.c
t_unit_courier_week_CFLAGS = $(AM_CFLAGS)
t_unit_courier_week_LDADD = $(courier_rooms)
t_unit_courier_week_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=time_now_ms \
	-Wl,--wrap=watch_sleep -Wl,--wrap=watch_wait
check_PROGRAMS += t/unit/templates
t_unit_templates_SOURCES = t/unit/templates.c
t_unit_templates_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_templates_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/message_sig
t_unit_message_sig_SOURCES = t/unit/message_sig.c
t_unit_message_sig_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_message_sig_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/metrics
t_unit_metrics_SOURCES = t/unit/metrics.c
t_unit_metrics_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_metrics_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/oauth
t_unit_oauth_SOURCES = t/unit/oauth.c
t_unit_oauth_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_oauth_LDADD = $(courier_rooms) $(CHECK_LIBS)
check_PROGRAMS += t/unit/courier_anchors
t_unit_courier_anchors_SOURCES = t/unit/courier_anchors.c
t_unit_courier_anchors_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
t_unit_courier_anchors_LDADD = $(courier_rooms) $(CHECK_LIBS)
endif
