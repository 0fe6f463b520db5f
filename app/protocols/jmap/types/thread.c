/* protocols/jmap/types/thread.c: Thread (RFC 8621 3). */
#include "model/mailbox/thread.h"

#include "model/mailbox/placement.h"
#include "protocols/jmap/types/mail_changes.h"

#include <stdlib.h>

struct thread_object {
	uint64_t id;
	struct email_view *emails; /* that the caller sees, oldest first */
	size_t n;
};

static enum err get_begin(struct jmap_get *g)
{
	struct email_viewer *viewer;
	enum err e = email_viewer_new(&g->m, g->arena, &viewer);

	g->state = viewer;
	return e;
}

static int by_date(const void *a, const void *b)
{
	const struct email_view *x = a, *y = b;

	if (x->internal_ms != y->internal_ms)
		return x->internal_ms < y->internal_ms ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static enum err load(struct jmap_get *g, struct str id, const void **object)
{
	struct thread_object *x = arena_new(g->object_arena, struct thread_object);
	struct thread_list list;
	enum err e;

	if (!jmap_id_parse(id, ID_THREAD, g->m.account, &x->id))
		return ERR_MISSING;
	if ((e = thread_get(&g->m, x->id, g->object_arena, &list)))
		return e;
	x->emails = arena_array(g->object_arena, struct email_view, list.n);
	for (size_t i = 0; i < list.n; i++) {
		e = email_view_get(g->state, list.emails[i], g->object_arena, &x->emails[x->n]);
		if (e == OK)
			x->n++;
		else if (e != ERR_MISSING)
			return e;
	}
	if (x->n != 0)
		qsort(x->emails, x->n, sizeof(*x->emails), by_date);
	*object = x;
	return x->n ? OK : ERR_MISSING;
}

static enum err put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct thread_object *x = object;

	json_put_str(g->out, name, jmap_id_text(g->object_arena, ID_THREAD, g->m.account, x->id));
	return OK;
}

static enum err put_emails(struct jmap_get *g, const char *name, const void *object)
{
	const struct thread_object *x = object;

	json_open(g->out, name, '[');
	for (size_t i = 0; i < x->n; i++)
		json_put_str(g->out, NULL,
		             jmap_id_text(g->object_arena, ID_EMAIL, g->m.account,
		                          x->emails[i].id));
	json_close(g->out);
	return OK;
}

static enum err state(const struct mail_txn *m, uint64_t *modseq)
{
	return changed_state(m, CHANGED_THREAD, modseq);
}

static enum err changes(struct jmap_changes *c)
{
	return jmap_changes_by_log(c, CHANGED_THREAD, ID_THREAD);
}

static const struct jmap_property properties[] = {
	{ "id", FORM_ID, SERVER_SET, put_id },
	{ "emailIds", FORM_ID, LIST | SERVER_SET, put_emails },
};

const struct jmap_type jmap_type_thread = {
	.name = "Thread",
	.capability = CAP_MAIL,
	.scope = JMAP_MAIL,
	.properties = properties,
	.property_count = COUNT(properties),
	.get_begin = get_begin,
	.load = load,
	.state = state,
	.changes = changes,
};
