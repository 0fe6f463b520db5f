/* protocols/imap/append/append_work.c: see append_work.h. */
#include "protocols/imap/append/append_work.h"

#include "foundation/base/mem.h"
#include "model/mailbox/email/email_new.h"
#include "network/runtime/pool.h"
#include "protocols/imap/imap.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	GROUP_BYTES = 64 << 10, /* worth a thread: some tenths of a millisecond of work */
	GROUP_MESSAGES = 64,
	GROUPS_AWAY = 4, /* that other threads may have */
};

struct coming {
	struct buf bytes;
	struct email_new *email;
};

/* Owned by the command and by the thread that runs it or will run it. */
struct append_group {
	const struct imap_server *server;
	atomic_uint owners;
	atomic_bool begun; /* by the thread that prepares it */
	size_t bytes;
	size_t n;
	struct coming messages[GROUP_MESSAGES];
	/* owned by the thread that has begun it, until done */
	enum err error; /* of the first failed message; later ones are not prepared */
	struct why why;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool done; /* lock */
};

static struct append_group *group_new(const struct imap_server *server)
{
	struct append_group *g = NEW(struct append_group);

	g->server = server;
	atomic_init(&g->owners, 1);
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->wake, NULL);
	return g;
}

static void group_unref(struct append_group **gp)
{
	struct append_group *g = *gp;

	*gp = NULL;
	if (atomic_fetch_sub(&g->owners, 1) != 1)
		return;
	for (size_t i = 0; i < g->n; i++) {
		buf_deinit(&g->messages[i].bytes);
		email_new_free(&g->messages[i].email);
	}
	pthread_mutex_destroy(&g->lock);
	pthread_cond_destroy(&g->wake);
	mem_free(g);
}

/* --- preparation ------------------------------------------------------------------------ */

/* Once, by the first caller. */
static void group_run(struct append_group *g)
{
	if (atomic_exchange(&g->begun, true))
		return;
	for (size_t i = 0; i < g->n && !g->error; i++) {
		struct str raw = buf_str(&g->messages[i].bytes);

		g->error = email_prepare(g->server->store, &raw, 1, &g->server->message_limits,
		                         &g->messages[i].email, &g->why);
		buf_deinit(&g->messages[i].bytes);
	}
	pthread_mutex_lock(&g->lock);
	g->done = true;
	pthread_cond_signal(&g->wake);
	pthread_mutex_unlock(&g->lock);
}

static void on_thread(void *arg)
{
	struct append_group *g = arg;

	group_run(g);
	group_unref(&g);
}

static bool group_done(struct append_group *g)
{
	bool done;

	pthread_mutex_lock(&g->lock);
	done = g->done;
	pthread_mutex_unlock(&g->lock);
	return done;
}

static bool thread_free(const struct append_work *w, struct pool *pool)
{
	size_t away = 0;

	for (size_t i = 0; i < w->n; i++)
		away += !group_done(w->groups[i]);
	return away <= GROUPS_AWAY && pool_quiet(pool);
}

static void group_start(const struct append_work *w, struct append_group *g)
{
	struct pool *pool = g->server->pool;

	atomic_fetch_add(&g->owners, 1);
	if (thread_free(w, pool) && pool_run(pool, on_thread, g))
		return;
	on_thread(g);
}

/* --- for the session -------------------------------------------------------------------- */

static struct append_group *group_open(struct append_work *w, const struct imap_server *server)
{
	struct append_group *last = w->n ? w->groups[w->n - 1] : NULL;

	if (last && last->bytes < GROUP_BYTES && last->n < GROUP_MESSAGES)
		return last;
	if (w->n == w->cap) {
		w->cap = 2 * w->cap + 4;
		w->groups = mem_resize(w->groups, w->cap * sizeof(*w->groups));
	}
	return w->groups[w->n++] = group_new(server);
}

void append_work_add(struct append_work *w, const struct imap_server *server, struct buf *bytes)
{
	struct append_group *g = group_open(w, server);
	size_t max = bytes->max;

	g->messages[g->n++].bytes = *bytes;
	g->bytes += bytes->n;
	w->bytes += bytes->n;
	buf_init(bytes, max);
	if (g->bytes >= GROUP_BYTES || g->n == GROUP_MESSAGES)
		group_start(w, g);
}

static void group_wait(struct append_group *g)
{
	group_run(g);
	pthread_mutex_lock(&g->lock);
	while (!g->done)
		pthread_cond_wait(&g->wake, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

enum err append_work_finish(struct append_work *w, void (*take)(void *arg, struct email_new *email),
                            void *arg, struct why *why)
{
	enum err e = OK;

	for (size_t i = w->n; i-- > 0;) /* from the end: threads take them from the start */
		group_run(w->groups[i]);
	for (size_t i = 0; i < w->n && !e; i++) {
		struct append_group *g = w->groups[i];

		group_wait(g);
		for (size_t k = 0; k < g->n && g->messages[k].email; k++) {
			take(arg, g->messages[k].email);
			g->messages[k].email = NULL;
		}
		e = g->error;
		if (e && why)
			*why = g->why;
	}
	append_work_free(w);
	return e;
}

void append_work_free(struct append_work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		(void)atomic_exchange(&w->groups[i]->begun, true); /* no longer needed */
		group_unref(&w->groups[i]);
	}
	mem_free(w->groups);
	*w = (struct append_work){ 0 };
}
