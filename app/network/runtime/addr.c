/* network/runtime/addr.c: see addr.h. */
#include "network/runtime/addr.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const unsigned char mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* ::ffff:192.0.2.1 is an IPv4 peer of a dual-stack socket. */
static void set_v6(struct addr *a, const unsigned char ip[16])
{
	if (memcmp(ip, mapped_prefix, sizeof mapped_prefix) == 0) {
		a->family = ADDR_V4;
		memcpy(a->ip, ip + 12, 4);
	} else {
		a->family = ADDR_V6;
		memcpy(a->ip, ip, 16);
	}
}

/* The zone of "fe80::1%eth0" (RFC 4007 11): an interface's name or number. */
static bool parse_scope(struct str zone, uint32_t *scope)
{
	struct cur c = cur_of(zone);
	char name[IF_NAMESIZE] = "";

	if (cur_u32(&c, scope) && cur_done(&c))
		return true;
	if (zone.n == 0 || zone.n >= sizeof name)
		return false;
	memcpy(name, zone.p, zone.n);
	*scope = if_nametoindex(name);
	return *scope != 0;
}

bool addr_parse_ip(struct str s, struct addr *out)
{
	struct addr a = { 0 };
	char text[ADDR_TEXT_MAX];
	unsigned char ip[16];
	ptrdiff_t percent;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
		s = str_sub(s, 1, s.n - 1);
		if (str_find_byte(s, ':') < 0)
			return false;
	}
	percent = str_find_byte(s, '%');
	if (percent >= 0) {
		if (!parse_scope(str_sub(s, (size_t)percent + 1, s.n), &a.scope))
			return false;
		s = str_sub(s, 0, (size_t)percent);
	}
	if (s.n == 0 || s.n >= sizeof text || str_find_byte(s, '\0') >= 0)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, a.ip) == 1) {
		if (percent >= 0)
			return false;
		a.family = ADDR_V4;
	} else if (inet_pton(AF_INET6, text, ip) == 1) {
		set_v6(&a, ip);
	} else {
		return false;
	}
	*out = a;
	return true;
}

static bool parse_port(struct str s, uint16_t *port)
{
	struct cur c = cur_of(s);
	uint32_t n;

	if (!cur_u32(&c, &n) || !cur_done(&c) || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

bool addr_parse(struct str s, struct addr *out)
{
	ptrdiff_t colon = str_rfind_byte(s, ':');
	struct addr a = { .family = ADDR_ANY };
	struct str host;
	uint16_t port;

	if (colon < 0 || !parse_port(str_sub(s, (size_t)colon + 1, s.n), &port))
		return false;
	host = str_sub(s, 0, (size_t)colon);
	if (host.n != 0 && !str_eq(host, STR("*"))) {
		/* "::1:25" is ambiguous, so IPv6 needs brackets. */
		if (host.p[0] != '[' && str_find_byte(host, ':') >= 0)
			return false;
		if (!addr_parse_ip(host, &a))
			return false;
	}
	a.port = port;
	*out = a;
	return true;
}

enum err addr_list_parse(struct arena *arena, struct str s, uint16_t default_port,
                         struct addr_list *out, struct why *why)
{
	size_t max = 1;

	for (size_t i = 0; i < s.n; i++)
		max += s.p[i] == ',';
	*out = (struct addr_list){ .items = arena_array(arena, struct addr, max) };
	if (str_trim(s).n == 0)
		return OK;
	for (struct cur c = cur_of(s);; cur_skip(&c, 1)) {
		struct addr *a = &out->items[out->count];
		struct str entry;

		if (!cur_until(&c, ',', &entry)) {
			entry = cur_rest(&c);
			cur_skip(&c, entry.n);
		}
		entry = str_trim(entry);
		if (addr_parse(entry, a)) {
			out->count++;
		} else if (default_port != 0 && addr_parse_ip(entry, a)) {
			a->port = default_port;
			out->count++;
		} else {
			return fail(why, ERR_SYNTAX,
			            "\"%.*s\" is not of the form address:port "
			            "(192.0.2.1:25, [2001:db8::1]:25)",
			            STR_ARG(str_sub(entry, 0, 80)));
		}
		if (cur_done(&c))
			return OK;
	}
}

struct str addr_ip_text(const struct addr *a, char to[static ADDR_TEXT_MAX])
{
	size_t n;

	switch (a->family) {
	case ADDR_V4:
		inet_ntop(AF_INET, a->ip, to, ADDR_TEXT_MAX);
		break;
	case ADDR_V6:
		inet_ntop(AF_INET6, a->ip, to, ADDR_TEXT_MAX);
		n = strlen(to);
		if (a->scope != 0)
			snprintf(to + n, ADDR_TEXT_MAX - n, "%%%" PRIu32, a->scope);
		break;
	case ADDR_ANY:
	case ADDR_NONE:
		snprintf(to, ADDR_TEXT_MAX, "%s", a->family == ADDR_ANY ? "*" : "unknown");
		break;
	}
	return str_of(to);
}

struct str addr_text(const struct addr *a, char to[static ADDR_TEXT_MAX])
{
	char ip[ADDR_TEXT_MAX];

	addr_ip_text(a, ip);
	/* At most 63 bytes, since inet_ntop writes at most 45; the compiler cannot see that. */
	snprintf(to, ADDR_TEXT_MAX, a->family == ADDR_V6 ? "[%.54s]:%u" : "%.54s:%u", ip, a->port);
	return str_of(to);
}

bool addr_eq_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return a->port == b->port && addr_eq_ip(a, b);
}

struct str addr_network_key(const struct addr *a, char to[static ADDR_NETWORK_KEY_MAX])
{
	size_t n = a->family == ADDR_V4 ? 4 : a->family == ADDR_V6 ? 8 : 0;

	to[0] = (char)a->family;
	memcpy(to + 1, a->ip, n);
	return str_from(to, n + 1);
}

/* Does ip begin with the first bits of prefix? */
static bool has_prefix(const unsigned char *ip, const unsigned char *prefix, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(ip, prefix, whole) == 0 &&
	       (rest == 0 || (ip[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

struct prefix {
	enum addr_family family;
	unsigned bits;
	unsigned char ip[16];
};

static bool in_any(const struct addr *a, const struct prefix *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].family == a->family && has_prefix(a->ip, rows[i].ip, rows[i].bits))
			return true;
	}
	return false;
}

bool addr_is_loopback(const struct addr *a)
{
	static const struct prefix rows[] = {
		{ ADDR_V4, 8, { 127 } },
		{ ADDR_V6, 128, { [15] = 1 } },
	};

	return in_any(a, rows, COUNT(rows));
}

bool addr_is_private(const struct addr *a)
{
	static const struct prefix rows[] = {
		{ ADDR_V4, 8, { 10 } }, /* RFC 1918 3              */
		{ ADDR_V4, 12, { 172, 16 } },    { ADDR_V4, 16, { 192, 168 } },
		{ ADDR_V4, 16, { 169, 254 } },   /* RFC 3927: link-local    */
		{ ADDR_V4, 10, { 100, 64 } },    /* RFC 6598: shared        */
		{ ADDR_V6, 7, { 0xfc } },        /* RFC 4193: unique local  */
		{ ADDR_V6, 10, { 0xfe, 0x80 } }, /* RFC 4291 2.5.6          */
	};

	return addr_is_loopback(a) || in_any(a, rows, COUNT(rows));
}

bool addr_is_public(const struct addr *a)
{
	static const struct prefix nobody[] = {
		{ ADDR_V4, 8, { 0 } },            /* RFC 1122 3.2.1.3 */
		{ ADDR_V4, 4, { 224 } },          /* multicast        */
		{ ADDR_V4, 4, { 240 } },          /* RFC 1112 4       */
		{ ADDR_V6, 16, { 0x20, 0x02 } },  /* 6to4             */
		{ ADDR_V6, 32, { 0x20, 0x01 } },  /* Teredo           */
	};
	static const struct prefix unicast[] = { { ADDR_V6, 3, { 0x20 } } }; /* RFC 4291 2.4 */
	static const struct prefix nat64[] = { { ADDR_V6, 96, { 0, 0x64, 0xff, 0x9b } } };
	struct addr inner = { .family = ADDR_V4 };

	if (in_any(a, nat64, COUNT(nat64))) {
		memcpy(inner.ip, a->ip + 12, 4);
		return addr_is_public(&inner);
	}
	return !addr_is_private(a) && !in_any(a, nobody, COUNT(nobody)) &&
	       (a->family == ADDR_V4 || in_any(a, unicast, COUNT(unicast)));
}

uint32_t addr_to_socket(const struct addr *a, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (a->family == ADDR_V4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(a->port);
	in6->sin6_scope_id = a->scope;
	memcpy(&in6->sin6_addr, a->ip, 16);
	return sizeof *in6;
}

bool addr_from_socket(const struct sockaddr *sa, struct addr *out)
{
	*out = (struct addr){ 0 };
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

		out->family = ADDR_V4;
		out->port = ntohs(in->sin_port);
		memcpy(out->ip, &in->sin_addr, 4);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

		set_v6(out, in6->sin6_addr.s6_addr);
		out->port = ntohs(in6->sin6_port);
		out->scope = out->family == ADDR_V6 ? in6->sin6_scope_id : 0;
		return true;
	}
	return false;
}
