/* console/server/client_ca.c: see client_ca.h. */
#include "console/server/client_ca.h"

#include "foundation/base/arena.h"
#include "foundation/config/value.h"
#include "foundation/observe/event.h"
#include "network/tls/tls.h"
#include "network/tls/trust.h"

static bool client_ca_is_text(struct str value)
{
	return str_starts(value, VALUE_PEM);
}

/* *out is NULL when the value is empty. */
static enum err client_ca_load(struct str value, struct trust **out, struct why *why)
{
	struct arena a = { 0 };
	enum err e;

	*out = NULL;
	if (value.n == 0)
		return OK;
	e = client_ca_is_text(value) ? trust_new(value, out, why)
	                   : trust_load_file(str_z(&a, value), out, why);
	arena_deinit(&a);
	if (e != OK || trust_names_bytes(*out) <= TLS_CLIENT_NAMES_MAX)
		return e;
	trust_free(*out);
	*out = NULL;
	return fail(why, ERR_LIMIT, "the names of these authorities take more than %d bytes",
	            TLS_CLIENT_NAMES_MAX);
}

enum err client_ca_check(const struct settings *s, struct why *why)
{
	struct trust *trust;
	enum err e = client_ca_load(s->client_ca, &trust, why);

	trust_free(trust);
	return e ? fail_about(why, e, "ROOST_CLIENT_CA") : OK;
}

/* The file's stamp is read before its content, so that no change is missed. */
static enum err take_up(struct client_ca *c, struct tls_server *tls, struct str value,
                        struct why *why)
{
	struct arena a = { 0 };
	struct cert_stamp stamp = { 0 };
	struct trust *trust;
	enum err e;

	if (value.n != 0 && !client_ca_is_text(value))
		stamp = cert_file_stamp(str_z(&a, value));
	arena_deinit(&a);
	e = client_ca_load(value, &trust, why);
	if (e == OK)
		tls_server_clients_set(tls, trust);
	c->stamp = stamp;
	return e;
}

static void value_set(struct client_ca *c, struct str value)
{
	arena_deinit(&c->arena);
	c->value = str_dup(&c->arena, value);
}

static void client_ca_report(const struct why *why)
{
	event(setting_ignored, STR(""), ev_z("CLIENT_CA"), ev_z(why->text));
}

enum err client_ca_open(struct client_ca *c, struct tls_server *tls, const struct settings *s,
                        struct why *why)
{
	struct why wrong = { "" };
	enum err e;

	pthread_mutex_init(&c->lock, NULL);
	value_set(c, s->client_ca);
	e = take_up(c, tls, s->client_ca, &wrong);
	if (e == OK)
		return OK;
	if (s->origin[SETTING_client_ca] != ORIGIN_STORE)
		return fail(why, e, "ROOST_CLIENT_CA: %s", wrong.text);
	client_ca_report(&wrong);
	return OK;
}

void client_ca_deinit(struct client_ca *c)
{
	arena_deinit(&c->arena);
}

void client_ca_apply(struct client_ca *c, struct tls_server *tls, const struct settings *now)
{
	struct why why = { "" };

	pthread_mutex_lock(&c->lock);
	if (!str_eq(c->value, now->client_ca)) {
		value_set(c, now->client_ca);
		if (take_up(c, tls, c->value, &why) != OK)
			client_ca_report(&why);
	}
	pthread_mutex_unlock(&c->lock);
}

void client_ca_reload(struct client_ca *c, struct tls_server *tls)
{
	struct arena a = { 0 };
	struct why why = { "" };

	pthread_mutex_lock(&c->lock);
	if (c->value.n != 0 && !client_ca_is_text(c->value) &&
	    !cert_stamp_eq(c->stamp, cert_file_stamp(str_z(&a, c->value))) &&
	    take_up(c, tls, c->value, &why) != OK)
		client_ca_report(&why);
	pthread_mutex_unlock(&c->lock);
	arena_deinit(&a);
}

bool client_ca_is_file(struct client_ca *c)
{
	bool is;

	pthread_mutex_lock(&c->lock);
	is = c->value.n != 0 && !client_ca_is_text(c->value);
	pthread_mutex_unlock(&c->lock);
	return is;
}
