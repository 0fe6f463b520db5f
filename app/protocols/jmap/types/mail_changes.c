/* protocols/jmap/types/mail_changes.c: see mail_changes.h. */
#include "protocols/jmap/types/mail_changes.h"

static struct str *ids_text(struct jmap_changes *c, enum jmap_id_kind kind, const uint64_t *numbers,
                            size_t n)
{
	struct str *ids = arena_array(c->call->arena, struct str, n);

	for (size_t i = 0; i < n; i++)
		ids[i] = jmap_id_text(c->call->arena, kind, c->m.account, numbers[i]);
	return ids;
}

enum err jmap_changes_by_log(struct jmap_changes *c, enum changed_type type, enum jmap_id_kind kind)
{
	struct changed *x = arena_new(c->call->arena, struct changed);
	enum err e = changed_since(&c->m, type, c->since, c->max, c->call->arena, x);

	if (e)
		return e;
	c->created = ids_text(c, kind, x->created, x->created_count);
	c->updated = ids_text(c, kind, x->updated, x->updated_count);
	c->destroyed = ids_text(c, kind, x->destroyed, x->destroyed_count);
	c->created_count = x->created_count;
	c->updated_count = x->updated_count;
	c->destroyed_count = x->destroyed_count;
	c->modseq = x->modseq;
	c->more = x->more;
	c->state = x;
	return OK;
}
