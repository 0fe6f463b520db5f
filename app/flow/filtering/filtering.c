/* flow/filtering/filtering.c: see filtering.h. */
#include "flow/filtering/filtering.h"

#include "flow/filtering/chain.h"
#include "foundation/base/buf.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"

struct filtering_call {
	const struct filtering_mail *mail;
	struct arena *a;
	const struct action *actions;
};

/* The parts as one string, copied to room if there are several. */
static struct str raw_of(const struct filtering_mail *m, struct buf *room)
{
	size_t n = 0;

	for (size_t i = 0; i < m->part_count; i++)
		n += m->parts[i].n;
	buf_init(room, n + 1);
	for (size_t i = 0; m->part_count != 1 && i < m->part_count; i++)
		buf_put(room, m->parts[i]);
	return m->part_count == 1 ? m->parts[0] : buf_str(room);
}

static enum err parts_run(struct txn *t, const struct filtering_mail *m,
                          const struct chain *chain, struct arena *a, const struct action **out)
{
	struct buf room;
	enum err e = chain_run(t, m, raw_of(m, &room), chain, a, out);

	buf_deinit(&room);
	return e;
}

static enum err filtering_read(struct txn *t, void *arg)
{
	struct filtering_call *call = arg;
	struct chain chain;
	enum err e = chain_load(t, call->mail, txn_arena(t), &chain);

	if (e || chain.n == 0)
		return e;
	return parts_run(t, call->mail, &chain, call->a, &call->actions);
}

enum err filtering_run(const struct filtering_mail *m, struct arena *a, const struct action **out)
{
	struct filtering_call call = { m, a, NULL };
	enum err e = store_read(m->store, filtering_read, &call);

	*out = call.actions;
	return e;
}

enum err filtering_run_script(struct txn *t, const struct filtering_mail *m, struct str name,
                              struct arena *a, const struct action **out)
{
	const struct script_owner owner = { .account = m->account };
	struct chain chain = { .n = 1 };
	struct script script;
	enum err e = script_get(t, &owner, name, &script);

	*out = NULL;
	if (e)
		return e;
	chain.items[0] = (struct chain_program){
		.name = str_fmt(a, "script %.*s", STR_ARG(name)),
		.text = script.text,
		.program = script.program,
		.own = true,
	};
	return parts_run(t, m, &chain, a, out);
}
