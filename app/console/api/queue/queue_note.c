/* console/api/queue/queue_note.c: see queue_private.h. */
#include "console/api/queue/queue_private.h"

#include "console/api/people/api_people.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/store/store.h"

enum { RCPTS_SHOWN = 10 };

static struct str note(struct txn *t, const struct queue_item *item)
{
	struct arena *a = txn_arena(t);
	struct people_note n;
	struct json_writer *w = people_note_open(&n);

	json_put_str(w, "from", mailaddr_text(a, &item->envelope.sender));
	json_open(w, "to", '[');
	for (size_t i = 0; i < MIN(item->envelope.rcpt_count, (size_t)RCPTS_SHOWN); i++)
		json_put_str(w, NULL, mailaddr_text(a, &item->envelope.rcpts[i].address));
	json_close(w);
	json_put_u64(w, "recipients", item->envelope.rcpt_count);
	json_put_str(w, "destination", item->destination);
	json_put_str(w, "queue", item->queue);
	json_put_str(w, "route", item->envelope.route);
	json_put_bool(w, "held", item->held);
	json_put_time(w, "next", item->due_ms == QUEUE_NEVER_MS ? 0 : item->due_ms);
	return people_note_close(&n, a);
}

enum err queue_note(struct txn *t, uint64_t id, struct str *out)
{
	struct queue_item item;
	enum err e = queue_get(t, id, txn_arena(t), &item);

	*out = STR_EMPTY;
	if (e == OK)
		*out = note(t, &item);
	return e == ERR_MISSING ? OK : e;
}
