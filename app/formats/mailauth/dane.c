/* formats/mailauth/dane.c: see dane.h. */
#include "formats/mailauth/dane.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/crypto/hash.h"

static bool dane_number_take(struct cur *c, uint8_t *out)
{
	uint32_t n;

	if (!cur_u32(c, &n) || n > UINT8_MAX || !cur_blank(c))
		return false;
	*out = (uint8_t)n;
	return true;
}

static int dane_hex_value(char c)
{
	c = ascii_lower(c);
	if (ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_take(struct cur *c, struct arena *a, struct str *out)
{
	char *bytes = arena_alloc(a, cur_left(c) / 2 + 1);
	size_t n = 0;
	char high, low;

	while (cur_any(c, &high)) {
		if (!cur_any(c, &low) || dane_hex_value(high) < 0 || dane_hex_value(low) < 0)
			return false;
		bytes[n++] = (char)(dane_hex_value(high) << 4 | dane_hex_value(low));
	}
	*out = str_from(bytes, n);
	return true;
}

bool dane_record_parse(struct str text, struct arena *a, struct tlsa *out)
{
	struct cur c = cur_of(text);

	return dane_number_take(&c, &out->usage) && dane_number_take(&c, &out->selector) &&
	       dane_number_take(&c, &out->matching) && hex_take(&c, a, &out->data);
}

bool dane_usable(const struct tlsa *t)
{
	static const size_t sizes[] = { [TLSA_SHA256] = HASH_BYTES,
		                        [TLSA_SHA512] = HASH_SHA512_BYTES };

	if ((t->usage != TLSA_DANE_TA && t->usage != TLSA_DANE_EE) || t->selector > TLSA_SPKI ||
	    t->matching > TLSA_SHA512)
		return false;
	return t->matching == TLSA_FULL ? t->data.n != 0 : t->data.n == sizes[t->matching];
}

/* Does a stronger digest of the same kind make this record superfluous? */
static bool outdone(const struct tlsa *t, const struct tlsa *items, size_t count)
{
	for (size_t i = 0; t->matching != TLSA_FULL && i < count; i++)
		if (items[i].usage == t->usage && items[i].selector == t->selector &&
		    items[i].matching > t->matching)
			return true;
	return false;
}

size_t dane_choose(struct tlsa *items, size_t count)
{
	size_t usable = 0, kept = 0;

	for (size_t i = 0; i < count; i++)
		if (dane_usable(&items[i]))
			items[usable++] = items[i];
	for (size_t i = 0; i < usable; i++) {
		struct tlsa t = items[i];

		/* Full and stronger ones stay, so compacting in place is safe. */
		if (!outdone(&t, items + i, usable - i) && !outdone(&t, items, kept))
			items[kept++] = t;
	}
	return kept;
}
