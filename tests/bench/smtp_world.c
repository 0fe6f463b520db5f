/* tests/bench/smtp_world.c: the rest of the world, for benches of outgoing mail: a name server
 * and mail servers that take everything and keep nothing.
 *
 *	smtp_world COUNTS SMTP_PORT DNS_PORT DELAY_MS
 *
 * Names: dN.bench.test has the MX mN.bench.test, which has an address of 127.16.0.0/16, by N. So
 * have xN.bench.test and yN.bench.test, of 127.32.0.0/16, which somebody else makes silent or
 * refusing. Nothing else exists.
 * Mail: on the port, of each address. Whatever comes in one piece is answered in one, DELAY_MS
 * later, so it is a remote that is so far away: who sends more at once waits less often.
 * Counts are in the file COUNTS, which is mapped: struct counts. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* smtp_servers.py reads it: six numbers of 8 bytes. */
struct counts {
	uint64_t messages, connections, open_most, questions;
	int64_t first_ns, last_ns; /* CLOCK_MONOTONIC, of a message's 250 */
};

enum { FILES = 20000, OUT_MAX = 4096, EVENTS = 256, ADDRESSES = 60000 };

static struct counts *counts;
static int64_t delay_ns;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static int socket_bound(int type, uint32_t address, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	static const int on = 1;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&a, sizeof a) != 0)
		die("smtp_world: bind");
	return fd;
}

/* --- names (RFC 1035 4) ------------------------------------------------------------------ */

enum { KIND_A = 1, KIND_MX = 15, HEADER = 12, NXDOMAIN = 3 };

/* "d17.bench.test" after its labels' lengths became dots: 'd' and 17. */
static bool name_read(const char *name, char *what, unsigned *number)
{
	int end = 0;

	return sscanf(name, "%c%u.bench.test%n", what, number, &end) == 2 && end != 0 &&
	       name[end] == '\0' && strchr("dmxy", *what) != NULL;
}

static size_t record_put(uint8_t *to, uint8_t kind, const uint8_t *data, uint8_t n)
{
	const uint8_t head[] = { 0xc0, HEADER, 0, kind, 0, 1, 0, 0, 1, 44, 0, n };

	memcpy(to, head, sizeof head);
	memcpy(to + sizeof head, data, n);
	return sizeof head + n;
}

/* The records of one name and kind, after the question; their number. */
static unsigned records_put(const char *name, unsigned kind, uint8_t *to, size_t *n, bool *exists)
{
	unsigned number;
	char what;

	*exists = name_read(name, &what, &number);
	if (*exists && (what == 'd' || what == 'x') && kind == KIND_MX) {
		uint8_t data[30] = { 0, 10 };
		char host = what == 'd' ? 'm' : 'y';
		int digits = snprintf((char *)data + 3, sizeof data - 6, "%c%u", host, number);

		data[2] = (uint8_t)digits;
		data[3 + digits] = 0xc0; /* ".bench.test" as in the question, behind "dN" */
		data[4 + digits] = (uint8_t)(HEADER + 1 + digits);
		*n += record_put(to, KIND_MX, data, (uint8_t)(5 + digits));
		return 1;
	}
	if (*exists && (what == 'm' || what == 'y') && kind == KIND_A) {
		unsigned place = number % ADDRESSES + 1;
		uint8_t net = what == 'y' ? 32 : 16;
		const uint8_t data[] = { 127, net, (uint8_t)(place >> 8), (uint8_t)place };

		*n += record_put(to, KIND_A, data, sizeof data);
		return 1;
	}
	return 0;
}

static void *names_run(void *arg)
{
	int fd = *(int *)arg;

	for (;;) {
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		uint8_t m[600];
		char name[256];
		ssize_t got = recvfrom(fd, m, 512, 0, (struct sockaddr *)&from, &size);
		size_t n = HEADER, length = 0;
		bool exists;

		if (got <= HEADER + 5)
			continue;
		while (n < (size_t)got && m[n] != 0 && n + m[n] < (size_t)got) {
			memcpy(name + length, m + n + 1, m[n]);
			length += m[n];
			name[length++] = '.';
			n += m[n] + 1u;
		}
		name[length - (length != 0)] = '\0';
		for (char *p = name; *p != '\0'; p++)
			*p |= *p >= 'A' && *p <= 'Z' ? 0x20 : 0;
		n += 5;
		if (n > (size_t)got)
			continue;
		counts->questions++;
		m[7] = (uint8_t)records_put(name, m[n - 3], m + n, &n, &exists);
		m[2] = 0x85 & (uint8_t)(0x84 | (m[2] & 1)); /* an answer, authoritative */
		m[3] = 0x80 | (exists ? 0 : NXDOMAIN);
		m[6] = m[8] = m[9] = m[10] = m[11] = 0;
		sendto(fd, m, n, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

/* --- mail --------------------------------------------------------------------------------- */

struct conn {
	char in[1024]; /* a command's beginning */
	size_t in_n;
	char out[OUT_MAX];
	size_t out_n;
	uint64_t bytes;  /* of a chunk that are still to come */
	bool last, data; /* that chunk is the last one; after DATA */
	unsigned end;    /* of "\r\n.\r\n", how much was there */
	bool quit, due;  /* due: in the row */
};

/* Who is to be answered, in order of time: the delay is the same for all. */
struct answer {
	int64_t at_ns;
	int fd;
	uint32_t life;
};

static struct conn *conns[FILES];
static uint32_t lives[FILES]; /* the how manyth connection of that number */
static struct answer row[FILES * 2];
static size_t row_from, row_to;
static unsigned open_now;

static void say(struct conn *c, const char *text)
{
	size_t n = strlen(text);

	if (c->out_n + n < OUT_MAX) {
		memcpy(c->out + c->out_n, text, n);
		c->out_n += n;
	}
}

static void message_take(struct conn *c)
{
	counts->messages++;
	counts->last_ns = now_ns();
	if (counts->first_ns == 0)
		counts->first_ns = counts->last_ns;
	say(c, "250 2.0.0 taken\r\n");
}

static void command_do(struct conn *c, const char *line)
{
	char last[6] = "";

	if (strncasecmp(line, "EHLO", 4) == 0) {
		say(c, "250-world.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n"
		       "250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250 CHUNKING\r\n");
	} else if (strncasecmp(line, "DATA", 4) == 0) {
		c->data = true;
		c->end = 2;
		say(c, "354 go on\r\n");
	} else if (sscanf(line, "BDAT %lu %5s", &c->bytes, last) >= 1) {
		c->last = last[0] != '\0';
		if (c->bytes == 0 && c->last)
			message_take(c);
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		c->quit = true;
		say(c, "221 2.0.0 bye\r\n");
	} else {
		say(c, "250 2.0.0 fine\r\n");
	}
}

static size_t chunk_eat(struct conn *c, size_t n)
{
	size_t did = n < c->bytes ? n : (size_t)c->bytes;

	c->bytes -= did;
	if (c->bytes != 0)
		return did;
	if (c->last)
		message_take(c);
	else
		say(c, "250 2.0.0 more\r\n");
	return did;
}

/* Until the dot that is alone on its line. */
static size_t data_eat(struct conn *c, const char *p, size_t n)
{
	static const char end[] = "\r\n.\r\n";

	for (size_t i = 0; i < n; i++) {
		c->end = p[i] == end[c->end] ? c->end + 1 : p[i] == '\r';
		if (c->end == 5) {
			c->data = false;
			message_take(c);
			return i + 1;
		}
	}
	return n;
}

static size_t line_eat(struct conn *c, const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	size_t did = end != NULL ? (size_t)(end - p) + 1 : n;

	if (c->in_n + did >= sizeof c->in) {
		did = n; /* nobody sends such */
	} else {
		memcpy(c->in + c->in_n, p, did);
		c->in_n += did;
	}
	if (end != NULL) {
		c->in[c->in_n] = '\0';
		c->in_n = 0;
		command_do(c, c->in);
	}
	return did;
}

static void bytes_eat(struct conn *c, const char *p, size_t n)
{
	while (n != 0) {
		size_t did = c->bytes != 0 ? chunk_eat(c, n)
		             : c->data     ? data_eat(c, p, n)
		                           : line_eat(c, p, n);

		p += did;
		n -= did;
	}
}

static void conn_end(int fd)
{
	free(conns[fd]);
	conns[fd] = NULL;
	close(fd);
	open_now--;
}

static void out_flush(int fd)
{
	struct conn *c = conns[fd];
	ssize_t did = write(fd, c->out, c->out_n);

	c->due = false;
	c->out_n = 0;
	if (did < 0 || c->quit)
		conn_end(fd);
}

static void answer_plan(int fd)
{
	struct conn *c = conns[fd];

	if (c->out_n == 0 || c->due)
		return;
	if (delay_ns == 0) {
		out_flush(fd);
		return;
	}
	c->due = true;
	row[row_to++ % (FILES * 2)] = (struct answer){ now_ns() + delay_ns, fd, lives[fd] };
}

static int answers_give(void)
{
	while (row_from != row_to) {
		struct answer *a = &row[row_from % (FILES * 2)];
		int64_t wait = a->at_ns - now_ns();

		if (wait > 0)
			return (int)(wait / 1000000) + 1;
		row_from++;
		if (conns[a->fd] != NULL && lives[a->fd] == a->life)
			out_flush(a->fd);
	}
	return -1;
}

static void conn_accept(int listener, int poll)
{
	static const int on = 1;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		conns[fd] = calloc(1, sizeof(struct conn));
		lives[fd]++;
		counts->connections++;
		if (++open_now > counts->open_most)
			counts->open_most = open_now;
		epoll_ctl(poll, EPOLL_CTL_ADD, fd, &ev);
		say(conns[fd], "220 world.test ESMTP\r\n");
		answer_plan(fd);
	}
}

static void conn_hear(int fd)
{
	static char bytes[1 << 16];
	ssize_t got = read(fd, bytes, sizeof bytes);

	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			conn_end(fd);
		return;
	}
	bytes_eat(conns[fd], bytes, (size_t)got);
	answer_plan(fd);
}

static void mail_run(int listener)
{
	int poll = epoll_create1(EPOLL_CLOEXEC), wait = -1;
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = listener };

	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &ev);
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(poll, events, EVENTS, wait);

		for (int i = 0; i < n; i++)
			if (events[i].data.fd == listener)
				conn_accept(listener, poll);
			else
				conn_hear(events[i].data.fd);
		wait = answers_give();
	}
}

int main(int argc, char **argv)
{
	struct rlimit files = { FILES, FILES };
	pthread_t names;
	int listener, dns, file;

	if (argc != 5)
		return EXIT_FAILURE;
	setrlimit(RLIMIT_NOFILE, &files);
	file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || ftruncate(file, sizeof *counts) != 0)
		die("smtp_world: counts");
	counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (counts == MAP_FAILED)
		die("smtp_world: counts");
	delay_ns = (int64_t)atoi(argv[4]) * 1000000;
	dns = socket_bound(SOCK_DGRAM, INADDR_LOOPBACK, atoi(argv[3]));
	listener = socket_bound(SOCK_STREAM | SOCK_NONBLOCK, INADDR_ANY, atoi(argv[2]));
	if (listen(listener, 4096) != 0)
		die("smtp_world: listen");
	pthread_create(&names, NULL, names_run, &dns);
	mail_run(listener);
}
