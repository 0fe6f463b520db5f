/* flow/policy/blocks/blocked.c: see policy_private.h. */
#include "flow/policy/policy_private.h"

#include "flow/policy/blocks/block_networks.h"
#include "flow/policy/network.h"
#include "flow/policy/run.h"
#include "foundation/observe/event.h"
#include "model/directory/login/login.h"

enum policy_need blocked_need(const struct policy_run *r)
{
	return policy_config(r)->store != NULL && !addr_is_loopback(&policy_of(r)->peer)
	               ? POLICY_QUICK
	               : POLICY_NO;
}

/* Handle a lookup's result. ERR_MISSING: not blocked. */
static enum err blocked_found(struct policy_run *r, enum err e, struct str name,
                              const struct blocked *b)
{
	if (e == OK)
		policy_reject(r, 554, "5.7.1", "%.*s is blocked: %.*s", STR_ARG(name),
		              STR_ARG(b->reason));
	else if (e != ERR_MISSING)
		policy_failed(r, "whether the network is blocked could not be looked up");
	return e;
}

static enum err blocked_lookup(struct policy_run *r, enum block_kind kind, struct str name)
{
	struct blocked b;
	enum err e = blocks_get(policy_config(r)->store, kind, name, policy_arena(r), &b);

	return blocked_found(r, e, name, &b);
}

static void look_networks(struct policy_run *r)
{
	struct blocked b = { .address = STR_EMPTY };
	enum err e = block_network_of(policy_config(r)->store, &policy_of(r)->peer,
	                              policy_arena(r), &b);

	(void)blocked_found(r, e, b.address, &b);
}

void blocked_run(struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);
	char host[ADDR_TEXT_MAX], network[ADDR_TEXT_MAX];
	const struct str names[] = { peer_host(&s->peer, host),
		                     peer_network_name(&s->peer, network) };
	/* Equal for an IPv6 peer. */
	size_t count = str_eq(names[0], names[1]) ? 1 : COUNT(names);
	enum err e = ERR_MISSING;

	for (size_t i = 0; e == ERR_MISSING && i < count; i++) {
		e = blocked_lookup(r, BLOCK_NETWORK, names[i]);
		if (e == ERR_MISSING && s->role == POLICY_MX)
			e = blocked_lookup(r, BLOCK_MX, names[i]);
	}
	if (e == ERR_MISSING)
		look_networks(r);
}

/* A private address may stand for many clients (a NAT, a container bridge), and loopback
 * for the administrator. A block found at port 25 does not lock out users of the same
 * network: they have to log in. */
void policy_block_session(struct policy *p, const struct policy_session *s, bool network,
                          struct str why, int64_t for_ms)
{
	enum block_kind kind = s->role == POLICY_MX ? BLOCK_MX : BLOCK_NETWORK;
	char room[ADDR_TEXT_MAX];
	struct str name = network ? peer_network_name(&s->peer, room) : peer_host(&s->peer, room);
	struct why failed = { "" };

	if (p->config.store == NULL || addr_is_private(&s->peer))
		return;
	if (blocks_put_for(p->config.store, kind, name, why, for_ms, &failed) != OK)
		event(store_failed, s->id, ev_z(failed.text));
	else
		event(network_blocked, s->id, ev_str(name), ev_str(why),
		      ev_int(for_ms / 1000));
}
