/* protocols/jmap/request/changes.c: Foo/changes (RFC 8620 5.2). */
#include "foundation/config/limits.h"
#include "model/store/store.h"
#include "protocols/jmap/request/request.h"

static enum err changes_read(struct txn *t, void *arg)
{
	struct jmap_changes *ch = arg;

	ch->m = jmap_mail(ch->call, t);
	return ch->call->type->changes(ch);
}

static void ids_put(struct json_writer *w, const char *name, const struct str *ids, size_t n)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < n; i++)
		json_put_str(w, NULL, ids[i]);
	json_close(w);
}

enum err jmap_changes_run(struct jmap_call *c)
{
	struct jmap_changes ch = { .call = c };
	uint64_t max = jmap_arg_u64(c, "maxChanges", LIMIT_jmap_changes);
	enum err e;

	if (max == 0)
		return jmap_refuse(c, "invalidArguments", "maxChanges must be more than 0");
	ch.max = MIN(max, LIMIT_jmap_changes);
	e = jmap_state_parse(jmap_arg_str(c, "sinceState"), &ch.since)
	            ? store_read(c->server->store, changes_read, &ch)
	            : ERR_MISSING;
	if (e == ERR_MISSING)
		return jmap_refuse(c, "cannotCalculateChanges",
		                   "the state is unknown or too old: read everything again");
	if (e != OK)
		return e;
	if (!c->type->no_account)
		json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	json_put_str(c->out, "oldState", jmap_arg_str(c, "sinceState"));
	json_put_str(c->out, "newState", jmap_state_text(c->arena, ch.modseq));
	json_put_bool(c->out, "hasMoreChanges", ch.more);
	ids_put(c->out, "created", ch.created, ch.created_count);
	ids_put(c->out, "updated", ch.updated, ch.updated_count);
	ids_put(c->out, "destroyed", ch.destroyed, ch.destroyed_count);
	if (c->type->changes_put != NULL)
		c->type->changes_put(&ch, c->out);
	return OK;
}
