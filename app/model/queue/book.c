/* model/queue/book.c: see book.h. */
#include "model/queue/book.h"

#include "foundation/base/buf.h"

static struct str row_key(char to[static 1 + BOOK_KEY_MAX], enum book_kind kind, struct str key)
{
	struct buf b;

	assert(key.n <= BOOK_KEY_MAX);
	buf_init_in(&b, to, 1 + BOOK_KEY_MAX);
	buf_byte(&b, (char)kind);
	buf_put(&b, key);
	return buf_str(&b);
}

enum err book_get(struct txn *t, enum book_kind kind, struct str key, struct str *val)
{
	char row[1 + BOOK_KEY_MAX];

	return kv_get(t, SPACE_QUEUE_BOOK, row_key(row, kind, key), val);
}

enum err book_put(struct txn *t, enum book_kind kind, struct str key, struct str val)
{
	char row[1 + BOOK_KEY_MAX];

	return kv_put(t, SPACE_QUEUE_BOOK, row_key(row, kind, key), val);
}

enum err book_del(struct txn *t, enum book_kind kind, struct str key)
{
	char row[1 + BOOK_KEY_MAX];

	return kv_del(t, SPACE_QUEUE_BOOK, row_key(row, kind, key));
}

void book_iter(struct kv_iter *it, struct txn *t, enum book_kind kind)
{
	char row[1 + BOOK_KEY_MAX];

	kv_iter_prefix(it, t, SPACE_QUEUE_BOOK, row_key(row, kind, STR_EMPTY));
}

struct str book_iter_key(const struct kv_iter *it)
{
	return str_sub(it->key, 1, it->key.n);
}
