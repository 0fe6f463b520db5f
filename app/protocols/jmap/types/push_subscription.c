/* protocols/jmap/types/push_subscription.c: PushSubscription (RFC 8620 7.2). */
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/verify.h"
#include "foundation/crypto/web_push.h"
#include "foundation/text/base64url.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/push/dispatch.h"
#include "protocols/jmap/push/subscription.h"
#include "protocols/jmap/request/type.h"

enum { CODE_BYTES = 16, TYPES_TEXT_MAX = 16384, PROPERTY_URL = 2, PROPERTY_KEYS = 3 };

/* --- PushSubscription/get ----------------------------------------------------------------- */

static struct str login_of(const struct jmap_call *c)
{
	return str_from((const char *)c->caller->login, sizeof c->caller->login);
}

/* ERR_MISSING also when another login made it: "Only subscriptions created by these credentials are
 * returned" (RFC 8620 7.2). */
static enum err subscription_find(const struct jmap_call *c, struct txn *t, struct str id,
                                  struct arena *a, struct push_subscription *out)
{
	uint64_t number;
	enum err e;

	if (!jmap_id_parse(id, ID_PUSH, c->caller->account, &number))
		return ERR_MISSING;
	e = push_subscription_get(t, c->caller->account, number, a, out);
	if (e == OK && (!str_eq(out->login, login_of(c)) || out->expires_ms <= clock_real_ms()))
		e = ERR_MISSING;
	return e;
}

/* RFC 8620 7.2.1. /set, which has no such argument, compares both with what the client sent. */
static enum err subscription_get_begin(struct jmap_get *g)
{
	if (json_kind(jmap_arg(g->call, "properties")) != JSON_ARRAY)
		return OK;
	if (jmap_wants(g, PROPERTY_URL) || jmap_wants(g, PROPERTY_KEYS))
		return jmap_refuse(g->call, "forbidden", "url and keys are never returned");
	return OK;
}

static enum err subscription_all(struct jmap_get *g)
{
	const uint32_t account = g->call->caller->account;
	struct object_walk w;
	struct object o;

	object_walk_init(&w, g->m.t, account, OBJECT_PUSH, 0);
	while (object_walk_next(&w, &o)) {
		struct push_subscription s;

		if (push_subscription_read(o.record, &s) &&
		    str_eq(s.login, login_of(g->call)) && s.expires_ms > clock_real_ms())
			jmap_get_add(g, jmap_id_text(g->arena, ID_PUSH, account, o.id));
	}
	return object_walk_end(&w);
}

static enum err subscription_load(struct jmap_get *g, struct str id, const void **object)
{
	struct push_subscription *s = arena_new(g->object_arena, struct push_subscription);

	*object = s;
	return subscription_find(g->call, g->m.t, id, g->object_arena, s);
}

static enum err subscription_put_id(struct jmap_get *g, const char *name, const void *object)
{
	const struct push_subscription *s = object;

	json_put_str(g->out, name,
	             jmap_id_text(g->object_arena, ID_PUSH, g->call->caller->account, s->id));
	return OK;
}

static enum err subscription_put_device(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct push_subscription *)object)->device);
	return OK;
}

/* Only /set uses it, to compare a value that the client repeats. */
static enum err subscription_put_url(struct jmap_get *g, const char *name, const void *object)
{
	json_put_str(g->out, name, ((const struct push_subscription *)object)->url);
	return OK;
}

static enum err subscription_put_keys(struct jmap_get *g, const char *name, const void *object)
{
	const struct push_subscription *s = object;

	if (s->public.n == 0) {
		json_put_null(g->out, name);
		return OK;
	}
	json_open(g->out, name, '{');
	json_put_str(g->out, "p256dh", base64url_of(g->object_arena, s->public));
	json_put_str(g->out, "auth", base64url_of(g->object_arena, s->auth));
	json_close(g->out);
	return OK;
}

/* The code before the verification is a secret of the endpoint. */
static enum err subscription_put_code(struct jmap_get *g, const char *name, const void *object)
{
	const struct push_subscription *s = object;

	if (s->verified)
		json_put_str(g->out, name, s->code);
	else
		json_put_null(g->out, name);
	return OK;
}

static enum err subscription_put_expires(struct jmap_get *g, const char *name, const void *object)
{
	json_put_time(g->out, name, ((const struct push_subscription *)object)->expires_ms);
	return OK;
}

static enum err subscription_put_types(struct jmap_get *g, const char *name, const void *object)
{
	json_put_raw(g->out, name, ((const struct push_subscription *)object)->types);
	return OK;
}

/* --- PushSubscription/set ------------------------------------------------------------------ */

/* With or without padding: clients have both. */
static bool key_decode(struct json v, struct arena *a, size_t n, struct str *out)
{
	struct str text;
	struct buf b;
	bool ok;

	if (!json_str(v, &text))
		return false;
	while (text.n % 4 == 0 && text.n != 0 && text.p[text.n - 1] == '=')
		text.n -= text.n >= 2 && text.p[text.n - 2] == '=' ? 2 : 1;
	buf_init_in(&b, arena_alloc(a, n), n);
	ok = base64url_parse(text, &b) && buf_ok(&b) && b.n == n;
	*out = buf_str(&b);
	return ok;
}

static enum err keys_take(struct jmap_set *s, struct json keys, struct push_subscription *p)
{
	const size_t half = VERIFY_P256_COORDINATE;

	if (json_kind(keys) != JSON_OBJECT)
		return OK;
	if (json_count(keys) != 2 ||
	    !key_decode(json_get(keys, "p256dh"), s->arena, WEB_PUSH_PUBLIC, &p->public) ||
	    p->public.p[0] != 4 ||
	    !verify_p256_point(str_sub(p->public, 1, 1 + half),
	                       str_sub(p->public, 1 + half, p->public.n)))
		return jmap_set_refuse(s, "invalidProperties", "keys",
		                       "p256dh is no uncompressed point of P-256 in base64url");
	if (!key_decode(json_get(keys, "auth"), s->arena, WEB_PUSH_AUTH, &p->auth))
		return jmap_set_refuse(s, "invalidProperties", "keys",
		                       "auth is not %d bytes in base64url", WEB_PUSH_AUTH);
	return OK;
}

/* RFC 8620 7.2: "limit the expiry time if set too far in the future". *changed: it is not what the
 * client asked for. */
static enum err expires_take(struct jmap_set *s, struct json v, struct push_subscription *p,
                             bool *changed)
{
	int64_t now_ms = clock_real_ms(), most_ms = now_ms + (int64_t)LIMIT_jmap_push_s * 1000;
	int64_t asked_ms = most_ms;

	*changed = !json_time(v, &asked_ms) || asked_ms > most_ms;
	if (asked_ms <= now_ms)
		return jmap_set_refuse(s, "invalidProperties", "expires", "the time has passed");
	p->expires_ms = MIN(asked_ms, most_ms) / 1000 * 1000;
	return OK;
}

static enum err types_take(struct jmap_set *s, struct json v, struct push_subscription *p)
{
	struct json_writer w;
	struct buf b;
	bool ok;

	p->types = STR("null");
	if (json_kind(v) != JSON_ARRAY)
		return OK;
	buf_init(&b, TYPES_TEXT_MAX);
	json_writer_init(&w, &b);
	json_put_value(&w, NULL, v);
	ok = buf_ok(&b);
	p->types = str_dup(s->arena, buf_str(&b));
	buf_deinit(&b);
	return ok ? OK
	          : jmap_set_refuse(s, "invalidProperties", "types", "the names are too long");
}

static struct str code_new(struct arena *a)
{
	uint8_t raw[CODE_BYTES];

	random_bytes(raw, sizeof raw);
	return base64url_of(a, str_from((const char *)raw, sizeof raw));
}

static enum err subscription_store(struct jmap_set *s, struct push_subscription *p)
{
	enum err e = push_subscription_put(s->m.t, s->call->caller->account, p);

	return e == ERR_LIMIT ? jmap_set_refuse(s, "overQuota", NULL,
	                                        "there are %d subscriptions", LIMIT_jmap_push)
	                      : e;
}

/* Once the transaction is durable. */
struct subscription_note {
	struct jmap_push *push;
	uint32_t account;
	uint64_t id;
	bool verify;
};

static void subscription_note(void *arg)
{
	const struct subscription_note *n = arg;

	jmap_push_note(n->push, n->account, n->id, n->verify);
}

static void note_after(struct jmap_set *s, uint64_t id, bool verify)
{
	struct subscription_note *n = arena_new(txn_arena(s->m.t), struct subscription_note);

	*n = (struct subscription_note){ s->call->server->push, s->call->caller->account, id,
		                         verify };
	txn_after(s->m.t, subscription_note, n);
}

static enum err subscription_create(struct jmap_set *s, struct json object, struct str *id)
{
	const struct jmap_caller *c = s->call->caller;
	struct push_subscription p = { .login = login_of(s->call),
		                       .address = c->address,
		                       .scopes = c->scopes,
		                       .code = code_new(s->arena) };
	struct json keys = json_get(object, "keys"), types = json_get(object, "types");
	bool changed;
	enum err e;

	(void)json_str(json_get(object, "deviceClientId"), &p.device);
	(void)json_str(json_get(object, "url"), &p.url);
	if (push_origin(p.url).n == 0)
		return jmap_set_refuse(s, "invalidProperties", "url", "not a URL with https");
	if (json_kind(json_get(object, "verificationCode")) == JSON_STRING)
		return jmap_set_refuse(s, "invalidProperties", "verificationCode",
		                       "the server sends it to the URL first");
	if ((e = keys_take(s, keys, &p)) || (e = types_take(s, types, &p)) ||
	    (e = expires_take(s, json_get(object, "expires"), &p, &changed)) ||
	    (e = subscription_store(s, &p)))
		return e;
	if (json_kind(keys) == JSON_MISSING)
		json_put_null(s->out, "keys");
	if (json_kind(types) == JSON_MISSING)
		json_put_null(s->out, "types");
	if (json_kind(json_get(object, "verificationCode")) == JSON_MISSING)
		json_put_null(s->out, "verificationCode");
	if (changed)
		json_put_time(s->out, "expires", p.expires_ms);
	*id = jmap_id_text(s->arena, ID_PUSH, c->account, p.id);
	note_after(s, p.id, true);
	return OK;
}

/* RFC 8620 7.2.2: "Attempts to update the subscription with an invalid verification code MUST be
 * rejected" */
static enum err subscription_verify(struct jmap_set *s, struct json v, struct push_subscription *p)
{
	struct str code;

	if (!json_str(v, &code) || !str_eq_secret(code, p->code))
		return jmap_set_refuse(s, "invalidProperties", "verificationCode",
		                       "not the code that was sent to the URL");
	p->verified = true;
	return OK;
}

static enum err subscription_update(struct jmap_set *s, struct str id,
                                    const struct jmap_patch *patch)
{
	struct json code = jmap_patch_get(patch, "verificationCode");
	struct json expires = jmap_patch_get(patch, "expires");
	struct json types = jmap_patch_get(patch, "types");
	struct push_subscription p;
	bool changed = false;
	enum err e = subscription_find(s->call, s->m.t, id, s->arena, &p);

	if (!e && json_kind(code) != JSON_MISSING)
		e = subscription_verify(s, code, &p);
	if (!e && json_kind(expires) != JSON_MISSING)
		e = expires_take(s, expires, &p, &changed);
	if (!e && json_kind(types) != JSON_MISSING)
		e = types_take(s, types, &p);
	if (e || (e = subscription_store(s, &p)))
		return e;
	if (changed)
		json_put_time(s->out, "expires", p.expires_ms);
	note_after(s, p.id, false);
	return OK;
}

static enum err subscription_destroy(struct jmap_set *s, struct str id)
{
	struct push_subscription p;
	enum err e = subscription_find(s->call, s->m.t, id, s->arena, &p);

	if (!e)
		e = object_remove(s->m.t, s->call->caller->account, OBJECT_PUSH, p.id);
	if (!e)
		note_after(s, p.id, false);
	return e;
}

static const struct jmap_property subscription_properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, subscription_put_id },
	{ "deviceClientId", FORM_STRING, NEEDED | IMMUTABLE, subscription_put_device },
	[PROPERTY_URL] = { "url", FORM_STRING, NEEDED | IMMUTABLE | ON_REQUEST,
	                   subscription_put_url },
	[PROPERTY_KEYS] = { "keys", FORM_OBJECT, OR_NULL | IMMUTABLE | ON_REQUEST,
	                    subscription_put_keys },
	{ "verificationCode", FORM_STRING, OR_NULL, subscription_put_code },
	{ "expires", FORM_UTC_DATE, OR_NULL, subscription_put_expires },
	{ "types", FORM_STRING, LIST | OR_NULL, subscription_put_types },
};

const struct jmap_type jmap_type_push_subscription = {
	.name = "PushSubscription",
	.capability = CAP_CORE,
	.no_account = true,
	.stateless = true,
	.properties = subscription_properties,
	.property_count = COUNT(subscription_properties),
	.get_begin = subscription_get_begin,
	.all = subscription_all,
	.load = subscription_load,
	.create = subscription_create,
	.update = subscription_update,
	.destroy = subscription_destroy,
};
