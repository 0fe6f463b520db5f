/* formats/message/envelope.c: see envelope.h. */
#include "formats/message/envelope.h"

#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"

/* --- from a header -------------------------------------------------------------------- */

static const struct {
	struct str name;
	size_t offset; /* of a struct str in struct envelope */
	unsigned has;
} texts[] = {
	{ { "Date", 4 }, offsetof(struct envelope, date), ENVELOPE_DATE },
	{ { "Subject", 7 }, offsetof(struct envelope, subject), ENVELOPE_SUBJECT },
	{ { "In-Reply-To", 11 }, offsetof(struct envelope, in_reply_to), ENVELOPE_IN_REPLY_TO },
	{ { "Message-ID", 10 }, offsetof(struct envelope, message_id), ENVELOPE_MESSAGE_ID },
};

/* In the order of the record. */
static const struct {
	struct str name;
	size_t offset; /* of a struct address_list in struct envelope */
} lists[] = {
	{ { "From", 4 }, offsetof(struct envelope, from) },
	{ { "Sender", 6 }, offsetof(struct envelope, sender) },
	{ { "Reply-To", 8 }, offsetof(struct envelope, reply_to) },
	{ { "To", 2 }, offsetof(struct envelope, to) },
	{ { "Cc", 2 }, offsetof(struct envelope, cc) },
	{ { "Bcc", 3 }, offsetof(struct envelope, bcc) },
};
enum { LIST_FROM, LIST_SENDER, LIST_REPLY_TO };

static struct str *text_at(const struct envelope *e, size_t i)
{
	return (struct str *)(void *)((char *)(uintptr_t)e + texts[i].offset);
}

static struct address_list *list_at(const struct envelope *e, size_t i)
{
	return (struct address_list *)(void *)((char *)(uintptr_t)e + lists[i].offset);
}

size_t envelope_addresses(const struct envelope *e)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(lists); i++)
		n += list_at(e, i)->n;
	return n;
}

/* The maximum of a list, given the sizes of the other ones. */
static size_t list_max(const struct envelope *e, const struct address_list *list,
                       const struct message_limits *limits)
{
	size_t others = envelope_addresses(e) - list->n;

	return MIN((size_t)limits->addresses,
	           limits->all_addresses - MIN(others, (size_t)limits->all_addresses));
}

static void field_read(struct arena *a, const struct header_field *field,
                       const struct message_limits *limits, struct envelope *out)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (str_eqi(field->name, texts[i].name)) {
			if (!(out->has & texts[i].has))
				*text_at(out, i) = header_unfold(a, field->value);
			out->has |= texts[i].has;
			return;
		}
	}
	/* A repeated To field extends the list. */
	for (size_t i = 0; i < COUNT(lists); i++)
		if (str_eqi(field->name, lists[i].name))
			address_list_more(a, field->value, list_max(out, list_at(out, i), limits),
			                  list_at(out, i));
}

void envelope_of(struct arena *a, struct str header, const struct message_limits *limits,
                 struct envelope *out)
{
	struct cur c = cur_of(header);
	struct header_field field;

	arena_cap(a, limits->memory_bytes);
	*out = (struct envelope){ 0 };
	while (header_next(&c, &field))
		if (field.name.n >= 2 && field.name.n <= 11)
			field_read(a, &field, limits, out);
	/* RFC 9051 7.5.2: the default of Sender and Reply-To is From. */
	if (out->sender.n == 0)
		out->sender = out->from;
	if (out->reply_to.n == 0)
		out->reply_to = out->from;
}

/* --- the record ------------------------------------------------------------------------- */

enum {
	ENVELOPE_FORM = 1,
	SENDER_IS_FROM = BIT(4), /* in addition to enum envelope_has */
	REPLY_TO_IS_FROM = BIT(5),
	/* An item begins with its kind and these bits: most have no route and no group. */
	ITEM_KIND = 3,
	ITEM_ROUTE = BIT(2),
};

static bool address_same(const struct address *a, const struct address *b)
{
	return a->kind == b->kind && str_eq(a->name, b->name) && str_eq(a->route, b->route) &&
	       str_eq(a->local, b->local) && str_eq(a->domain, b->domain);
}

static bool list_same(const struct address_list *a, const struct address_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!address_same(&a->items[i], &b->items[i]))
			return false;
	return true;
}

static void list_pack(struct buf *out, const struct address_list *list)
{
	pack_u64(out, list->n);
	for (size_t i = 0; i < list->n; i++) {
		const struct address *item = &list->items[i];

		pack_u64(out, (unsigned)item->kind | (item->route.n != 0 ? ITEM_ROUTE : 0));
		pack_str(out, item->name);
		if (item->route.n != 0)
			pack_str(out, item->route);
		pack_str(out, item->local);
		pack_str(out, item->domain);
	}
}

/* A list equal to From is only a bit in the record. */
static bool is_shared(unsigned bits, size_t list)
{
	return (list == LIST_SENDER && (bits & SENDER_IS_FROM)) ||
	       (list == LIST_REPLY_TO && (bits & REPLY_TO_IS_FROM));
}

void envelope_pack(struct buf *out, const struct envelope *e)
{
	unsigned bits = e->has;

	if (list_same(&e->sender, &e->from))
		bits |= SENDER_IS_FROM;
	if (list_same(&e->reply_to, &e->from))
		bits |= REPLY_TO_IS_FROM;
	pack_u64(out, ENVELOPE_FORM);
	pack_u64(out, bits);
	for (size_t i = 0; i < COUNT(texts); i++)
		if (bits & texts[i].has)
			pack_str(out, *text_at(e, i));
	for (size_t i = 0; i < COUNT(lists); i++)
		if (!is_shared(bits, i))
			list_pack(out, list_at(e, i));
}

static void list_unpack(struct arena *a, struct unpack *u, struct address_list *out)
{
	uint64_t n = unpack_u64(u);

	*out = (struct address_list){ NULL, 0, false };
	if (n > cur_left(&u->c) / 4) { /* an item has at least four bytes */
		u->bad = true;
		return;
	}
	out->items = arena_array(a, struct address, n);
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		struct address *item = &out->items[i];
		uint32_t bits = unpack_u32(u);

		if ((bits & ITEM_KIND) > ADDRESS_GROUP_END)
			u->bad = true;
		item->kind = (enum address_kind)(bits & ITEM_KIND);
		item->name = unpack_str(u);
		if (bits & ITEM_ROUTE)
			item->route = unpack_str(u);
		item->local = unpack_str(u);
		item->domain = unpack_str(u);
	}
}

void envelope_take(struct arena *a, struct unpack *u, struct envelope *out)
{
	unsigned bits;

	*out = (struct envelope){ 0 };
	if (unpack_u64(u) != ENVELOPE_FORM)
		u->bad = true;
	bits = unpack_u32(u);
	out->has = bits & (SENDER_IS_FROM - 1);
	for (size_t i = 0; i < COUNT(texts); i++)
		if (bits & texts[i].has)
			*text_at(out, i) = unpack_str(u);
	for (size_t i = 0; i < COUNT(lists); i++) {
		if (is_shared(bits, i))
			*list_at(out, i) = out->from;
		else
			list_unpack(a, u, list_at(out, i));
	}
}

bool envelope_unpack(struct arena *a, struct str record, struct envelope *out)
{
	struct unpack u = unpack_of(record);

	envelope_take(a, &u, out);
	return unpack_ok(&u);
}
