/* model/queue/count.c: see count.h. */
#include "model/queue/count.h"

#include "foundation/base/arena.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/queue/add.h"
#include "model/queue/book.h"
#include "model/queue/entry.h"
#include "model/queue/record.h"
#include "model/store/store.h"

enum { COUNT_VERSION = 1, KEY = 1 + MAILADDR_DOMAIN_MAX };

/* --- rows -------------------------------------------------------------------------------- */

static struct str account_key(char to[static KEY], uint32_t account)
{
	struct buf b;

	buf_init_in(&b, to, KEY);
	buf_byte(&b, 'a');
	pack_be32(&b, account);
	return buf_str(&b);
}

static struct str domain_key(char to[static KEY], struct str domain)
{
	struct buf b;

	domain = str_sub(domain, 0, MAILADDR_DOMAIN_MAX);
	buf_init_in(&b, to, KEY);
	buf_byte(&b, 'd');
	for (size_t i = 0; i < domain.n; i++)
		buf_byte(&b, ascii_lower(domain.p[i]));
	return buf_str(&b);
}

static bool row_read(struct str row, struct queue_count *out)
{
	struct unpack u = unpack_of(row);
	bool good = unpack_u64(&u) == COUNT_VERSION;

	out->messages = unpack_u64(&u);
	out->bytes = unpack_u64(&u);
	return good && unpack_ok(&u);
}

/* An unreadable row counts as empty: the next start repairs it. */
static enum err row_get(struct txn *t, struct str key, struct queue_count *out)
{
	struct str row;
	enum err e = book_get(t, BOOK_COUNT, key, &row);

	if (e != OK || !row_read(row, out))
		*out = (struct queue_count){ 0 };
	return e == ERR_MISSING ? OK : e;
}

static enum err row_put(struct txn *t, struct str key, const struct queue_count *count)
{
	struct buf b;
	enum err e;

	if (count->messages == 0) {
		e = book_del(t, BOOK_COUNT, key);
		return e == ERR_MISSING ? OK : e;
	}
	buf_init(&b, 64);
	pack_u64(&b, COUNT_VERSION);
	pack_u64(&b, count->messages);
	pack_u64(&b, count->bytes);
	e = book_put(t, BOOK_COUNT, key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err row_change(struct txn *t, struct str key, uint64_t bytes, bool more)
{
	struct queue_count count;
	enum err e = row_get(t, key, &count);

	if (e != OK)
		return e;
	count.messages = more ? count.messages + 1 : count.messages - MIN(count.messages, 1u);
	count.bytes = more ? count.bytes + bytes : count.bytes - MIN(count.bytes, bytes);
	return row_put(t, key, &count);
}

/* The keys of the rows that an entry counts in; returns how many. */
static size_t item_keys(char to[static 2 * KEY], const struct queue_item *item, struct str keys[3])
{
	size_t n = 0;

	keys[n++] = STR_EMPTY;
	if (item->envelope.submitter != 0)
		keys[n++] = account_key(to, item->envelope.submitter);
	if (item->envelope.sender.domain.n != 0)
		keys[n++] = domain_key(to + KEY, item->envelope.sender.domain);
	return n;
}

enum err count_change(struct txn *t, const struct queue_item *item, bool more)
{
	char bytes[2 * KEY];
	struct str keys[3];
	size_t n = item_keys(bytes, item, keys);
	enum err e = OK;

	for (size_t i = 0; e == OK && i < n; i++)
		e = row_change(t, keys[i], item->size_bytes, more);
	return e;
}

enum err queue_count_of(struct txn *t, struct queue_count *out)
{
	return row_get(t, STR_EMPTY, out);
}

enum err count_of_account(struct txn *t, uint32_t account, struct queue_count *out)
{
	char key[KEY];

	return row_get(t, account_key(key, account), out);
}

enum err count_of_domain(struct txn *t, struct str domain, struct queue_count *out)
{
	char key[KEY];

	return row_get(t, domain_key(key, domain), out);
}

/* --- sums over the entries --------------------------------------------------------------- */

static bool sum_free(struct str key, void *count, void *arg)
{
	(void)key, (void)arg;
	mem_free(count);
	return false;
}

static void sum_add(struct map *sums, const struct queue_item *item)
{
	char bytes[2 * KEY];
	struct str keys[3];
	size_t n = item_keys(bytes, item, keys);

	for (size_t i = 0; i < n; i++) {
		struct queue_count *count = map_get(sums, keys[i]);

		if (count == NULL) {
			count = NEW(struct queue_count);
			map_put(sums, keys[i], count);
		}
		count->messages++;
		count->bytes += item->size_bytes;
	}
}

static enum err sum(struct txn *t, struct map *sums)
{
	struct queue_item item;
	struct kv_iter it;

	record_iter(&it, t, 1);
	while (kv_iter_next(&it))
		if (record_glance(&it, &item) == OK) /* else fsck reports it */
			sum_add(sums, &item);
	return kv_iter_end(&it);
}

static enum err compare(struct txn *t, const struct map *sums, bool *same)
{
	struct kv_iter it;
	size_t rows = 0;

	*same = true;
	book_iter(&it, t, BOOK_COUNT);
	while (*same && kv_iter_next(&it)) {
		const struct queue_count *want = map_get(sums, book_iter_key(&it));
		struct queue_count count;

		rows++;
		*same = want != NULL && row_read(it.val, &count) &&
		        count.messages == want->messages && count.bytes == want->bytes;
	}
	*same = *same && rows == sums->count;
	return kv_iter_end(&it);
}

enum err count_check(struct txn *t, bool *right)
{
	struct map sums = { 0 };
	enum err e = sum(t, &sums);

	if (e == OK)
		e = compare(t, &sums, right);
	map_filter(&sums, sum_free, NULL);
	map_deinit(&sums);
	return e;
}

/* --- repair ------------------------------------------------------------------------------ */

struct write {
	struct txn *t;
	enum err e;
};

static bool sum_write(struct str key, void *count, void *arg)
{
	struct write *w = arg;

	if (w->e == OK)
		w->e = row_put(w->t, key, count);
	mem_free(count);
	return false;
}

static enum err rows_anew(struct txn *t, void *arg)
{
	struct write w = { .t = t };
	struct map sums = { 0 };
	struct kv_iter it;
	enum err walked;

	(void)arg;
	book_iter(&it, t, BOOK_COUNT);
	while (w.e == OK && kv_iter_next(&it))
		w.e = book_del(t, BOOK_COUNT, book_iter_key(&it));
	walked = kv_iter_end(&it);
	w.e = w.e != OK ? w.e : walked;
	if (w.e == OK)
		w.e = sum(t, &sums);
	map_filter(&sums, sum_write, &w);
	map_deinit(&sums);
	return w.e;
}

static enum err look(struct txn *t, void *arg)
{
	return count_check(t, arg);
}

enum err count_mend(struct store *s, struct why *why)
{
	bool right = true;
	enum err e = store_read(s, look, &right);

	if (e != OK)
		return fail(why, e, "the queue cannot be read");
	return right ? OK : store_write(s, rows_anew, NULL, why);
}
