/* protocols/imap/notify/notify_notes.c: reported annotations; see notifying.h. Values are
 * stored as hashes: the client receives names, and fetches values (RFC 5465 5.6). */
#include "formats/imap_wire/put.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"
#include "protocols/imap/notify/notifying.h"
#include <string.h>

static uint64_t hash_of(struct str value)
{
	uint8_t hash[HASH_BYTES];
	uint64_t n;

	hash_blake2b_256(value, hash);
	memcpy(&n, hash, sizeof(n));
	return n;
}

static void note_drop(struct notify_notes *n, size_t i)
{
	str_free(&n->items[i].name);
	n->items[i] = n->items[--n->n];
}

void notify_notes_deinit(struct notify_notes *n)
{
	while (n->n)
		note_drop(n, n->n - 1);
	mem_clear(&n->items);
	n->cap = 0;
}

static struct notify_note *note_find(const struct notify_notes *n, struct str name)
{
	for (size_t i = 0; i < n->n; i++)
		if (str_eq(n->items[i].name, name))
			return &n->items[i];
	return NULL;
}

/* The note of that name; a new one counts as changed. */
static struct notify_note *note_get(struct notify_notes *n, struct str name)
{
	struct notify_note *x = note_find(n, name);

	if (x)
		return x;
	if (n->n == n->cap) {
		n->cap = 2 * n->cap + 4;
		n->items = mem_resize(n->items, n->cap * sizeof(*n->items));
	}
	x = &n->items[n->n++];
	*x = (struct notify_note){ .name = str_new(name), .gone = true };
	return x;
}

static bool note_set(struct notify_note *x, const struct metadata_entry *now, bool tell)
{
	uint64_t hash = hash_of(now->value);
	bool same = !x->gone && x->hash == hash;

	x->hash = hash;
	x->gone = false;
	x->changed |= tell && !same;
	return !same;
}

static bool is_in(const struct metadata *all, struct str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->entries[i].name, name))
			return true;
	return false;
}

bool notify_notes_update(struct notify_notes *n, const struct metadata *now, bool tell)
{
	bool any = false;

	for (size_t i = 0; i < now->n; i++)
		any |= note_set(note_get(n, now->entries[i].name), &now->entries[i], tell);
	for (size_t i = 0; i < n->n; i++) {
		struct notify_note *x = &n->items[i];

		if (x->gone || is_in(now, x->name))
			continue;
		x->gone = true;
		x->changed |= tell;
		any = true;
	}
	return any && tell;
}

void notify_notes_set(struct notify_notes *n, const struct metadata_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct notify_note *x = note_get(n, entries[i].name);

		if (!entries[i].nil)
			(void)note_set(x, &entries[i], false);
		else if (x->changed)
			x->gone = true;
		else
			note_drop(n, (size_t)(x - n->items));
	}
}

void notify_notes_put(struct notify_notes *n, struct buf *out)
{
	for (size_t i = 0; i < n->n; i++) {
		if (n->items[i].changed) {
			buf_byte(out, ' ');
			imap_put_astring(out, n->items[i].name);
		}
		n->items[i].changed = false;
	}
	for (size_t i = n->n; i-- > 0;)
		if (n->items[i].gone)
			note_drop(n, i);
}
