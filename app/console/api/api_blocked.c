/* console/api/api_blocked.c: blocked logins, networks and senders: lists, ends and adds them. Locks
 * of logins are in memory (model/directory/blocked.h), and blocks are rows
 * (flow/policy/blocks/blocks.h). */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "flow/policy/blocks/block_networks.h"
#include "flow/policy/blocks/hold.h"
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

/* --- unblocking ---------------------------------------------------------------------------- */

struct named {
	struct api_call *c;
	struct str address;
	uint32_t account; /* 0: no account has this address */
};

static enum err named_find(struct txn *t, void *arg)
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

static enum err unblock_note(struct txn *t, void *arg)
{
	struct api_call *c = arg;

	return api_audit(t, c, "blocked.remove", c->parameter[0], STR_EMPTY, STR_EMPTY);
}

/* Unblocks the name as typed and the account's primary address, which may differ in case and
 * script. Locks are not in the store, so the audit entry follows in a transaction of its own. */
enum err api_blocked_rm(struct api_call *c)
{
	struct named x = { .c = c, .address = c->parameter[0] };
	enum err e = store_read(c->admin->store, named_find, &x);
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
	return store_write(c->admin->store, unblock_note, c, &c->why);
}

/* --- blocking ------------------------------------------------------------------------------ */

static enum err block_note(struct txn *t, void *arg)
{
	const struct named *x = arg;

	return api_audit(t, x->c, "blocked.add", x->address, STR_EMPTY, STR_EMPTY);
}

/* Block an IP address or a network from connecting, or an account from sending. */
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
		e = block_network_put(c->admin->store, &network,
		                      str_find_byte(x.address, '/') < 0, reason, until_ms,
		                      c->arena, &x.address, &c->why);
	else if ((e = store_read(c->admin->store, named_find, &x)))
		return fail(&c->why, e, "the account could not be read");
	else if (x.account == 0)
		return fail(
			&c->why, ERR_SYNTAX,
			"address: use an IP address, a network like 192.0.2.0/24, or the address "
			"of an account");
	else
		e = hold_account(c->admin->store, x.account, x.address, reason, until_ms, &c->why);
	return e ? e : store_write(c->admin->store, block_note, &x, &c->why);
}
