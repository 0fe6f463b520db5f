/* flow/policy/blocks/block_networks.c: see block_networks.h. Names of one family are sorted by
 * prefix length, so the lengths in use are found by skipping. */
#include "flow/policy/blocks/block_networks.h"

#include "flow/policy/network.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum { BITS_MAX = 128, PREFIX_BYTES = 9 /* "policy:kp" */ };

static size_t ip_bytes(const struct addr *a)
{
	return a->family == ADDR_V4 ? 4 : 16;
}

struct str block_network_name(const struct network *n, char to[static BLOCK_NETWORK_NAME_MAX])
{
	struct network masked = network_masked(n);
	size_t bytes = ip_bytes(&n->addr);

	to[0] = n->addr.family == ADDR_V4 ? '4' : '6';
	to[1] = (char)n->bits;
	memcpy(to + 2, masked.addr.ip, bytes);
	return str_from(to, bytes + 2);
}

struct str block_network_text(struct arena *a, struct str name)
{
	struct network n = { .addr.family = ADDR_NONE };
	char text[NETWORK_TEXT_MAX];

	if (name.n == 6 && name.p[0] == '4')
		n.addr.family = ADDR_V4;
	else if (name.n == 18 && name.p[0] == '6')
		n.addr.family = ADDR_V6;
	else
		return STR_EMPTY;
	n.bits = (unsigned char)name.p[1];
	memcpy(n.addr.ip, name.p + 2, name.n - 2);
	return str_dup(a, network_text(&n, text));
}

enum err block_network_put(struct store *s, const struct network *n, bool host, struct str reason,
                           int64_t until_ms, struct arena *a, struct str *name, struct why *why)
{
	struct network masked = network_masked(n);
	char text[NETWORK_TEXT_MAX], row[BLOCK_NETWORK_NAME_MAX];

	if (n->bits == 0)
		return fail(why, ERR_SYNTAX, "a network of all addresses cannot be blocked");
	if (host || n->bits == (n->addr.family == ADDR_V4 ? 32 : 64)) {
		*name = str_dup(a, peer_host(&masked.addr, text));
		return blocks_put(s, BLOCK_NETWORK, *name, reason, until_ms, why);
	}
	*name = str_dup(a, network_text(n, text));
	return blocks_put(s, BLOCK_PREFIX, block_network_name(n, row), reason, until_ms, why);
}

/* --- lookups ------------------------------------------------------------------------------- */

struct lengths {
	char family;
	bool has[BITS_MAX + 1];
};

/* The next prefix length from bits on that is in use; BITS_MAX + 1: none. */
static enum err length_next(struct txn *t, char family, unsigned bits, unsigned *out)
{
	char from[PREFIX_BYTES + 2] = "policy:kp", to[PREFIX_BYTES + 1] = "policy:kp";
	struct kv_iter it;

	from[PREFIX_BYTES] = family;
	from[PREFIX_BYTES + 1] = (char)bits;
	to[PREFIX_BYTES] = (char)(family + 1);
	*out = BITS_MAX + 1;
	kv_iter_init(&it, t, SPACE_LOOKUP, str_from(from, sizeof from), str_from(to, sizeof to));
	if (kv_iter_next(&it) && it.key.n > PREFIX_BYTES + 1)
		*out = (unsigned char)it.key.p[PREFIX_BYTES + 1];
	return kv_iter_end(&it);
}

static enum err lengths_find(struct txn *t, void *arg)
{
	struct lengths *l = arg;
	unsigned bits = 0;
	enum err e = OK;

	while (e == OK && bits <= BITS_MAX) {
		e = length_next(t, l->family, bits, &bits);
		if (e == OK && bits <= BITS_MAX)
			l->has[bits++] = true;
	}
	return e;
}

enum err block_network_of(struct store *s, const struct addr *peer, struct arena *a,
                          struct blocked *out)
{
	struct lengths l = { .family = peer->family == ADDR_V4 ? '4' : '6' };
	struct network n = { .addr = *peer };
	enum err e = store_read(s, lengths_find, &l);
	char name[BLOCK_NETWORK_NAME_MAX];

	if (e)
		return e;
	e = ERR_MISSING;
	for (; e == ERR_MISSING && n.bits <= ip_bytes(peer) * 8; n.bits++)
		if (l.has[n.bits])
			e = blocks_get(s, BLOCK_PREFIX, block_network_name(&n, name), a, out);
	return e;
}
