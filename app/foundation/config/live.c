/* foundation/config/live.c: see live.h. */
#include "foundation/config/live.h"

#include "foundation/base/mem.h"
#include "foundation/config/value.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct snapshot {
	struct settings settings;
	atomic_uint owners;
};

struct live {
	char *const *environment;
	const struct settings *first;
	pthread_mutex_t lock;
	const struct settings *present; /* lock */
};

static struct snapshot *snapshot_of(const struct settings *s)
{
	return (struct snapshot *)(uintptr_t)container_of(s, struct snapshot, settings);
}

void settings_unref(const struct settings *s)
{
	struct snapshot *snapshot;

	if (s == NULL)
		return;
	snapshot = snapshot_of(s);
	if (atomic_fetch_sub(&snapshot->owners, 1) != 1)
		return;
	settings_deinit(&snapshot->settings);
	mem_free(snapshot);
}

/* The machine's own name, not validated. */
static enum err hostname_fill(struct settings *s, struct why *why)
{
	char own[256] = "";

	if (s->hostname.n != 0)
		return OK;
	if (gethostname(own, sizeof own - 1) != 0 || own[0] == '\0')
		s->hostname = STR("localhost");
	else
		s->hostname = str_lower(&s->arena, str_of(own));
	if (!value_is_host(s->hostname))
		return fail(why, ERR_SYNTAX,
		            "ROOST_HOSTNAME: this machine's own name \"%s\" will not do; "
		            "give a host name like mail.example.org",
		            own);
	return OK;
}

enum err live_try(struct live *l, struct settings_stored *stored, const struct settings **out,
                  struct why *why)
{
	struct snapshot *snapshot = NEW(struct snapshot);
	enum err e = settings_read_over(&snapshot->settings, l->environment, stored, why);

	atomic_init(&snapshot->owners, 1);
	*out = &snapshot->settings;
	if (e == OK)
		e = hostname_fill(&snapshot->settings, why);
	if (e) {
		settings_unref(*out);
		*out = NULL;
	}
	return e;
}

static struct live *live_make(char *const *environment)
{
	struct live *l = NEW(struct live);

	l->environment = environment;
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

/* Two references: the first and the present snapshot. */
static void live_begin(struct live *l)
{
	l->present = l->first;
	atomic_store(&snapshot_of(l->first)->owners, 2);
}

enum err live_new(char *const *environment, struct settings_stored *stored, struct live **out,
                  struct why *why)
{
	struct live *l = live_make(environment);
	enum err e = live_try(l, stored, &l->first, why);

	if (e)
		live_free(&l);
	else
		live_begin(l);
	*out = l;
	return e;
}

struct live *live_of(const struct settings *s)
{
	static char *const none[] = { NULL };
	struct live *l = live_make(none);
	struct snapshot *snapshot = NEW(struct snapshot);

	snapshot->settings = *s;
	atomic_store(&snapshot->settings.parsed, NULL);
	l->first = &snapshot->settings;
	live_begin(l);
	return l;
}

void live_free(struct live **l)
{
	if (*l == NULL)
		return;
	settings_unref((*l)->present);
	settings_unref((*l)->first);
	pthread_mutex_destroy(&(*l)->lock);
	mem_clear(l);
}

const struct settings *settings_ref(struct live *l)
{
	const struct settings *s;

	pthread_mutex_lock(&l->lock);
	s = l->present;
	atomic_fetch_add(&snapshot_of(s)->owners, 1);
	pthread_mutex_unlock(&l->lock);
	return s;
}

const struct settings *settings_again(const struct settings *s)
{
	atomic_fetch_add(&snapshot_of(s)->owners, 1);
	return s;
}

const struct settings *settings_first(const struct live *l)
{
	return l->first;
}

void live_publish(struct live *l, const struct settings *s)
{
	const struct settings *before;

	pthread_mutex_lock(&l->lock);
	before = l->present;
	l->present = s;
	pthread_mutex_unlock(&l->lock);
	settings_unref(before);
}
