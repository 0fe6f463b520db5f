/* directory/may_send.c: see may_send.h. */
#include "directory/may_send.h"

#include "base/arena.h"
#include "directory/normal.h"

static enum err judge(const struct resolved *r, uint32_t account, struct str sender,
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

enum err directory_may_send(struct txn *t, uint32_t account, struct mailaddr sender,
                            const struct resolve_config *config, struct why *why)
{
	struct arena a = { 0 };
	struct resolved r;
	enum err e;

	if (mailaddr_is_null(&sender))
		return fail(why, ERR_DENIED, "a sender address is needed");
	e = directory_resolve(t, sender, config, &a, &r);
	if (e == OK)
		e = judge(&r, account, mailaddr_text(&a, &sender), why);
	arena_deinit(&a);
	return e;
}
