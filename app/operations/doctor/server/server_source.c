/* operations/doctor/server/server_source.c: does the address of a client reach this
 * server, or that of a container's gateway; see server_checks.h. */
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/server/server_checks.h"
#include "operations/doctor/sentence.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { ROUTE_MAX = 64 << 10 };

static bool hex_u32(struct str text, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = ascii_lower(text.p[i]);

		if (!ascii_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*out = *out << 4 | (uint32_t)(ascii_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return text.n == 8;
}

/* "eth0	00000000	010011AC	...": interface, destination, gateway, the latter in
 * the machine's byte order. */
static bool line_gateway(struct str line, uint32_t *gateway)
{
	struct cur c = cur_of(line);
	struct str interface, destination, text;
	uint32_t to;

	return cur_until(&c, '\t', &interface) && cur_byte(&c, '\t') &&
	       cur_until(&c, '\t', &destination) && cur_byte(&c, '\t') &&
	       cur_until(&c, '\t', &text) && hex_u32(destination, &to) && to == 0 &&
	       hex_u32(text, gateway);
}

static bool v4_gateway(const struct addr *peer, struct str route)
{
	struct cur c = cur_of(route);
	struct str line;
	uint32_t gateway;

	while (cur_line(&c, &line))
		if (line_gateway(line, &gateway) && memcmp(&gateway, peer->ip, 4) == 0)
			return true;
	return false;
}

static bool hex_ip6(struct str text, unsigned char ip[static 16])
{
	for (size_t i = 0; i < 4 && text.n == 32; i++) {
		uint32_t part;

		if (!hex_u32(str_sub(text, 8 * i, 8 * i + 8), &part))
			return false;
		for (size_t k = 0; k < 4; k++)
			ip[4 * i + k] = (unsigned char)(part >> (24 - 8 * k));
	}
	return text.n == 32;
}

static struct str word(struct cur *c)
{
	struct str text;

	cur_blank(c);
	if (cur_until(c, ' ', &text))
		return text;
	text = cur_rest(c);
	cur_skip(c, text.n);
	return text;
}

/* "DESTINATION BITS SOURCE BITS GATEWAY ...", numbers in hex, addresses in network order. */
static bool v6_gateway(const struct addr *peer, struct str route)
{
	struct cur c = cur_of(route);
	struct str line;

	while (cur_line(&c, &line)) {
		struct cur l = cur_of(line);
		unsigned char to[16], gateway[16];
		bool fits = hex_ip6(word(&l), to) && str_eq(word(&l), STR("00"));

		(void)word(&l), (void)word(&l);
		if (fits && hex_ip6(word(&l), gateway) && memcmp(gateway, peer->ip, 16) == 0)
			return true;
	}
	return false;
}

bool look_is_gateway(const struct addr *peer, struct str route)
{
	if (peer->family == ADDR_V4)
		return v4_gateway(peer, route);
	return peer->family == ADDR_V6 && v6_gateway(peer, route);
}

static bool comes_from_gateway(const struct addr *peer)
{
	const char *path = peer->family == ADDR_V6 ? "/proc/net/ipv6_route" : "/proc/net/route";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b;
	bool yes = false;
	ssize_t got;
	char *to;

	if (fd < 0)
		return false;
	buf_init(&b, ROUTE_MAX);
	while ((to = buf_room(&b, 4096)) != NULL && (got = read(fd, to, 4096)) > 0)
		buf_commit(&b, (size_t)got);
	yes = look_is_gateway(peer, buf_str(&b));
	buf_deinit(&b);
	close(fd);
	return yes;
}

void look_source(const struct look *l, struct checks *out)
{
	struct check *c = checks_add(out, "source", "Addresses of clients");
	char text[ADDR_TEXT_MAX];

	c->expected = STR("your own address, as others would see it");
	c->seen = str_dup(l->a, addr_ip_text(l->peer, text));
	if (comes_from_gateway(l->peer)) {
		c->state = DNS_STATE_WARN;
		c->advice = sentence_of(SENTENCE_source_gateway);
	} else if (addr_is_private(l->peer)) {
		c->state = DNS_STATE_UNKNOWN;
		c->advice = sentence_of(SENTENCE_source_private);
	}
}
