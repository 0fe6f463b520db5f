/* model/directory/may_send.c: see may_send.h. */
#include "model/directory/may_send.h"

#include "foundation/base/arena.h"
#include "model/directory/normal.h"

static enum err may_send_evaluate(const struct resolved *r, uint32_t account, struct str sender,
                      struct why *why)
{
	if (r->list_count != 0)
		return fail(why, ERR_DENIED, "%.*s is a list or a group", STR_ARG(sender));
	if (r->verdict == RESOLVE_OK && r->count == 1 && r->targets[0].account == account)
		return OK;
	if (r->verdict == RESOLVE_OK && r->count > 1)
		return fail(why, ERR_DENIED, "%.*s is not yours alone", STR_ARG(sender));
	return fail(why, ERR_DENIED, "%.*s is not one of your addresses", STR_ARG(sender));
}

/* RFC 6409 3.2: the null return path is no reason to refuse. Clients send read receipts with it
 * (RFC 8098 3). */
static enum err null_judge(struct txn *t, uint32_t id, struct arena *a, struct why *why)
{
	struct account account;
	enum err e = account_get(t, id, a, &account);

	if (e == ERR_MISSING || (e == OK && !account.logins))
		return fail(why, ERR_DENIED, "the account sends nothing");
	return e;
}

enum err directory_may_send(struct txn *t, uint32_t account, struct mailaddr sender,
                            const struct resolve_config *config, struct why *why)
{
	struct arena a = { 0 };
	struct resolved r;
	enum err e;

	if (mailaddr_is_null(&sender))
		e = null_judge(t, account, &a, why);
	else if ((e = directory_resolve(t, sender, config, &a, &r)) == OK)
		e = may_send_evaluate(&r, account, mailaddr_text(&a, &sender), why);
	arena_deinit(&a);
	return e;
}
