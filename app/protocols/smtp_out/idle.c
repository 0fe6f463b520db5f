/* protocols/smtp_out/idle.c: see idle.h. */
#include "protocols/smtp_out/idle.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/tlsa.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/route_resolve.h"

#include <pthread.h>

enum { KEY_MAX = 1024 };

struct entry {
	struct list link; /* the most recent one first */
	struct str key;   /* owned */
	const struct settings *settings; /* a reference */
	int64_t until_ms;
	struct out_session session; /* hop and route are not set */
};

struct out_idle {
	pthread_mutex_t lock; /* protects all below */
	struct list entries;
	size_t count, max;
};

struct out_idle *out_idle_new(size_t max)
{
	struct out_idle *i = NEW(struct out_idle);

	pthread_mutex_init(&i->lock, NULL);
	list_init(&i->entries);
	i->max = max;
	return i;
}

static void idle_entry_free(struct entry *e)
{
	out_session_close(&e->session, false);
	out_session_deinit(&e->session);
	settings_unref(e->settings);
	str_free(&e->key);
	mem_free(e);
}

void out_idle_free(struct out_idle **i)
{
	struct list *l;

	if (*i == NULL)
		return;
	while ((l = list_pop_front(&(*i)->entries)) != NULL)
		idle_entry_free(container_of(l, struct entry, link));
	pthread_mutex_destroy(&(*i)->lock);
	mem_clear(i);
}

/* --- identity of a session -------------------------------------------------------------- */

static void idle_part_put(struct buf *key, struct str part)
{
	buf_put(key, part);
	buf_byte(key, '\0');
}

/* Different records may imply another certificate (RFC 7672 2.1). */
static void records_put(struct buf *key, const struct tlsa_set *set)
{
	for (size_t i = 0; set != NULL && i < set->count; i++) {
		const struct tlsa *t = &set->items[i];

		buf_fmt(key, "%d %d %d ", t->usage, t->selector, t->matching);
		idle_part_put(key, t->data);
	}
	for (size_t i = 0; set != NULL && i < set->name_count; i++)
		idle_part_put(key, set->names[i]);
}

/* Identifies the server and our identity there; the rest depends on the settings. The key
 * is a hash, since records may be long. */
static void idle_key_make(const struct out_session *s, const struct out_hop *hop,
                          uint8_t key[static HASH_BYTES])
{
	char text[ADDR_TEXT_MAX];
	struct buf b;

	buf_init(&b, 64 << 10);
	idle_part_put(&b, s->route->way->name);
	idle_part_put(&b, s->hostname);
	idle_part_put(&b, hop->host);
	idle_part_put(&b,
	              hop->addr.family != ADDR_NONE ? addr_ip_text(&hop->addr, text) : STR_EMPTY);
	buf_fmt(&b, "%u ", hop->port);
	idle_part_put(&b, hop->relay != NULL ? hop->relay->user : STR_EMPTY);
	idle_part_put(&b, hop->relay != NULL ? hop->relay->path : STR_EMPTY);
	records_put(&b, hop->tls.records);
	hash_sha256(buf_str(&b), key);
	buf_deinit(&b);
}

/* --- in and out ------------------------------------------------------------------------- */

bool out_idle_put(struct out_idle *i, struct out_session *s, const struct settings *settings,
                  int64_t until_ms)
{
	uint8_t key[HASH_BYTES];
	struct entry *e;
	bool room;

	idle_key_make(s, s->hop, key);
	e = NEW(struct entry);
	list_init(&e->link);
	e->key = str_new(str_from((const char *)key, sizeof key));
	e->settings = settings_again(settings);
	e->until_ms = until_ms;
	out_session_init(&e->session, STR_EMPTY);
	pthread_mutex_lock(&i->lock);
	room = i->count < i->max;
	if (room) {
		out_session_move(&e->session, s);
		list_push_front(&i->entries, &e->link);
		i->count++;
	}
	pthread_mutex_unlock(&i->lock);
	if (!room)
		idle_entry_free(e);
	return room;
}

static void entry_leave(struct out_idle *i, struct entry *e)
{
	list_remove(&e->link);
	i->count--;
}

/* lock is held. */
static struct entry *entry_find(struct out_idle *i, struct str key, const struct settings *settings,
                                const struct out_tls_demand *demand)
{
	list_each(it, &i->entries)
	{
		struct entry *e = container_of(it, struct entry, link);

		if (e->settings == settings && str_eq(e->key, key) &&
		    out_tls_check(demand, &e->session.facts) == OUT_TLS_FINE)
			return e;
	}
	return NULL;
}

bool out_idle_take(struct out_idle *i, struct out_session *s, const struct settings *settings,
                   const struct out_hop *hop)
{
	uint8_t bytes[HASH_BYTES];
	struct entry *e;
	bool alive = false;

	if (i == NULL || s->demand.problem != OUT_TLS_FINE)
		return false;
	idle_key_make(s, hop, bytes);
	do {
		pthread_mutex_lock(&i->lock);
		e = entry_find(i, str_from((const char *)bytes, sizeof bytes), settings,
		               &s->demand);
		if (e != NULL)
			entry_leave(i, e);
		pthread_mutex_unlock(&i->lock);
		if (e == NULL)
			break;
		/* RFC 5321 3.8: check for a 421 or a closed connection. */
		alive = clock_mono_ms() < e->until_ms && stream_is_quiet(e->session.stream);
		if (alive) {
			out_session_move(s, &e->session);
			s->hop = hop;
			s->adopted = true;
		}
		idle_entry_free(e);
	} while (!alive);
	return alive;
}

bool out_idle_pop(struct out_idle *i, int64_t now_ms, bool all, struct out_session *s)
{
	struct entry *found = NULL;

	pthread_mutex_lock(&i->lock);
	list_each(it, &i->entries)
	{
		struct entry *e = container_of(it, struct entry, link);

		if (all || e->until_ms <= now_ms)
			found = e;
	}
	if (found != NULL)
		entry_leave(i, found);
	pthread_mutex_unlock(&i->lock);
	if (found == NULL)
		return false;
	out_session_move(s, &found->session);
	idle_entry_free(found);
	return true;
}

int64_t out_idle_next(struct out_idle *i)
{
	int64_t next_ms = INT64_MAX;

	pthread_mutex_lock(&i->lock);
	list_each(it, &i->entries)
		next_ms = MIN(next_ms, container_of(it, struct entry, link)->until_ms);
	pthread_mutex_unlock(&i->lock);
	return next_ms;
}
