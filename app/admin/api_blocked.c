/* admin/api_blocked.c: who may not log in for a while, and the way back. */
#include "admin/admin.h"
#include "admin/api.h"
#include "directory/blocked.h"
#include "directory/login.h"
#include "store/store.h"

enum err api_blocked(struct api_call *c)
{
	struct blocked *list;
	size_t count = logins_blocked(c->admin->logins, c->arena, &list);

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(c->out, NULL, '{');
		json_put_str(c->out, "address", list[i].address);
		json_put_str(c->out, "reason", list[i].reason);
		json_put_time(c->out, "since", list[i].since_ms);
		json_put_time(c->out, "until", list[i].until_ms);
		json_close(c->out);
	}
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

static enum err note(struct txn *t, void *arg)
{
	struct api_call *c = arg;

	return api_audit(t, c, "blocked.remove", c->parameter[0], STR_EMPTY, STR_EMPTY);
}

/* Nothing of a lock is in the store, so the note comes after the deed. */
enum err api_blocked_rm(struct api_call *c)
{
	if (!logins_unblock(c->admin->logins, c->parameter[0]))
		return fail(&c->why, ERR_MISSING, "this is not blocked (any more)");
	return store_write(c->admin->store, note, c, &c->why);
}
