/* tests/unit/policy/scripted_milter.h: a filter that says what a test tells it to, and remembers
 * what it heard. Include in one file of a program.
 *
 * One thread serves one connection after the other. For each command there is a line of the
 * script, or it answers "continue" to what wants an answer. */
#ifndef UNIT_POLICY_SCRIPTED_MILTER_H
#define UNIT_POLICY_SCRIPTED_MILTER_H
#include "flow/policy/milter/wire_milter.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum filter_how {
	FILTER_SAYS,    /* these bytes                              */
	FILTER_CLOSES,  /* after them                               */
	FILTER_HANGS,   /* after them, until the other side closes  */
	FILTER_DRIBBLES /* a byte of them every 20 ms               */
};

struct filter_line {
	char command;
	struct str bytes; /* packets with their lengths */
	enum filter_how how;
};

static struct filter {
	int listener;
	unsigned port;
	char path[80]; /* of a socket in the file system; "" : port */
	pthread_t thread;
	struct str options; /* data of its OPTIONS packet; empty: all actions, no steps left out */
	const struct filter_line *lines;
	size_t line_count;
	/* What was heard: "C M R R T L L N B E", connections parted by "|"; macros and texts in
	 * full in data. */
	pthread_mutex_t lock;
	struct buf heard, data; /* lock */
	unsigned connections;   /* lock */
} filter;

/* A packet of a command and the bytes of a literal, NULs and all. */
#define PACKET(length, literal) STR("\0\0\0" length literal)

static inline bool filter_take(int fd, void *to, size_t n)
{
	for (size_t got = 0; got < n;) {
		ssize_t k = recv(fd, (char *)to + got, n - got, 0);

		if (k <= 0)
			return false;
		got += (size_t)k;
	}
	return true;
}

static inline void filter_note(char command, const char *data, size_t n)
{
	pthread_mutex_lock(&filter.lock);
	if (command != MILTER_MACRO) {
		buf_byte(&filter.heard, command);
		buf_byte(&filter.data, command);
		buf_bytes(&filter.data, data, n);
		buf_byte(&filter.data, '\n');
	} else {
		buf_bytes(&filter.data, data, n);
		buf_byte(&filter.data, '\n');
	}
	pthread_mutex_unlock(&filter.lock);
}

static inline bool filter_say(int fd, struct str bytes, enum filter_how how)
{
	char scratch[4096];

	for (size_t i = 0; i < bytes.n;) {
		size_t n = how == FILTER_DRIBBLES ? 1 : bytes.n - i;
		ssize_t k = send(fd, bytes.p + i, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		i += (size_t)k;
		if (how == FILTER_DRIBBLES)
			usleep(20000);
	}
	if (how == FILTER_HANGS)
		while (recv(fd, scratch, sizeof scratch, 0) > 0)
			;
	return how == FILTER_SAYS || how == FILTER_DRIBBLES;
}

static inline bool filter_answer(int fd, char command)
{
	static const struct str all = STR("\0\0\0\6\0\0\1\xff\0\0\0\0");
	struct buf out;
	bool go_on;

	for (size_t i = 0; i < filter.line_count; i++)
		if (filter.lines[i].command == command)
			return filter_say(fd, filter.lines[i].bytes, filter.lines[i].how);
	if (command == MILTER_MACRO || command == MILTER_ABORT)
		return true;
	if (command == MILTER_QUIT)
		return false;
	buf_init(&out, 4096);
	if (command == MILTER_OPTIONS)
		milter_packet_put(&out, 'O', filter.options.n != 0 ? filter.options : all);
	else
		milter_packet_put(&out, 'c', STR(""));
	go_on = filter_say(fd, buf_str(&out), FILTER_SAYS);
	buf_deinit(&out);
	return go_on;
}

static inline void filter_serve(int fd)
{
	static char data[2 << 20];
	unsigned char length[4];
	bool go_on = true;

	while (go_on && filter_take(fd, length, 4)) {
		size_t n = (size_t)length[0] << 24 | (size_t)length[1] << 16 |
		           (size_t)length[2] << 8 | length[3];

		assert(n != 0 && n <= sizeof data);
		if (!filter_take(fd, data, n))
			break;
		filter_note(data[0], data + 1, n - 1);
		go_on = filter_answer(fd, data[0]);
	}
	close(fd);
}

static inline void *filter_run(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(filter.listener, NULL, NULL)) >= 0) {
		pthread_mutex_lock(&filter.lock);
		if (filter.connections++ != 0)
			buf_byte(&filter.heard, '|');
		pthread_mutex_unlock(&filter.lock);
		filter_serve(fd);
	}
	return NULL;
}

/* path: NULL for a port of loopback. */
static inline void filter_start(const struct filter_line *lines, size_t count, struct str options,
                                const char *path)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t size = sizeof in;

	filter = (struct filter){ .options = options, .lines = lines, .line_count = count };
	pthread_mutex_init(&filter.lock, NULL);
	buf_init(&filter.heard, 1 << 20);
	buf_init(&filter.data, 8 << 20);
	if (path != NULL) {
		snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
		snprintf(filter.path, sizeof filter.path, "%s", path);
		unlink(path);
		filter.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert(bind(filter.listener, (struct sockaddr *)&un, sizeof un) == 0);
	} else {
		filter.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert(bind(filter.listener, (struct sockaddr *)&in, sizeof in) == 0);
		assert(getsockname(filter.listener, (struct sockaddr *)&in, &size) == 0);
		filter.port = ntohs(in.sin_port);
	}
	assert(listen(filter.listener, 10) == 0);
	assert(pthread_create(&filter.thread, NULL, filter_run, NULL) == 0);
}

static inline void filter_stop(void)
{
	shutdown(filter.listener, SHUT_RDWR);
	pthread_join(filter.thread, NULL);
	close(filter.listener);
	if (filter.path[0] != '\0')
		unlink(filter.path);
	buf_deinit(&filter.heard);
	buf_deinit(&filter.data);
	pthread_mutex_destroy(&filter.lock);
}

/* Commands in order, "OCHMRTLNBE". Call after the session has ended: it may lag else. */
static inline void filter_heard(char *to, size_t size)
{
	pthread_mutex_lock(&filter.lock);
	snprintf(to, size, "%.*s", STR_ARG(buf_str(&filter.heard)));
	pthread_mutex_unlock(&filter.lock);
}

/* Was this said to it, NULs as in the packet? */
static inline bool filter_was_told(struct str what)
{
	bool found;

	pthread_mutex_lock(&filter.lock);
	found = str_find(buf_str(&filter.data), what) >= 0;
	pthread_mutex_unlock(&filter.lock);
	return found;
}

#endif
