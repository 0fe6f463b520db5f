/* model/search/block.c: reading blocks of words; see rows.h. */
#include "foundation/base/pack.h"
#include "model/search/rows.h"
#include "model/store/packed.h"

#include <string.h>

enum {
	STEP = 16, /* bytes are copied in such steps, up to this many beyond the end */
	SHAPES_MAX = 2 * BLOCK_WORDS + STEP,
	LETTERS_MAX = BLOCK_WORDS * BLOCK_WORD_MAX + STEP,
	WORDS_MAX = BLOCK_WORDS * (1 + BLOCK_WORD_MAX) + 1 + STEP,
};

void block_init(struct block *b)
{
	*b = (struct block){ .count = 0 };
	buf_init(&b->shapes, SHAPES_MAX);
	buf_init(&b->letters, LETTERS_MAX);
	buf_init(&b->expanded, WORDS_MAX);
	buf_init(&b->lists, PACKED_MAX + STEP);
}

void block_deinit(struct block *b)
{
	buf_deinit(&b->shapes);
	buf_deinit(&b->letters);
	buf_deinit(&b->expanded);
	buf_deinit(&b->lists);
}

/* Unpacks the value into out. False when it is damaged or does not fit. */
static bool value_get(struct txn *t, struct str packed, struct buf *out)
{
	size_t n;
	char *to;

	buf_reset(out);
	to = packed_size(packed, &n) ? buf_room(out, n + STEP) : NULL;
	if (to == NULL || packed_get(t, packed, to, n) != OK)
		return false;
	buf_commit(out, n);
	return true;
}

/* n is at most BLOCK_WORD_MAX; up to STEP bytes more are read and written. */
static void bytes_copy(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i += STEP) {
		char some[STEP];

		memcpy(some, from + i, STEP);
		memcpy(to + i, some, STEP);
	}
}

static bool words_expand(struct block *b)
{
	const unsigned char *shared = (const unsigned char *)b->shapes.p;
	const unsigned char *own = shared + b->count;
	const char *from = b->letters.p, *before;
	size_t n = 1, left = b->letters.n, before_n = 0;
	char *to;

	for (uint32_t i = 0; i < b->count; i++)
		n += (size_t)shared[i] + own[i] + 1;
	buf_reset(&b->expanded);
	if ((to = buf_room(&b->expanded, n + STEP)) == NULL)
		return false;
	b->words = str_from(to, n);
	*to++ = '\0';
	before = to;
	for (uint32_t i = 0; i < b->count; i++) {
		if (shared[i] > before_n || own[i] > left || shared[i] + own[i] > BLOCK_WORD_MAX)
			return false;
		bytes_copy(to, before, shared[i]);
		bytes_copy(to + shared[i], from, own[i]);
		before = to;
		before_n = (size_t)shared[i] + own[i];
		from += own[i];
		left -= own[i];
		to[before_n] = '\0';
		to += before_n + 1;
	}
	return left == 0;
}

bool block_read(struct block *b, struct txn *t, struct str row)
{
	struct unpack u = unpack_of(row);
	uint64_t field = unpack_u64(&u), count = unpack_u64(&u);
	struct str shapes = unpack_str(&u), letters = unpack_str(&u);

	b->packed = unpack_str(&u);
	b->count = 0;
	b->listed = false;
	if (!unpack_ok(&u) || field >= SEARCH_FIELDS || count == 0 || count > BLOCK_WORDS)
		return false;
	b->field = (enum search_field)field;
	b->count = (uint32_t)count;
	b->t = t;
	return value_get(t, shapes, &b->shapes) && b->shapes.n == 2 * count &&
	       value_get(t, letters, &b->letters) && words_expand(b);
}

/* Unpacked only on demand, since most blocks have no matching word. */
static bool lists_read(struct block *b)
{
	uint64_t length, sum = 0;
	struct cur c;

	if (!value_get(b->t, b->packed, &b->lists))
		return false;
	c = cur_of(buf_str(&b->lists));
	for (uint32_t i = 0; i < b->count; i++) {
		if (!cur_varint(&c, &length) || length > b->lists.n)
			return false;
		sum += length;
	}
	b->postings_at = b->lists.n - cur_left(&c);
	b->listed = sum == cur_left(&c);
	block_rewind(b);
	return b->listed;
}

void block_rewind(struct block *b)
{
	struct str lists = buf_str(&b->lists);

	if (!b->listed)
		return;
	b->taken = 0;
	b->lengths = cur_of(str_sub(lists, 0, b->postings_at));
	b->postings = cur_of(str_sub(lists, b->postings_at, lists.n));
}

bool block_posting(struct block *b, uint32_t i, struct str *out)
{
	uint64_t length = 0;

	if (i >= b->count || (!b->listed && !lists_read(b)) || i < b->taken)
		return false;
	for (; b->taken <= i; b->taken++)
		if (!cur_varint(&b->lengths, &length) || !cur_take(&b->postings, length, out))
			return false;
	return true;
}
