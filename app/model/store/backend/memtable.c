/* model/store/backend/memtable.c: see memtable.h.
 *
 * A skip list: every node is on level 0, one in four of each level also on the next. A node is
 * complete before a store with release order links it, and is never unlinked, so readers need no
 * lock. A change that is undone leaves a node without versions, which readers skip. */
#include "model/store/backend/memtable.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"

#include <stdatomic.h>
#include <string.h>

enum { LEVELS = 12 };

struct version {
	struct version *older;
	struct version *changed_before; /* of the running commit; newest first */
	struct memtable_node *node;
	uint32_t commit;
	bool gone;
	bool replaced; /* within its own commit */
	struct str val;
};

struct memtable_node {
	struct str key;
	_Atomic(struct version *) newest;
	_Atomic(struct memtable_node *) next[];
};

struct memtable {
	atomic_uint references;
	_Atomic uint32_t last; /* 32 bits are atomic everywhere */
	struct arena arena;
	size_t rows;                  /* nodes */
	uint64_t dice;                /* for the heights of nodes */
	struct version *changed;      /* in the running commit    */
	struct memtable_node *before; /* all: no key, all levels  */
	/* The writer's path: on each level, the last node below the key of the last search. When
	 * keys are written in order, the next position is found from here in a step or two. */
	struct memtable_node *path[LEVELS];
};

static struct memtable_node *node_new(struct arena *a, struct str key, unsigned levels)
{
	struct memtable_node *n;
	size_t links = levels * sizeof n->next[0];
	char *p = arena_alloc(a, sizeof *n + links + key.n);

	n = (struct memtable_node *)(void *)p;
	p += sizeof *n + links;
	if (key.n != 0)
		memcpy(p, key.p, key.n);
	n->key = str_from(p, key.n);
	return n;
}

struct memtable *memtable_new(void)
{
	struct memtable *m = NEW(struct memtable);

	m->references = 1;
	m->dice = random_u64() | 1;
	m->before = node_new(&m->arena, STR_EMPTY, LEVELS);
	for (unsigned i = 0; i < LEVELS; i++)
		m->path[i] = m->before;
	return m;
}

struct memtable *memtable_ref(struct memtable *m)
{
	atomic_fetch_add_explicit(&m->references, 1, memory_order_relaxed);
	return m;
}

void memtable_unref(struct memtable **mp)
{
	struct memtable *m = *mp;

	*mp = NULL;
	if (m == NULL || atomic_fetch_sub_explicit(&m->references, 1, memory_order_acq_rel) != 1)
		return;
	arena_deinit(&m->arena);
	mem_free(m);
}

uint32_t memtable_last(const struct memtable *m)
{
	return atomic_load_explicit(&m->last, memory_order_acquire);
}

size_t memtable_bytes(const struct memtable *m)
{
	return m->arena.used_bytes;
}

size_t memtable_rows(const struct memtable *m)
{
	return m->rows;
}

/* --- Finding ---------------------------------------------------------------------------- */

static struct memtable_node *link_of(const struct memtable_node *n, unsigned level)
{
	return atomic_load_explicit(&n->next[level], memory_order_acquire);
}

/* The last node below key on this level, searching from n, which is below key. */
static struct memtable_node *level_below(struct memtable_node *n, unsigned level, struct str key)
{
	struct memtable_node *next;

	while ((next = link_of(n, level)) != NULL && str_cmp(next->key, key) < 0)
		n = next;
	return n;
}

/* The last node below key: m->before when there is none. */
static struct memtable_node *find_below(const struct memtable *m, struct str key)
{
	struct memtable_node *n = m->before;

	for (unsigned level = LEVELS; level-- > 0;)
		n = level_below(n, level, key);
	return n;
}

/* The same for the writer, with m->path: climbs from the last position until key is below the next
 * node, then descends. */
static struct memtable_node *path_below(struct memtable *m, struct str key)
{
	struct memtable_node *n = m->before, *next;
	unsigned top = LEVELS, level = 0;

	if (m->path[0] != m->before && str_cmp(m->path[0]->key, key) < 0) {
		while (level < LEVELS - 1 && (next = link_of(m->path[level], level)) != NULL &&
		       str_cmp(next->key, key) < 0)
			level++;
		top = level + 1;
		n = m->path[level];
	}
	for (level = top; level-- > 0;)
		n = m->path[level] = level_below(n, level, key);
	return n;
}

/* The first node at or after key. The writer may have inserted nodes since the last one below key
 * was found. */
static const struct memtable_node *find_at(const struct memtable *m, struct str key)
{
	const struct memtable_node *n = link_of(find_below(m, key), 0);

	while (n != NULL && str_cmp(n->key, key) < 0)
		n = link_of(n, 0);
	return n;
}

static const struct version *version_at(const struct memtable_node *n, uint32_t at)
{
	const struct version *v = atomic_load_explicit(&n->newest, memory_order_acquire);

	while (v != NULL && v->commit > at)
		v = v->older;
	return v;
}

enum memtable_has memtable_get(const struct memtable *m, uint32_t at, struct str key,
                               struct str *val)
{
	const struct memtable_node *n = find_at(m, key);
	const struct version *v;

	if (n == NULL || !str_eq(n->key, key) || (v = version_at(n, at)) == NULL)
		return MEMTABLE_NOTHING;
	if (v->gone)
		return MEMTABLE_GONE;
	*val = v->val;
	return MEMTABLE_VALUE;
}

void memtable_iter_init(struct memtable_iter *it, const struct memtable *m, uint32_t at)
{
	*it = (struct memtable_iter){ .m = m, .at = at };
}

/* Moves to n if the iterator's snapshot includes it. */
static bool stand(struct memtable_iter *it, const struct memtable_node *n)
{
	const struct version *v = version_at(n, it->at);

	if (v == NULL)
		return false;
	it->node = n;
	it->key = n->key;
	it->val = v->val;
	it->gone = v->gone;
	return true;
}

/* Moves to the first visible node from n on. */
static bool memtable_walk(struct memtable_iter *it, const struct memtable_node *n)
{
	it->node = NULL;
	while (n != NULL && !stand(it, n))
		n = link_of(n, 0);
	return n != NULL;
}

bool memtable_seek(struct memtable_iter *it, struct str key)
{
	return memtable_walk(it, find_at(it->m, key));
}

bool memtable_next(struct memtable_iter *it)
{
	return memtable_walk(it, link_of(it->node, 0));
}

bool memtable_below(struct memtable_iter *it, struct str key)
{
	const struct memtable_node *n = find_below(it->m, key);

	it->node = NULL;
	while (n != it->m->before && !stand(it, n))
		n = find_below(it->m, n->key);
	return it->node != NULL;
}

bool memtable_prev(struct memtable_iter *it)
{
	return memtable_below(it, it->node->key);
}

/* --- Writing ---------------------------------------------------------------------------- */

static unsigned levels_draw(struct memtable *m)
{
	unsigned levels = 1;

	/* xorshift64 (Marsaglia 2003): it need not be unpredictable */
	m->dice ^= m->dice << 13;
	m->dice ^= m->dice >> 7;
	m->dice ^= m->dice << 17;
	for (uint64_t bits = m->dice; levels < LEVELS && (bits & 3) == 0; bits >>= 2)
		levels++;
	return levels;
}

static struct memtable_node *node_of(struct memtable *m, struct str key)
{
	struct memtable_node *n = link_of(path_below(m, key), 0);
	unsigned levels;

	if (n != NULL && str_eq(n->key, key))
		return n;
	levels = levels_draw(m);
	n = node_new(&m->arena, key, levels);
	m->rows++;
	for (unsigned i = 0; i < levels; i++)
		atomic_init(&n->next[i], link_of(m->path[i], i));
	for (unsigned i = 0; i < levels; i++)
		atomic_store_explicit(&m->path[i]->next[i], n, memory_order_release);
	return n;
}

static void memtable_change(struct memtable *m, struct str key, struct str val, bool gone)
{
	struct memtable_node *n = node_of(m, key);
	struct version *old = atomic_load_explicit(&n->newest, memory_order_relaxed);
	struct version *v = arena_new(&m->arena, struct version);
	char *bytes = arena_alloc(&m->arena, val.n);

	if (val.n != 0)
		memcpy(bytes, val.p, val.n);
	v->val = str_from(bytes, val.n);
	v->gone = gone;
	v->node = n;
	v->commit = memtable_last(m) + 1;
	v->older = old;
	if (old != NULL && old->commit == v->commit) {
		old->replaced = true;
		v->older = old->older;
	}
	v->changed_before = m->changed;
	m->changed = v;
	atomic_store_explicit(&n->newest, v, memory_order_release);
}

void memtable_put(struct memtable *m, struct str key, struct str val)
{
	memtable_change(m, key, val, false);
}

void memtable_del(struct memtable *m, struct str key)
{
	memtable_change(m, key, STR_EMPTY, true);
}

void memtable_commit(struct memtable *m)
{
	m->changed = NULL;
	atomic_store_explicit(&m->last, memtable_last(m) + 1, memory_order_release);
}

void memtable_undo(struct memtable *m)
{
	for (struct version *v = m->changed; v != NULL; v = v->changed_before) {
		if (!v->replaced)
			atomic_store_explicit(&v->node->newest, v->older, memory_order_release);
	}
	m->changed = NULL;
}

void memtable_changes(const struct memtable *m,
                      void (*fn)(void *arg, struct str key, struct str val, bool gone), void *arg)
{
	for (const struct version *v = m->changed; v != NULL; v = v->changed_before) {
		if (!v->replaced)
			fn(arg, v->node->key, v->val, v->gone);
	}
}
