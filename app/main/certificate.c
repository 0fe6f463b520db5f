/* main/certificate.c: see certificate.h. */
#include "main/certificate.h"

#include "base/mem.h"
#include "base/pack.h"
#include "net/cert.h"
#include "observe/event.h"
#include "store/kv.h"
#include "store/store.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 64 << 10 };

static const struct str record_key = STR("tls.self-signed");

struct self_signed {
	struct arena *arena; /* secret */
	struct str hostname, cert_pem, key_pem;
};

static enum err load(struct txn *t, void *arg)
{
	struct self_signed *s = arg;
	struct unpack u;
	struct str value;
	enum err e = kv_get(t, SPACE_SETTING, record_key, &value);

	if (e)
		return e;
	u = unpack_of(value);
	if (unpack_u64(&u) != RECORD_VERSION)
		return ERR_CORRUPT;
	if (!str_eq(unpack_str(&u), s->hostname))
		return ERR_MISSING;
	s->cert_pem = str_dup(s->arena, unpack_str(&u));
	s->key_pem = str_dup(s->arena, unpack_str(&u));
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err save(struct txn *t, void *arg)
{
	const struct self_signed *s = arg;
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_str(&b, s->hostname);
	pack_str(&b, s->cert_pem);
	pack_str(&b, s->key_pem);
	e = buf_ok(&b) ? kv_put(t, SPACE_SETTING, record_key, buf_str(&b)) : ERR_LIMIT;
	mem_wipe(b.p, b.cap);
	buf_deinit(&b);
	return e;
}

static enum err self_signed(struct certs *certs, struct store *store, struct str hostname,
                            struct why *why)
{
	struct arena secret;
	struct self_signed s = { .arena = &secret, .hostname = hostname };
	enum err e;

	arena_init(&secret, true);
	e = store_read(store, load, &s);
	/* What cannot be read any more is made anew: nobody depends on this one. */
	if (e == ERR_MISSING || e == ERR_CORRUPT) {
		e = cert_self_signed_make(hostname, &secret, &s.cert_pem, &s.key_pem, why);
		if (e == OK)
			e = store_write(store, save, &s, why);
	} else if (e) {
		fail(why, e, "the certificate in the store cannot be read");
	}
	if (e == OK)
		e = certs_set(certs, s.cert_pem, s.key_pem, why);
	arena_deinit(&secret);
	return e;
}

static enum err own_files(struct certs *certs, const struct settings *s, struct why *why)
{
	struct arena a = { 0 };
	struct str key = s->tls_key.n != 0 ? s->tls_key : s->tls_cert;
	struct why detail = { "" };
	enum err e = certs_load_files(certs, str_z(&a, s->tls_cert), str_z(&a, key), &detail);

	arena_deinit(&a);
	return e ? fail(why, e, "ROOST_TLS_CERT: %s", detail.text) : OK;
}

enum err certificate_load(struct certs *certs, struct store *store, const struct settings *s,
                          struct str hostname, struct why *why)
{
	if (s->tls_cert.n == 0 && s->tls_key.n != 0)
		return fail(why, ERR_MISSING, "ROOST_TLS_KEY is set without ROOST_TLS_CERT");
	if (s->tls_cert.n != 0)
		return own_files(certs, s, why);
	return self_signed(certs, store, hostname, why);
}

void certificate_reload(struct certs *certs)
{
	struct why why = { "" };
	bool changed = false;

	if (certs_reload_if_changed(certs, &changed, &why) != OK)
		event(certificate_failed, STR(""), ev_z(why.text));
	else if (changed)
		event(certificate_loaded, STR(""), ev_z("files"));
}
