/* console/api/api_blocked.c: who may not log in, connect or send for a while, and the way back:
 * locks of logins, which are in memory (model/directory/blocked.h), and blocks, which are rows
 * (flow/policy/blocks/blocks.h). */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "flow/policy/blocks/block_networks.h"
#include "flow/policy/blocks/hold.h"
#include "flow/policy/network.h"
#include "foundation/base/clock.h"
#include "model/directory/blocked.h"
#include "model/directory/directory.h"
#include "model/directory/login/login.h"
#include "model/store/store.h"

static void items_put(struct api_call *c, const struct blocked *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_open(c->out, NULL, '{');
		json_put_str(c->out, "address", list[i].address);
		json_put_str(c->out, "reason", list[i].reason);
		json_put_time(c->out, "since", list[i].since_ms);
		if (list[i].until_ms == INT64_MAX)
			json_put_null(c->out, "until");
		else
			json_put_time(c->out, "until", list[i].until_ms);
		json_close(c->out);
	}
}

enum err api_blocked(struct api_call *c)
{
	struct blocked *locks, *blocks;
	size_t lock_count = logins_blocked(c->admin->logins, c->arena, &locks), block_count;
	enum err e = blocks_list(c->admin->store, c->arena, &blocks, &block_count);

	if (e)
		return fail(&c->why, e, "the list could not be read");
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	items_put(c, locks, lock_count);
	items_put(c, blocks, block_count);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

/* --- the way back -------------------------------------------------------------------------- */

struct named {
	struct api_call *c;
	struct str address;
	uint32_t account; /* 0: it is none */
};

static enum err named_look(struct txn *t, void *arg)
{
	struct named *x = arg;
	struct account account;
	enum err e = account_find(t, x->address, x->c->arena, &account);

	if (e == OK) {
		x->account = account.id;
		x->address = str_dup(x->c->arena, account.address);
	}
	return e == ERR_MISSING || e == ERR_SYNTAX ? OK : e; /* a network, a login */
}

static enum err note(struct txn *t, void *arg)
{
	struct api_call *c = arg;

	return api_audit(t, c, "blocked.remove", c->parameter[0], STR_EMPTY, STR_EMPTY);
}

/* By the name as it was typed, and as the account has it, to which case and script are all one.
 * Nothing of a lock is in the store, so the note comes after the deed. */
enum err api_blocked_rm(struct api_call *c)
{
	struct named x = { .c = c, .address = c->parameter[0] };
	enum err e = store_read(c->admin->store, named_look, &x);
	const struct str names[] = { c->parameter[0], x.address };
	bool any = false;

	for (size_t i = 0; e == OK && i < COUNT(names); i++) {
		bool lock = logins_unblock(c->admin->logins, names[i]);

		e = blocks_remove(c->admin->store, names[i], &c->why);
		any = any || lock || e == OK;
		e = e == ERR_MISSING ? OK : e;
	}
	if (e)
		return e;
	if (!any)
		return fail(&c->why, ERR_MISSING, "this address is not blocked");
	return store_write(c->admin->store, note, c, &c->why);
}

/* --- by hand ---------------------------------------------------------------------------------- */

static enum err adding_note(struct txn *t, void *arg)
{
	const struct named *x = arg;

	return api_audit(t, x->c, "blocked.add", x->address, STR_EMPTY, STR_EMPTY);
}

/* A host of an IPv4 address or an IPv6 /64 is a row that automatic blocks have too. */
static enum err network_block(struct named *x, const struct network *n, struct str reason,
                              int64_t until_ms)
{
	bool alone = str_find_byte(x->address, '/') < 0;
	struct network masked = network_masked(n);
	char text[NETWORK_TEXT_MAX], name[BLOCK_NETWORK_NAME_MAX];
	struct api_call *c = x->c;

	if (n->bits == 0)
		return fail(&c->why, ERR_SYNTAX, "a network of all addresses cannot be blocked");
	if (alone || n->bits == (n->addr.family == ADDR_V4 ? 32 : 64)) {
		x->address = str_dup(c->arena, peer_host(&masked.addr, text));
		return blocks_put(c->admin->store, BLOCK_NETWORK, x->address, reason, until_ms,
		                  &c->why);
	}
	x->address = str_dup(c->arena, network_text(n, text));
	return blocks_put(c->admin->store, BLOCK_PREFIX, block_network_name(n, name), reason,
	                  until_ms, &c->why);
}

/* What is accepted once the block is there is refused (flow/policy/limits.c); what was before is
 * in the queue, so the block comes first. */
static enum err sending_block(const struct named *x, struct str reason, int64_t until_ms)
{
	struct store *s = x->c->admin->store;
	enum err e = blocks_put(s, BLOCK_SENDING, x->address, reason, until_ms, &x->c->why);

	return e ? e : hold_queued(s, x->account, &x->c->why);
}

/* An IP address or a network may not connect, an account may not send. */
enum err api_blocked_add(struct api_call *c)
{
	struct named x = { .c = c };
	struct str reason = STR("by an administrator");
	int64_t until_ms = INT64_MAX;
	struct network network;
	enum err e;

	(void)json_str(json_get(c->body, "address"), &x.address);
	(void)json_str(json_get(c->body, "reason"), &reason);
	(void)json_time(json_get(c->body, "until"), &until_ms);
	reason = str_sub(reason, 0, 200);
	if (network_parse(x.address, &network))
		e = network_block(&x, &network, reason, until_ms);
	else if ((e = store_read(c->admin->store, named_look, &x)))
		return fail(&c->why, e, "the account could not be read");
	else if (x.account == 0)
		return fail(
			&c->why, ERR_SYNTAX,
			"address: use an IP address, a network like 192.0.2.0/24, or the address "
			"of an account");
	else
		e = sending_block(&x, reason, until_ms);
	return e ? e : store_write(c->admin->store, adding_note, &x, &c->why);
}
