/* tests/unit/dns/name_server.h: a small name server, and a resolver that asks it. */
#ifndef UNIT_NET_NAME_SERVER_H
#define UNIT_NET_NAME_SERVER_H
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"
#include "network/runtime/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What it answers is decided by the first label of the question:
 *	ok mx txt    an answer of that type       cname      ok, through an alias
 *	nx nodata    what they say                servfail   that
 *	silent       nothing                      lies       records of another name
 *	garbage      random bytes                 truncated  TC over UDP, an answer over TCP
 *	loop         an alias of itself           many       200 addresses, over TCP
 *	wrongid      an answer to another question
 *	big huge     TXT of 1000 bytes, of 20000   formerr    ok, but only without EDNS
 *	refused      REFUSED                       half       TC, and TCP that is cut
 *	echo         the question itself */

enum { A = 1, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, DNSKEY = 48 };

struct message {
	unsigned char b[32768];
	size_t n;
};

/* What the test wants of all answers; false in say: none. */
static atomic_int ttl = 60;          /* of records                                   */
static atomic_int soa_ttl = -1;      /* of denials; -1: without a SOA record         */
static atomic_bool failing;          /* SERVFAIL                                     */
static atomic_int delay_ms;          /* before each                                  */
/* NULL, or has the first word: false leaves it to the rest; *say is true. */
typedef bool answer_hook(struct message *m, const char *label, unsigned type, bool *say);
static answer_hook *_Atomic hook; /* the server has a thread of its own */

static int udp_fd, tcp_fd;
static uint16_t port;
static pthread_t thread;
static atomic_bool stop;
static atomic_int asked;
static atomic_int asked_flags; /* of the last question: RA, Z, AD, CD and RCODE */

static void put(struct message *m, const void *p, size_t n)
{
	assert_true(m->n + n <= sizeof m->b);
	memcpy(m->b + m->n, p, n);
	m->n += n;
}

static void put16(struct message *m, unsigned n)
{
	unsigned char b[2] = { (unsigned char)(n >> 8), (unsigned char)n };

	put(m, b, 2);
}

static void put_name(struct message *m, const char *name)
{
	while (*name != '\0') {
		unsigned char n = (unsigned char)strcspn(name, ".");

		put(m, &n, 1);
		put(m, name, n);
		name += n + (name[n] == '.');
	}
	put(m, "", 1);
}

/* The beginning of a record; name NULL: the question's. Its data follows by put, then
 * record_end. Returns where the length goes. */
static size_t record_begin(struct message *m, const char *name, unsigned type)
{
	if (name == NULL)
		put16(m, 0xc00c);
	else
		put_name(m, name);
	put16(m, type);
	put16(m, 1);
	put16(m, 0);
	put16(m, (unsigned)ttl);
	put16(m, 0);
	return m->n;
}

static void record_end(struct message *m, size_t begin)
{
	size_t n = m->n - begin;
	unsigned count = (unsigned)(m->b[6] << 8 | m->b[7]) + 1; /* ANCOUNT */

	m->b[begin - 2] = (unsigned char)(n >> 8);
	m->b[begin - 1] = (unsigned char)n;
	m->b[6] = (unsigned char)(count >> 8);
	m->b[7] = (unsigned char)count;
}

static void put_mx(struct message *m, unsigned preference, const char *host)
{
	size_t begin = record_begin(m, NULL, MX);

	put16(m, preference);
	put_name(m, host);
	record_end(m, begin);
}

static void put_alias(struct message *m, unsigned type, const char *to)
{
	size_t begin = record_begin(m, NULL, type);

	put_name(m, to);
	record_end(m, begin);
}

static void put_a(struct message *m, const char *name, unsigned type)
{
	static const unsigned char v4[] = { 192, 0, 2, 1 };
	static const unsigned char v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };

	size_t begin = record_begin(m, name, type);

	put(m, type == A ? v4 : v6, type == A ? 4 : 16);
	record_end(m, begin);
}

static void put_data(struct message *m, unsigned type)
{
	if (type == A || type == AAAA) {
		put_a(m, NULL, type);
	} else if (type == MX) {
		put_mx(m, 20, "B.mx.example.org");
		put_mx(m, 10, "a.mx.example.org");
	} else if (type == TXT) {
		size_t begin = record_begin(m, NULL, TXT);

		put(m, "\3abc\3def", 8);
		record_end(m, begin);
	} else if (type == PTR) {
		put_alias(m, PTR, "mx.example.org");
	}
}

static void put_text(struct message *m, size_t n)
{
	char string[256];
	size_t begin = record_begin(m, NULL, TXT);

	memset(string, 'x', sizeof string);
	for (; n > 0; n -= MIN(n, 250)) {
		string[0] = (char)MIN(n, 250);
		put(m, string, 1 + MIN(n, 250));
	}
	record_end(m, begin);
}

/* RFC 2308 3; MINIMUM is soa_ttl, its own TTL is ttl. */
static void put_soa(struct message *m)
{
	size_t begin = record_begin(m, "example.org", SOA);

	put_name(m, "ns.example.org");
	put_name(m, "root.example.org");
	for (int i = 0; i < 4; i++)
		put(m, "\0\0\0\1", 4);
	put16(m, 0);
	put16(m, (unsigned)soa_ttl);
	record_end(m, begin);
	m->b[9] = m->b[7]; /* it stands in the authority section */
	m->b[7] = 0;
}

/* False: say nothing. */
static bool answer(struct message *m, bool tcp)
{
	bool edns = m->b[11] != 0, say = true;
	char label[64] = "";
	unsigned char n = m->b[12];
	answer_hook *special = hook;
	size_t end = 12;
	unsigned type;

	if (n < sizeof label)
		memcpy(label, m->b + 13, n);
	while (m->b[end] != 0)
		end += m->b[end] + 1u;
	type = (unsigned)(m->b[end + 1] << 8 | m->b[end + 2]);
	m->n = end + 5; /* no EDNS in the answer */
	asked_flags = m->b[3];
	m->b[2] |= 0x80;
	m->b[3] = 0x80 | 0x20; /* RA AD */
	memset(m->b + 6, 0, 6);
	asked++;
	if (delay_ms != 0)
		clock_sleep_ms(delay_ms);
	if (special != NULL && special(m, label, type, &say))
		return say;
	if (strcmp(label, "silent") == 0)
		return false;
	if (failing || strcmp(label, "servfail") == 0) {
		m->b[3] |= 2;
	} else if (strcmp(label, "refused") == 0) {
		m->b[3] |= 5;
	} else if (strcmp(label, "formerr") == 0 && edns) {
		m->b[3] |= 1;
	} else if (strcmp(label, "nx") == 0 || strcmp(label, "nodata") == 0) {
		m->b[3] |= label[1] == 'x' ? 3 : 0;
		if (soa_ttl >= 0)
			put_soa(m);
	} else if (strcmp(label, "echo") == 0) {
		m->b[2] &= 0x7f;
	} else if (strcmp(label, "big") == 0) {
		put_text(m, 1000);
	} else if (strcmp(label, "half") == 0 && tcp) {
		return false;
	} else if (strcmp(label, "garbage") == 0) {
		memset(m->b + 2, 0xfe, 60);
		m->n = 62;
	} else if (strcmp(label, "wrongid") == 0) {
		m->b[0] ^= 0x55;
		put_data(m, type);
	} else if (strcmp(label, "lies") == 0) {
		put_a(m, "elsewhere.example.org", type == AAAA ? AAAA : A);
	} else if (strcmp(label, "cname") == 0) {
		put_alias(m, CNAME, "OTHER.example.org");
		put_a(m, "other.example.org", type);
	} else if (strcmp(label, "loop") == 0) {
		put_alias(m, CNAME, "loop.example.org");
	} else if ((strcmp(label, "truncated") == 0 || strcmp(label, "many") == 0 ||
	            strcmp(label, "huge") == 0 || strcmp(label, "half") == 0) && !tcp) {
		m->b[2] |= 2;
	} else if (strcmp(label, "huge") == 0) {
		put_text(m, 20000);
	} else if (strcmp(label, "many") == 0) {
		for (int i = 0; i < 200; i++)
			put_a(m, NULL, type);
	} else {
		put_data(m, type);
	}
	return true;
}

static void serve_udp(void)
{
	struct message m;
	struct sockaddr_in from;
	socklen_t from_n = sizeof from;
	ssize_t n = recvfrom(udp_fd, m.b, 512, 0, (struct sockaddr *)&from, &from_n);

	if (n >= 17 && answer(&m, false))
		sendto(udp_fd, m.b, m.n, 0, (struct sockaddr *)&from, from_n);
}

static void serve_tcp(void)
{
	int fd = accept(tcp_fd, NULL, NULL);
	unsigned char head[2];
	struct message m;

	while (recv(fd, head, 2, MSG_WAITALL) == 2 &&
	       recv(fd, m.b, (size_t)(head[0] << 8 | head[1]), MSG_WAITALL) > 0 &&
	       answer(&m, true)) {
		head[0] = (unsigned char)(m.n >> 8);
		head[1] = (unsigned char)m.n;
		send(fd, head, 2, MSG_NOSIGNAL);
		send(fd, m.b, m.n, MSG_NOSIGNAL);
	}
	close(fd);
}

static void *serve(void *arg)
{
	while (!stop) {
		struct pollfd p[2] = { { .fd = udp_fd, .events = POLLIN },
			               { .fd = tcp_fd, .events = POLLIN } };

		poll(p, 2, 20);
		if (p[0].revents)
			serve_udp();
		if (p[1].revents)
			serve_tcp();
	}
	return arg;
}

/* --- the fixture ------------------------------------------------------------ */

static struct dns *dns;
static struct arena arena;
static int64_t try_ms = 150; /* of the resolver */

/* A port that is free for both; false: the UDP one is taken for TCP, try another. */
static bool sockets_open(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t n = sizeof sa;
	int one = 1;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	tcp_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(tcp_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	assert_int_equal(bind(udp_fd, (struct sockaddr *)&sa, sizeof sa), 0);
	getsockname(udp_fd, (struct sockaddr *)&sa, &n);
	port = ntohs(sa.sin_port);
	if (bind(tcp_fd, (struct sockaddr *)&sa, sizeof sa) == 0 && listen(tcp_fd, 16) == 0)
		return true;
	close(udp_fd);
	close(tcp_fd);
	return false;
}

static void server_start(void)
{
	bool open = false;

	for (int i = 0; i < 20 && !open; i++)
		open = sockets_open();
	assert_true(open);
	stop = false;
	asked = 0;
	ttl = 60;
	soa_ttl = -1;
	failing = false;
	delay_ms = 0;
	pthread_create(&thread, NULL, serve, NULL);
}

static struct dns *resolver(void)
{
	struct addr server = { .family = ADDR_V4, .port = port, .ip = { 127, 0, 0, 1 } };
	struct addr_list servers = { &server, 1 };
	struct dns *d = NULL;
	struct why why = { "" };

	if (dns_new(&servers, try_ms, &d, &why) != OK)
		fail_msg("%s", why.text);
	return d;
}

static int fixture_make(void **state)
{
	(void)state;
	server_start();
	dns = resolver();
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	dns_free(&dns);
	stop = true;
	pthread_join(thread, NULL);
	close(udp_fd);
	close(tcp_fd);
	arena_deinit(&arena);
	return 0;
}

static int64_t in_ms(int64_t ms)
{
	return clock_mono_ms() + ms;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

#endif
