/* model/envelope/action_pack.c: lists of actions as they are stored; see action.h.
 *
 *	version, then for each action: kind, and its fields in a string, so that a newer version can
 *	add some */
#include "model/envelope/action.h"

#include "foundation/base/pack.h"

enum { ACTIONS_VERSION = 1 };

enum action_bit {
	PACK_CREATE = BIT(0),
	PACK_FCC = BIT(1),
	PACK_REPORT = BIT(2),
	PACK_RETURN = BIT(3),
	PACK_TRACE = BIT(4),
	PACK_FLAGS = BIT(5),
};

static uint64_t bits_of(const struct action *x)
{
	return (x->place.create ? PACK_CREATE : 0u) | (x->has_fcc ? PACK_FCC : 0u) |
	       (x->report ? PACK_REPORT : 0u) | (x->by_return ? PACK_RETURN : 0u) |
	       (x->by_trace ? PACK_TRACE : 0u) | (x->place.has_flags ? PACK_FLAGS : 0u);
}

static void fields_pack(struct buf *b, const struct action *x)
{
	pack_u64(b, bits_of(x));
	pack_str(b, x->why);
	pack_str(b, x->place.mailbox);
	pack_str(b, x->place.special_use);
	pack_str(b, x->place.mailbox_id);
	pack_str(b, x->place.flags);
	pack_str(b, x->address.local);
	pack_str(b, x->address.domain);
	pack_str(b, x->message);
	pack_u64(b, x->notify);
	pack_str(b, x->ret);
	pack_u64(b, (uint64_t)x->by_ms);
	pack_str(b, x->text);
	pack_str(b, x->header);
	pack_str(b, x->replaced);
	pack_str(b, x->once);
	pack_u64(b, x->once_seconds);
}

void actions_pack(struct buf *b, const struct action *list)
{
	pack_u64(b, ACTIONS_VERSION);
	for (; list != NULL; list = list->next) {
		struct buf fields;

		buf_init(&fields, b->max);
		fields_pack(&fields, list);
		pack_u64(b, list->kind);
		pack_str(b, buf_str(&fields));
		b->over = b->over || fields.over;
		buf_deinit(&fields);
	}
}

static struct str text_unpack(struct unpack *u, struct arena *a)
{
	return str_dup(a, unpack_str(u));
}

static void fields_unpack(struct unpack *u, struct arena *a, struct action *x)
{
	uint64_t bits = unpack_u64(u);

	x->place.create = (bits & PACK_CREATE) != 0;
	x->has_fcc = (bits & PACK_FCC) != 0;
	x->report = (bits & PACK_REPORT) != 0;
	x->by_return = (bits & PACK_RETURN) != 0;
	x->by_trace = (bits & PACK_TRACE) != 0;
	x->place.has_flags = (bits & PACK_FLAGS) != 0;
	x->why = text_unpack(u, a);
	x->place.mailbox = text_unpack(u, a);
	x->place.special_use = text_unpack(u, a);
	x->place.mailbox_id = text_unpack(u, a);
	x->place.flags = text_unpack(u, a);
	x->address.local = text_unpack(u, a);
	x->address.domain = text_unpack(u, a);
	x->message = text_unpack(u, a);
	x->notify = unpack_u32(u);
	x->ret = text_unpack(u, a);
	x->by_ms = (int64_t)unpack_u64(u);
	x->text = text_unpack(u, a);
	x->header = text_unpack(u, a);
	x->replaced = text_unpack(u, a);
	x->once = text_unpack(u, a);
	x->once_seconds = unpack_u32(u);
}

bool actions_parse(struct str packed, struct arena *a, const struct action **out)
{
	struct unpack u = unpack_of(packed);
	struct action *list = NULL;
	bool good = unpack_u64(&u) == ACTIONS_VERSION;

	while (good && unpack_more(&u)) {
		uint32_t kind = unpack_u32(&u);
		struct unpack fields = unpack_of(unpack_str(&u));

		good = kind >= ACTION_KEEP && kind <= ACTION_NOTE;
		if (good)
			fields_unpack(&fields, a, actions_add(a, &list, (enum action_kind)kind));
		good = good && unpack_ok(&fields);
	}
	good = good && unpack_ok(&u);
	*out = good ? list : NULL;
	return good;
}
