/* foundation/observe/recent.c: see recent.h. */
#include "foundation/observe/recent.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"

#include <pthread.h>
#include <string.h>

/* An event and, after it in the same allocation, its texts. */
struct entry {
	struct recent_event event;
	size_t bytes; /* of the allocation */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_cond_t news;

/* The event of number n is at n % RECENT_EVENTS; first is the oldest stored one. */
static struct entry *ring[RECENT_EVENTS];
static uint64_t first = 1, next = 1;
static size_t bytes_held;
static unsigned waiters;
static bool stopped;

static void recent_begin(void)
{
	cond_init(&news);
}

/* --- storing -------------------------------------------------------------------- */

static struct str text_move(char **to, struct str s)
{
	struct str moved = { *to, s.n };

	if (s.n != 0)
		memcpy(*to, s.p, s.n);
	*to += s.n;
	return moved;
}

static struct entry *entry_new(const struct recent_event *e)
{
	size_t n = sizeof(struct entry) + e->id.n;
	struct entry *entry;
	char *to;

	for (size_t i = 0; i < e->field_count; i++)
		n += e->fields[i].value.text.n; /* names are static */
	entry = mem_new(n);
	entry->event = *e;
	entry->bytes = n;
	to = (char *)(entry + 1);
	entry->event.id = text_move(&to, e->id);
	for (size_t i = 0; i < e->field_count; i++)
		entry->event.fields[i].value.text = text_move(&to, e->fields[i].value.text);
	return entry;
}

static void oldest_drop(void)
{
	struct entry **at = &ring[first++ % RECENT_EVENTS];

	bytes_held -= (*at)->bytes;
	mem_clear(at);
}

void recent_put(const struct recent_event *e)
{
	struct entry *entry = entry_new(e);

	pthread_once(&once, recent_begin);
	pthread_mutex_lock(&lock);
	while (next - first == RECENT_EVENTS ||
	       (next != first && bytes_held + entry->bytes > RECENT_BYTES))
		oldest_drop();
	entry->event.seq = next;
	bytes_held += entry->bytes;
	ring[next++ % RECENT_EVENTS] = entry;
	if (waiters != 0)
		pthread_cond_broadcast(&news);
	pthread_mutex_unlock(&lock);
}

/* --- reading -------------------------------------------------------------------- */

static bool has_text(struct str in, struct str what)
{
	for (size_t i = 0; i + what.n <= in.n; i++)
		if (str_eqi(str_sub(in, i, i + what.n), what))
			return true;
	return false;
}

static bool is_account(struct str field)
{
	return str_eq(field, STR("account")) || str_eq(field, STR("login"));
}

bool recent_matches(const struct recent_filter *f, const struct recent_event *e)
{
	bool address = f->address.n == 0, account = f->account.n == 0;

	for (size_t i = 0; i < e->field_count; i++) {
		struct str text = e->fields[i].value.text;

		address = address || has_text(text, f->address);
		account = account || (is_account(e->fields[i].name) && str_eqi(text, f->account));
	}
	return address && account && e->level >= f->level &&
	       (f->session.n == 0 || str_eq(e->id, f->session));
}

uint64_t recent_each(uint64_t after, const struct recent_filter *f,
                     bool (*fn)(const struct recent_event *e, void *arg), void *arg)
{
	bool more = true;
	uint64_t at;

	pthread_mutex_lock(&lock);
	if (after >= next)
		after = 0;
	for (at = MAX(after + 1, first); more && at < next; at++) {
		const struct recent_event *e = &ring[at % RECENT_EVENTS]->event;

		if (recent_matches(f, e))
			more = fn(e, arg);
	}
	pthread_mutex_unlock(&lock);
	return at - 1;
}

bool recent_wait(uint64_t after, int64_t deadline_ms)
{
	bool there;

	pthread_once(&once, recent_begin);
	pthread_mutex_lock(&lock);
	if (after >= next)
		after = 0;
	if (waiters < RECENT_WAITERS_MAX) {
		waiters++;
		while (!stopped && after + 1 >= next && cond_wait_until(&news, &lock, deadline_ms))
			;
		waiters--;
	}
	there = after + 1 < next;
	pthread_mutex_unlock(&lock);
	return there;
}

void recent_stop(bool stop)
{
	pthread_once(&once, recent_begin);
	pthread_mutex_lock(&lock);
	stopped = stop;
	pthread_cond_broadcast(&news);
	pthread_mutex_unlock(&lock);
}
