/* protocols/jmap/push/subscription.c: see subscription.h. */
#include "protocols/jmap/push/subscription.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "foundation/text/json.h"
#include "model/objects/objects.h"

enum { SUBSCRIPTION_FORM = 1, CLAIMS_MAX = 8192, VAPID_S = 12 * 3600 };

/* --- Rows -------------------------------------------------------------------------------- */

bool push_subscription_read(struct str record, struct push_subscription *out)
{
	struct unpack u = unpack_of(record);
	bool known = unpack_u64(&u) == SUBSCRIPTION_FORM;

	out->login = unpack_str(&u);
	out->address = unpack_str(&u);
	out->scopes = unpack_u32(&u);
	out->device = unpack_str(&u);
	out->url = unpack_str(&u);
	out->public = unpack_str(&u);
	out->auth = unpack_str(&u);
	out->code = unpack_str(&u);
	out->verified = unpack_u64(&u) != 0;
	out->expires_ms = (int64_t)unpack_u64(&u);
	out->types = unpack_str(&u);
	return known && unpack_ok(&u);
}

static void subscription_pack(const struct push_subscription *s, struct buf *b)
{
	pack_u64(b, SUBSCRIPTION_FORM);
	pack_str(b, s->login);
	pack_str(b, s->address);
	pack_u64(b, s->scopes);
	pack_str(b, s->device);
	pack_str(b, s->url);
	pack_str(b, s->public);
	pack_str(b, s->auth);
	pack_str(b, s->code);
	pack_u64(b, s->verified);
	pack_u64(b, (uint64_t)s->expires_ms);
	pack_str(b, s->types);
}

enum err push_subscription_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                               struct push_subscription *out)
{
	struct object o;
	enum err e = object_get(t, account, OBJECT_PUSH, id, &o);

	if (e != OK)
		return e;
	out->id = id;
	return push_subscription_read(str_dup(a, o.record), out) ? OK : ERR_CORRUPT;
}

enum err push_subscription_put(struct txn *t, uint32_t account, struct push_subscription *s)
{
	struct buf b;
	enum err e;

	buf_init(&b, OBJECT_MAX);
	subscription_pack(s, &b);
	if (!buf_ok(&b))
		e = ERR_LIMIT;
	else if (s->id != 0)
		e = object_put(t, account, OBJECT_PUSH, s->id, buf_str(&b), s->expires_ms);
	else
		e = object_add(t, account, OBJECT_PUSH, LIMIT_jmap_push, buf_str(&b), s->expires_ms,
		               &s->id);
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
	return e;
}

/* --- URLs --------------------------------------------------------------------------------- */

struct str push_origin(struct str url)
{
	struct str begin = STR("https://");
	size_t n = begin.n;

	if (!str_startsi(url, begin))
		return STR_EMPTY;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~' || url.p[i] == '"' || url.p[i] == '\\')
			return STR_EMPTY;
	while (n < url.n && url.p[n] != '/' && url.p[n] != '?' && url.p[n] != '#')
		if (url.p[n++] == '@') /* RFC 3986 3.2.1: a name and a password */
			return STR_EMPTY;
	return n == begin.n ? STR_EMPTY : str_sub(url, 0, n);
}

/* --- VAPID ---------------------------------------------------------------------------------- */

enum err vapid_key_ensure(struct txn *t, struct key **out)
{
	struct arena a;
	struct why why;
	struct str pem;
	enum err e = kv_get(t, SPACE_VAPID, STR("key"), &pem);

	if (e == OK)
		return key_read_pem(pem, out, &why) == OK ? OK : ERR_CORRUPT;
	if (e != ERR_MISSING)
		return e;
	arena_init(&a, true);
	*out = key_new_p256();
	e = kv_put(t, SPACE_VAPID, STR("key"), key_write_pem(*out, &a));
	if (e != OK) {
		key_free(*out);
		*out = NULL;
	}
	arena_deinit(&a);
	return e;
}

/* RFC 8292 2 */
static struct str vapid_claims(struct str origin, struct str contact, int64_t now_s,
                               struct arena *a)
{
	struct json_writer w;
	struct str text;
	struct buf b;

	buf_init(&b, CLAIMS_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "aud", origin);
	json_put_i64(&w, "exp", now_s + VAPID_S);
	json_put_str(&w, "sub", contact);
	json_close(&w);
	assert(buf_ok(&b));
	text = base64url_of(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

struct str vapid_put(const struct key *key, struct str origin, struct str contact, int64_t now_s,
                     struct arena *a)
{
	struct str head = base64url_of(a, STR("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"));
	struct str claims = vapid_claims(origin, contact, now_s, a);
	struct str signing = str_fmt(a, "%.*s.%.*s", STR_ARG(head), STR_ARG(claims));
	struct str signature = base64url_of(a, key_sign_sha256_raw(key, signing, a));

	return str_fmt(a, "vapid t=%.*s.%.*s, k=%.*s", STR_ARG(signing), STR_ARG(signature),
	               STR_ARG(base64url_of(a, key_public(key))));
}
