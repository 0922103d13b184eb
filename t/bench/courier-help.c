/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What t/bench/courier.sh needs besides an installed gatepost:
 *
 *     courier-help fill DIR RECORDS         a ledger of records of some 1 KB
 *     courier-help receive PORT-FILE [DIR]  answer 204 to every request; each
 *                                           body goes into a file of DIR
 *     courier-help hole PORT-FILE           take connections, never answer
 *     courier-help run COMMAND...           milliseconds of wall time, of
 *                                           processor time, peak KiB
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "base/uuid.h"
#include "ledger/frame.h"
#include "ledger/ledger.h"
#include "ledger/segment.h"

enum { RECORD_MAX = 2048, HEADERS_MAX = 16384, BUFFER = 1 << 20 };

static void die(const char *what)
{
	fprintf(stderr, "courier-help: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void check(int rc, const struct err *e)
{
	if (rc) {
		fprintf(stderr, "courier-help: %s\n", e->msg);
		exit(2);
	}
}

/* ----------------------------------------------------------------- fill */

/* As a push of one commit made with an agent leaves it, shortened. */
static const char record_text[] =
	"{\"v\":1,\"id\":\"%s\",\"kind\":\"decision\",\"time\":\"%s\","
	"\"host\":\"git.bench.example\",\"repository\":\"team%d/service%d\","
	"\"pusher\":{\"person\":0,\"how\":\"uid\"},\"refs\":[{\"name\":"
	"\"refs/heads/main\",\"old\":\"%040" PRIx64 "\",\"new\":\"%040" PRIx64
	"\",\"kind\":\"update\",\"gates\":[\"release\"]}],\"verdict\":\"%s\","
	"\"mode\":\"enforce\",\"severity\":\"low\",\"rules\":[{\"name\":"
	"\"ai-provenance\",\"check\":\"provenance\",\"controls\":["
	"\"SOC2:CC8.1\",\"ISO27001:A.8.28\"],\"result\":\"pass\"},{\"name\":"
	"\"second-person\",\"check\":\"review\",\"result\":\"pass\","
	"\"approvals\":[{\"person\":1,\"role\":\"security\",\"diff\":"
	"\"sha256:%064" PRIx64 "\"}]}],\"findings\":[],\"commits\":1,"
	"\"provenance\":[{\"commit\":\"%040" PRIx64 "\",\"agent\":"
	"\"claude-code\",\"model\":\"claude-opus\"}],\"rollback\":\"revert\","
	"\"policy\":\"sha256:%064d\",\"version\":\"1\",\"duration_ms\":4,"
	"\"persons\":[\"sha256:%064d\",\"sha256:%064d\"]}";

static const char persons_text[] =
	"[{\"salt\":\"00112233445566778899aabbccddeeff\",\"principal\":"
	"\"alice\",\"login\":\"alice\"},{\"salt\":"
	"\"ffeeddccbbaa99887766554433221100\",\"principal\":\"bob\",\"name\":"
	"\"Bob Example\",\"email\":\"bob@example.com\"}]";

static void make_record(uint64_t n, struct frame_entry *f,
			char json[RECORD_MAX])
{
	int64_t ms = INT64_C(1700000000000) + (int64_t)n * 100;
	char when[TIME_RFC3339_SIZE];
	struct err e = {0};
	int len;

	check(uuid7_make(ms, f->id, &e), &e);
	time_format(ms, when);
	len = snprintf(json, RECORD_MAX, record_text, f->id, when,
		       (int)(n % 20), (int)(n % 200), n, n + 1,
		       n % 10 ? "pass" : "reject", n, n + 1, 1, 2, 3);
	f->json = span_of(json, (size_t)len);
	f->persons = span_str(persons_text);
	frame_entry_sum(f);
}

static void fill(const char *dir, uint64_t records)
{
	struct segment_next s;
	char json[RECORD_MAX];
	struct frame_entry f;
	struct err e = {0};
	uint64_t n = 0, first;
	int fd;

	check(ledger_create(dir, "bench.example", &e), &e);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || unlinkat(fd, "segments/00000000000000000000.log", 0))
		die(dir);
	while (n < records) {
		first = n;
		check(segment_begin(&s, fd, 0600, &e), &e);
		for (; n < records && s.size < LEDGER_SEGMENT_BYTES; n++) {
			make_record(n, &f, json);
			check(segment_add(&s, &f, n, &e), &e);
		}
		check(segment_commit(&s, first, false, &e), &e);
		segment_next_release(&s);
	}
	close(fd);
}

/* ---------------------------------------------------------------- serve */

static int listen_on(const char *port_file)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	FILE *f;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&at, &n))
		die("listen");
	f = fopen(port_file, "w");
	if (!f || fprintf(f, "%d\n", ntohs(at.sin_port)) < 0 || fclose(f))
		die(port_file);
	return fd;
}

static int open_body(const char *dir, int n)
{
	char path[4096];
	int fd;

	if (!dir)
		return -1;
	snprintf(path, sizeof(path), "%s/%06d", dir, n);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		die(path);
	return fd;
}

static void keep(int fd, const char *bytes, size_t n)
{
	if (fd >= 0 && write(fd, bytes, n) != (ssize_t)n)
		die("write");
}

/* Read the body, of which `have` bytes came behind the headers. */
static int take_body(int in, int out, char *buffer, const char *begin,
		     size_t have, size_t length)
{
	ssize_t got;

	keep(out, begin, have);
	for (length -= have; length; length -= (size_t)got) {
		got = read(in, buffer, length < BUFFER ? length : BUFFER);
		if (got <= 0)
			return -1;
		keep(out, buffer, (size_t)got);
	}
	return 0;
}

/** @return 0 after an answer, -1 when the connection has ended */
static int serve_one(int in, char *buffer, int out)
{
	static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
	char *end = NULL, *name;
	size_t n = 0, length, have;
	ssize_t got;

	while (!end) {
		got = read(in, buffer + n, HEADERS_MAX - n);
		if (got <= 0)
			return -1;
		n += (size_t)got;
		buffer[n] = '\0';
		end = strstr(buffer, "\r\n\r\n");
	}
	name = strcasestr(buffer, "content-length:");
	length = name ? strtoul(name + 15, NULL, 10) : 0;
	end += 4;
	have = n - (size_t)(end - buffer);
	if (have > length || take_body(in, out, buffer, end, have, length))
		return -1;
	return write(in, answer, sizeof(answer) - 1) < 0 ? -1 : 0;
}

/* One connection after the other: those who are compared have one each. */
static void receive(const char *port_file, const char *dir)
{
	static char buffer[BUFFER + 1];
	int fd = listen_on(port_file), n = 0, one = 1, in, out, rc;

	for (;;) {
		in = accept(fd, NULL, NULL);
		if (in < 0)
			die("accept");
		setsockopt(in, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		do {
			char byte;

			if (recv(in, &byte, 1, MSG_PEEK) <= 0)
				break;
			out = open_body(dir, n++);
			rc = serve_one(in, buffer, out);
			if (out >= 0)
				close(out);
		} while (!rc);
		close(in);
	}
}

/* The kernel takes the connections. */
static void hole(const char *port_file)
{
	listen_on(port_file);
	for (;;)
		pause();
}

/* ------------------------------------------------------------------ run */

static double ms_of(const struct timeval *t)
{
	return (double)t->tv_sec * 1e3 + (double)t->tv_usec / 1e3;
}

static int run(char **argv)
{
	int64_t start = time_mono_us();
	struct rusage u;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		execvp(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "courier-help: %s failed\n", argv[0]);
		return 2;
	}
	getrusage(RUSAGE_CHILDREN, &u);
	printf("%.1f %.1f %ld\n", (double)(time_mono_us() - start) / 1000.0,
	       ms_of(&u.ru_utime) + ms_of(&u.ru_stime), u.ru_maxrss);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "fill"))
		fill(argv[2], strtoull(argv[3], NULL, 10));
	else if ((argc == 3 || argc == 4) && !strcmp(argv[1], "receive"))
		receive(argv[2], argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "hole"))
		hole(argv[2]);
	else if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	else
		return 2;
	return 0;
}
