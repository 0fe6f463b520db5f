/* DNS by c-ares against a small name server of our own, and by table. */
#include "harness/check.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "net/dns.h"
#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the name server -----------------------------------------------------------
 *
 * What it answers is decided by the first label of the question:
 *	ok mx txt    an answer of that type       cname      ok, through an alias
 *	nx nodata    what they say                servfail   that
 *	silent       nothing                      lies       records of another name
 *	garbage      random bytes                 truncated  TC over UDP, an answer over TCP
 *	loop         an alias of itself           many       200 addresses, over TCP
 *	wrongid      an answer to another question */

enum { A = 1, CNAME = 5, PTR = 12, MX = 15, TXT = 16, AAAA = 28 };

struct message {
	unsigned char b[8192];
	size_t n;
};

static int udp_fd, tcp_fd;
static uint16_t port;
static pthread_t thread;
static atomic_bool stop;
static atomic_int asked;

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
	put16(m, 60);
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

/* False: say nothing. */
static bool answer(struct message *m, bool tcp)
{
	char label[64] = "";
	unsigned char n = m->b[12];
	size_t end = 12;
	unsigned type;

	if (n < sizeof label)
		memcpy(label, m->b + 13, n);
	while (m->b[end] != 0)
		end += m->b[end] + 1u;
	type = (unsigned)(m->b[end + 1] << 8 | m->b[end + 2]);
	m->n = end + 5; /* no EDNS in the answer */
	m->b[2] |= 0x80;
	m->b[3] = 0x80 | 0x20; /* RA AD */
	memset(m->b + 6, 0, 6);
	asked++;
	if (strcmp(label, "silent") == 0)
		return false;
	if (strcmp(label, "nx") == 0) {
		m->b[3] |= 3;
	} else if (strcmp(label, "servfail") == 0) {
		m->b[3] |= 2;
	} else if (strcmp(label, "nodata") == 0) {
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
	} else if ((strcmp(label, "truncated") == 0 || strcmp(label, "many") == 0) && !tcp) {
		m->b[2] |= 2;
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
	pthread_create(&thread, NULL, serve, NULL);
}

static struct dns *resolver(void)
{
	struct addr server = { .family = ADDR_V4, .port = port, .ip = { 127, 0, 0, 1 } };
	struct addr_list servers = { &server, 1 };
	struct dns *d = NULL;
	struct why why = { "" };

	if (dns_new(&servers, 150, &d, &why) != OK)
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

/* --- tests ------------------------------------------------------------------ */

static void test_statuses(void **state)
{
	static const struct {
		const char *name;
		enum dns_status want;
		size_t count;
	} rows[] = {
		{ "ok.example.org", DNS_OK, 2 },
		{ "ok.example.org.", DNS_OK, 2 },
		{ "nx.example.org", DNS_NXDOMAIN, 0 },
		{ "nodata.example.org", DNS_NODATA, 0 },
		{ "servfail.example.org", DNS_RETRY, 0 },
		{ "silent.example.org", DNS_RETRY, 0 },
		{ "garbage.example.org", DNS_RETRY, 0 },
		{ "wrongid.example.org", DNS_RETRY, 0 },
		{ "lies.example.org", DNS_NODATA, 0 },
		{ "cname.example.org", DNS_OK, 2 },
		{ "loop.example.org", DNS_NODATA, 0 },
		{ "truncated.example.org", DNS_OK, 2 },
		{ "many.example.org", DNS_OK, DNS_ADDRS_MAX },
		{ "", DNS_BADNAME, 0 },
		{ ".", DNS_BADNAME, 0 },
		{ "a..b", DNS_BADNAME, 0 },
		{ ".a", DNS_BADNAME, 0 },
		{ "with space.org", DNS_BADNAME, 0 },
		{ "back\\slash.org", DNS_BADNAME, 0 },
		{ "label-of-64-bytes-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.org",
		  DNS_BADNAME, 0 },
	};

	(void)state;
	assert_int_equal(asked, 0); /* nothing is sent before the first question */
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_addr_list out;
		enum dns_status s = dns_addresses(dns, &arena, str_of(rows[i].name),
		                                  DNS_V4 | DNS_V6, in_ms(3000), &out);

		if (s != rows[i].want || out.count != rows[i].count)
			fail_msg("row %zu: %s, %zu addresses", i, dns_status_text(s), out.count);
	}
}

static void test_addresses(void **state)
{
	static const struct {
		unsigned families;
		const char *first;
		size_t count;
	} rows[] = {
		{ DNS_V4 | DNS_V6, "2001:db8::1", 2 },
		{ DNS_V4, "192.0.2.1", 1 },
		{ DNS_V6, "2001:db8::1", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[ADDR_TEXT_MAX];
		struct dns_addr_list out;

		assert_int_equal(dns_addresses(dns, &arena, STR("ok.example.org"), rows[i].families,
		                               in_ms(3000), &out),
		                 DNS_OK);
		check_at(i, out.count == rows[i].count && out.authenticated);
		check_str_at(i, addr_ip_text(&out.items[0], text), str_of(rows[i].first));
	}
}

static void test_records(void **state)
{
	struct addr ip = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } };
	struct dns_text_list text;
	struct dns_mx_list mx;

	(void)state;
	assert_int_equal(dns_mx(dns, &arena, STR("mx.example.org"), in_ms(3000), &mx), DNS_OK);
	assert_int_equal(mx.count, 2);
	check_str(mx.items[0].host, STR("a.mx.example.org"));
	check_str(mx.items[1].host, STR("b.mx.example.org"));
	assert_int_equal(mx.items[1].preference, 20);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(3000), &text), DNS_OK);
	assert_int_equal(text.count, 1);
	check_str(text.items[0], STR("abcdef"));
	assert_int_equal(dns_ptr(dns, &arena, &ip, in_ms(3000), &text), DNS_OK);
	assert_int_equal(text.count, 1);
	check_str(text.items[0], STR("mx.example.org"));
}

/* The caller's deadline holds, and the late end of its question harms nobody. */
static void test_deadline(void **state)
{
	struct dns_text_list text;
	int64_t began = clock_mono_ms();

	(void)state;
	assert_int_equal(dns_txt(dns, &arena, STR("silent.example.org"), in_ms(50), &text),
	                 DNS_RETRY);
	assert_true(clock_mono_ms() - began < 140);
}

static void *ask_some(void *arg)
{
	struct arena a = { 0 };

	for (int i = 0; i < 20; i++) {
		struct dns_addr_list out;

		if (dns_addresses(dns, &a, i % 2 ? STR("ok.example.org") : STR("mx.example.org"),
		                  DNS_V4 | DNS_V6, in_ms(5000), &out) == DNS_OK)
			++*(atomic_int *)arg;
	}
	arena_deinit(&a);
	return NULL;
}

static void test_many_callers(void **state)
{
	pthread_t threads[8];
	atomic_int found = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, ask_some, &found);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(found, 20 * COUNT(threads));
}

static void test_faults(void **state)
{
	struct addr_list none = { 0 };
	struct dns_text_list text;
	struct why why = { "" };
	struct dns *d = NULL;

	(void)state;
	fault_arm_point("dns_new", 1, ENOMEM);
	assert_int_equal(dns_new(&none, 0, &d, &why), ERR_IO);
	fault_arm_point("dns_ask", 1, ENOMEM);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(1000), &text),
	                 DNS_RETRY);
	fault_arm(0);
}

/* --- other servers ---------------------------------------------------------- */

static void *ask_often(void *arg)
{
	struct arena own = { 0 };
	struct dns_text_list text;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		enum dns_status s = dns_txt(dns, &own, STR("txt.example.org"), in_ms(5000), &text);

		assert_true(s == DNS_OK || s == DNS_RETRY);
	}
	arena_deinit(&own);
	return NULL;
}

/* To one that nobody answers at and back, also while others ask; what cannot be had leaves those
 * that are. */
static void test_servers_set(void **state)
{
	struct addr good = { .family = ADDR_V4, .port = port, .ip = { 127, 0, 0, 1 } };
	struct addr dead = { .family = ADDR_V4, .port = 1, .ip = { 127, 0, 0, 1 } };
	struct addr_list to_good = { &good, 1 }, to_dead = { &dead, 1 };
	struct dns_text_list text;
	struct why why = { "" };
	pthread_t others[4];

	(void)state;
	assert_int_equal(dns_servers_set(dns, &to_dead, &why), OK);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(1000), &text),
	                 DNS_RETRY);
	fault_arm_point("dns_new", 1, ENOMEM);
	assert_int_equal(dns_servers_set(dns, &to_good, &why), ERR_IO);
	fault_arm(0);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(1000), &text),
	                 DNS_RETRY);
	assert_int_equal(dns_servers_set(dns, &to_good, &why), OK);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(5000), &text), DNS_OK);
	for (size_t i = 0; i < COUNT(others); i++)
		pthread_create(&others[i], NULL, ask_often, NULL);
	for (int i = 0; i < 20; i++)
		assert_int_equal(dns_servers_set(dns, &to_good, &why), OK);
	for (size_t i = 0; i < COUNT(others); i++)
		pthread_join(others[i], NULL);
	assert_int_equal(dns_txt(dns, &arena, STR("txt.example.org"), in_ms(5000), &text), DNS_OK);
}

/* --- by table --------------------------------------------------------------- */

static void test_fake(void **state)
{
	static const struct dns_fake_row zone[] = {
		{ "example.org", "MX", "20 b.example.org" },
		{ "example.org", "MX", "10 A.example.org." },
		{ "example.org", "TXT", "v=spf1 -all" },
		{ "null.example", "MX", "0 ." },
		{ "a.example.org", "A", "192.0.2.1" },
		{ "a.example.org", "AAAA", "2001:db8::1" },
		{ "broken.example", "*", "SERVFAIL" },
		{ "half.example", "AAAA", "SERVFAIL" },
		{ "half.example", "A", "192.0.2.2" },
		{ "1.2.0.192.in-addr.arpa", "PTR", "a.example.org" },
		{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR",
		  "six.example.org" },
		{ NULL, NULL, NULL },
	};
	struct dns *d = dns_fake_new(zone, true);
	struct dns_addr_list addrs;
	struct dns_text_list text;
	struct dns_mx_list mx;
	struct addr ip;

	(void)state;
	assert_int_equal(dns_mx(d, &arena, STR("Example.ORG."), 0, &mx), DNS_OK);
	assert_int_equal(mx.count, 2);
	assert_true(mx.authenticated);
	check_str(mx.items[0].host, STR("a.example.org"));
	assert_int_equal(dns_mx(d, &arena, STR("null.example"), 0, &mx), DNS_OK);
	check_str(mx.items[0].host, STR("")); /* RFC 7505 */
	assert_int_equal(dns_mx(d, &arena, STR("a.example.org"), 0, &mx), DNS_NODATA);
	assert_int_equal(dns_mx(d, &arena, STR("none.example"), 0, &mx), DNS_NXDOMAIN);
	assert_int_equal(dns_mx(d, &arena, STR("broken.example"), 0, &mx), DNS_RETRY);
	assert_int_equal(dns_addresses(d, &arena, STR("a.example.org"), DNS_V4 | DNS_V6, 0, &addrs),
	                 DNS_OK);
	assert_int_equal(addrs.count, 2);
	assert_int_equal(addrs.items[0].family, ADDR_V6);
	assert_int_equal(dns_addresses(d, &arena, STR("half.example"), DNS_V4 | DNS_V6, 0, &addrs),
	                 DNS_OK);
	assert_int_equal(dns_addresses(d, &arena, STR("half.example"), DNS_V6, 0, &addrs),
	                 DNS_RETRY);
	assert_true(addr_parse_ip(STR("192.0.2.1"), &ip));
	assert_int_equal(dns_ptr(d, &arena, &ip, 0, &text), DNS_OK);
	check_str(text.items[0], STR("a.example.org"));
	assert_true(addr_parse_ip(STR("2001:db8::1"), &ip));
	assert_int_equal(dns_ptr(d, &arena, &ip, 0, &text), DNS_OK);
	check_str(text.items[0], STR("six.example.org"));
	dns_free(&d);
	arena_deinit(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_statuses),    TEST(test_addresses),        TEST(test_records),
		TEST(test_deadline),    TEST(test_many_callers),     TEST(test_faults),
		TEST(test_servers_set), cmocka_unit_test(test_fake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
