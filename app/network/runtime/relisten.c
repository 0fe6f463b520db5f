/* network/runtime/relisten.c: changing the addresses of a service while it runs; see runtime.h.
 *
 * A removed listener keeps its struct until the runtime ends, since its connections point to it:
 * some hundred bytes for each change by an administrator. */
#include "foundation/base/mem.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"

#include <string.h>

static bool is_of(const struct listener *l, const char *service)
{
	return strcmp(l->service.name, service) == 0 && l->source.fd >= 0 && l->path == NULL;
}

static bool relisten_has(const struct addr_list *list, const struct addr *at)
{
	for (size_t i = 0; i < list->count; i++)
		if (addr_eq(&list->items[i], at))
			return true;
	return false;
}

/* Does the service listen at the requested address? */
static bool listens(struct runtime *r, const char *service, const struct addr *at)
{
	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		if (is_of(l, service) && addr_eq(&l->asked, at))
			return true;
	}
	return false;
}

size_t runtime_listens(struct runtime *r, const char *service, struct addr *out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&r->lock);
	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		if (n == max || !is_of(l, service))
			continue;
		out[n] = l->asked;
		out[n++].port = l->at.port;
	}
	pthread_mutex_unlock(&r->lock);
	return n;
}

/* --- testing ------------------------------------------------------------------------------- */

/* Would a removed listener free the port of this one? */
static bool goes_for(struct runtime *r, const char *service, const struct addr_list *at,
                     const struct addr *new)
{
	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		if (is_of(l, service) && l->at.port == new->port && !relisten_has(at, &l->asked))
			return true;
	}
	return false;
}

enum err runtime_listen_try(struct runtime *r, const char *service, const struct addr_list *at,
                            struct why *why)
{
	int *fds = mem_new((at->count + 1) * sizeof *fds);
	size_t n = 0;
	enum err e = OK;

	pthread_mutex_lock(&r->lock);
	for (; e == OK && n < at->count; n++) {
		struct addr probe = at->items[n];

		fds[n] = -1;
		if (listens(r, service, &probe))
			continue;
		if (goes_for(r, service, at, &probe))
			probe.port = 0; /* then only the address can be wrong */
		e = socket_listen(&probe, &fds[n], NULL, why);
	}
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < n; i++)
		socket_close(&fds[i]);
	mem_free(fds);
	return e;
}

/* --- changing ------------------------------------------------------------------------------ */

static enum err relisten_begin(struct runtime *r, const struct conn_service *service,
                               const struct addr *at, struct list *fresh, struct why *why)
{
	struct listener *l = NULL;
	enum err e = listener_new(r, service, at, &l, why);

	if (e == OK)
		list_push_back(fresh, &l->link);
	return e;
}

/* Close those old listeners of the service that occupy this port. */
static bool pause_port(struct runtime *r, const struct conn_service *service,
                       const struct addr_list *at, uint16_t port)
{
	bool any = false;

	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		if (!is_of(l, service->name) || l->at.port != port || relisten_has(at, &l->asked))
			continue;
		listener_stop(l);
		l->paused = any = true;
	}
	return any;
}

static void resume_paused(struct runtime *r)
{
	struct why why;

	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);
		struct addr at = l->at;

		if (!l->paused)
			continue;
		l->paused = false;
		/* The port was free before. */
		if (socket_listen(&at, &l->source.fd, NULL, &why) != OK ||
		    (r->started && listener_start(l, &why) != OK))
			listener_stop(l);
	}
}

static enum err begin_all(struct runtime *r, const struct conn_service *service,
                          const struct addr_list *at, struct list *fresh, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < at->count; i++) {
		const struct addr *one = &at->items[i];

		if (listens(r, service->name, one))
			continue;
		e = relisten_begin(r, service, one, fresh, why);
		if (e != OK && pause_port(r, service, at, one->port))
			e = relisten_begin(r, service, one, fresh, why);
	}
	if (e == OK && r->started)
		list_each(link, fresh)
		{
			e = e ? e : listener_start(container_of(link, struct listener, link), why);
		}
	return e;
}

static void end_others(struct runtime *r, const char *service, const struct addr_list *at)
{
	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		l->paused = false;
		if (is_of(l, service) && !relisten_has(at, &l->asked))
			listener_stop(l);
	}
}

/* A client may have connected already, so the structs stay as well. */
static void stop_all(struct list *fresh)
{
	list_each(link, fresh) listener_stop(container_of(link, struct listener, link));
}

static void relisten_join(struct runtime *r, struct list *fresh)
{
	list_each_safe(link, fresh)
	{
		list_remove(link);
		list_push_back(&r->listeners, link);
	}
}

enum err runtime_listen_set(struct runtime *r, const struct conn_service *service,
                            const struct addr_list *at, struct why *why)
{
	struct list fresh;
	enum err e;

	list_init(&fresh);
	pthread_mutex_lock(&r->lock);
	e = r->stopped ? fail(why, ERR_RETRY, "the server is stopping")
	               : begin_all(r, service, at, &fresh, why);
	if (e == OK)
		end_others(r, service->name, at);
	else
		stop_all(&fresh);
	relisten_join(r, &fresh);
	if (e != OK)
		resume_paused(r);
	pthread_mutex_unlock(&r->lock);
	return e;
}
