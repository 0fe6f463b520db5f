/* network/runtime/network.c: see network.h. */
#include "network/runtime/network.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

#include <string.h>

static unsigned addr_bits(const struct addr *a)
{
	return a->family == ADDR_V4 ? 32 : 128;
}

bool network_parse(struct str s, struct network *out)
{
	ptrdiff_t slash = str_rfind_byte(s, '/');
	struct str ip = slash < 0 ? s : str_sub(s, 0, (size_t)slash);
	struct cur c = cur_of(slash < 0 ? STR_EMPTY : str_sub(s, (size_t)slash + 1, s.n));

	if (!addr_parse_ip(ip, &out->addr))
		return false;
	out->bits = addr_bits(&out->addr);
	if (slash < 0)
		return true;
	return cur_u32(&c, &out->bits) && cur_done(&c) && out->bits <= addr_bits(&out->addr);
}

struct network network_masked(const struct network *n)
{
	struct network masked = { .addr.family = n->addr.family, .bits = n->bits };
	unsigned bits = MIN(n->bits, addr_bits(&n->addr)), rest = bits % 8;

	memcpy(masked.addr.ip, n->addr.ip, bits / 8);
	if (rest != 0)
		masked.addr.ip[bits / 8] =
			(unsigned char)(n->addr.ip[bits / 8] & (0xff << (8 - rest)));
	return masked;
}

struct str network_text(const struct network *n, char to[static NETWORK_TEXT_MAX])
{
	struct network masked = network_masked(n);
	char ip[ADDR_TEXT_MAX];
	struct buf b;

	buf_init_in(&b, to, NETWORK_TEXT_MAX);
	buf_fmt(&b, "%.*s/%u", STR_ARG(addr_ip_text(&masked.addr, ip)), n->bits);
	return buf_str(&b);
}

static struct str item(struct cur *c)
{
	struct str s;

	if (cur_until(c, ',', &s))
		cur_skip(c, 1);
	else
		cur_take(c, cur_left(c), &s);
	return str_trim(s);
}

enum err network_list_parse(struct arena *a, struct str s, struct network_list *out,
                            struct why *why)
{
	struct cur c = cur_of(str_trim(s));
	size_t max = 1;

	for (size_t i = 0; i < s.n; i++)
		max += s.p[i] == ',';
	*out = (struct network_list){ .items = arena_array(a, struct network, max) };
	while (!cur_done(&c)) {
		struct str text = item(&c);

		if (!network_parse(text, &out->items[out->count++]))
			return fail(why, ERR_SYNTAX,
			            "%.*s is no address or network like 192.0.2.0/24",
			            STR_ARG(text));
	}
	return OK;
}

static bool is_too_wide(const struct network *n)
{
	if (n->addr.family == ADDR_V4)
		return n->bits < NETWORK_TRUSTED_V4;
	return n->bits < NETWORK_TRUSTED_V6 && !(n->bits >= 7 && (n->addr.ip[0] & 0xfe) == 0xfc);
}

enum err network_list_parse_trusted(struct arena *a, struct str s, struct network_list *out,
                                    struct why *why)
{
	enum err e = network_list_parse(a, s, out, why);
	char text[NETWORK_TEXT_MAX];

	for (size_t i = 0; e == OK && i < out->count; i++)
		if (is_too_wide(&out->items[i]))
			e = fail(why, ERR_DENIED,
			         "%.*s is too wide for proxies: name their own addresses, or a "
			         "network of at least /%d (IPv4) or /%d (IPv6)",
			         STR_ARG(network_text(&out->items[i], text)), NETWORK_TRUSTED_V4,
			         NETWORK_TRUSTED_V6);
	return e;
}

bool network_has(const struct network *n, const struct addr *a)
{
	size_t bytes = n->bits / 8;
	unsigned rest = n->bits % 8;
	unsigned char mask = (unsigned char)(0xff << (8 - rest));

	if (a->family != n->addr.family || memcmp(a->ip, n->addr.ip, bytes) != 0)
		return false;
	return rest == 0 || ((a->ip[bytes] ^ n->addr.ip[bytes]) & mask) == 0;
}

bool network_list_has(const struct network_list *list, const struct addr *a)
{
	for (size_t i = 0; i < list->count; i++) {
		if (network_has(&list->items[i], a))
			return true;
	}
	return false;
}
