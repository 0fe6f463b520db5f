/* model/objects/objects_changed.c: the change log of a type; see objects.h. */
#include "foundation/base/pack.h"
#include "model/objects/objects_row.h"


static void changed_list_add(struct arena *a, uint64_t **list, size_t *n, uint64_t id)
{
	/* The room doubles: at 0, 8, 16, 32, ... ids the list is full. */
	if (*n == 0 || (*n >= 8 && (*n & (*n - 1)) == 0)) {
		uint64_t *more = arena_array(a, uint64_t, *n == 0 ? 8 : 2 * *n);

		for (size_t i = 0; i < *n; i++)
			more[i] = (*list)[i];
		*list = more;
	}
	(*list)[(*n)++] = id;
}

/* Adds the change of the row to the lists of a client that is at since. An object that was created
 * and deleted meanwhile is omitted, and so is one whose creation is in the lists already (RFC 8620
 * 5.2). */
static void change_add(struct objects_changed *out, struct arena *a, uint64_t since,
                       const struct object_change *c)
{
	bool known = c->created <= since;

	if (c->event == OBJECT_CREATED)
		changed_list_add(a, &out->created, &out->created_count, c->id);
	else if (known && c->event == OBJECT_CHANGED)
		changed_list_add(a, &out->updated, &out->updated_count, c->id);
	else if (known)
		changed_list_add(a, &out->destroyed, &out->destroyed_count, c->id);
}

enum err objects_changed(struct txn *t, uint32_t account, enum object_type type, uint64_t since,
                         size_t max, struct arena *a, struct objects_changed *out)
{
	struct object_key from, to;
	struct object_state s;
	struct kv_iter it;
	enum err e = object_state_get(t, account, type, &s), walked;

	*out = (struct objects_changed){ .modseq = s.modseq };
	if (e)
		return e;
	if (since < s.floor || since > s.modseq)
		return ERR_MISSING;
	(void)object_key(&from, account, type, since + 1);
	kv_iter_init(&it, t, SPACE_OBJECT_CHANGE, buf_str(&from.b),
	             object_key_type(&to, account, (enum object_type)(type + 1)));
	while (!e && kv_iter_next(&it)) {
		size_t n = out->created_count + out->updated_count + out->destroyed_count;
		struct object_change c;

		if (!object_change_read(it.val, &c)) {
			e = ERR_CORRUPT;
		} else if (max != 0 && n == max) {
			out->more = true;
			out->modseq = object_key_number(it.key) - 1;
			break;
		} else {
			change_add(out, a, since, &c);
		}
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}
