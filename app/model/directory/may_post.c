/* model/directory/may_post.c: see may_post.h. */
#include "model/directory/may_post.h"

#include "foundation/base/arena.h"
#include "model/directory/normal.h"

/* Is this sender a member, that is: does mail to the list reach them? */
static enum err is_member(struct txn *t, const struct resolve_list *list, const struct poster *who,
                          const struct resolve_config *config, struct arena *a, bool *yes)
{
	struct mailaddr sender = normal_fold(a, who->sender);
	struct resolved members;
	bool ours = true;
	enum err e = directory_resolve(t, list->address, config, a, &members);

	if (e == OK && who->account == 0)
		e = directory_is_local(t, sender.domain, &ours);
	if (e != OK)
		return e;
	for (size_t i = 0; i < members.count && !*yes; i++) {
		struct mailaddr member = normal_fold(a, members.targets[i].address);

		*yes = who->account != 0 ? members.targets[i].account == who->account
		                         : !ours && mailaddr_equal(&member, &sender);
	}
	return OK;
}

static enum err list_check(struct txn *t, const struct resolve_list *list, const struct poster *who,
                           const struct resolve_config *config, struct arena *a, struct why *why)
{
	bool yes = list->post == POST_ANYBODY;
	enum err e = OK;

	if (list->post == POST_DOMAIN)
		yes = who->account != 0 && str_eqi(who->sender.domain, list->address.domain);
	else if (list->post == POST_MEMBERS && !mailaddr_is_null(&who->sender))
		e = is_member(t, list, who, config, a, &yes);
	if (e != OK || yes)
		return e;
	return fail(why, ERR_DENIED, "only %s may write to %.*s",
	            list->post == POST_DOMAIN ? "users of its domain" : "members",
	            STR_ARG(mailaddr_text(a, &list->address)));
}

enum err directory_may_post(struct txn *t, const struct resolved *to, const struct poster *who,
                            const struct resolve_config *config, struct why *why)
{
	struct arena a = { 0 };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < to->list_count; i++)
		e = list_check(t, &to->lists[i], who, config, &a, why);
	arena_deinit(&a);
	return e;
}
