/* console/server/certificate.c: see certificate.h. */
#include "console/server/certificate.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/x509.h"
#include "foundation/observe/event.h"
#include "foundation/text/date.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/acme.h"
#include "operations/acme/uploaded.h"

enum {
	RECORD_VERSION = 1,
	RECORD_MAX = 64 << 10,
	WARN_DAYS = 14,
	DAY_MS = 86400 * 1000,
};

static const struct str record_key = STR("tls.self-signed");

struct self_signed {
	struct arena *arena; /* secret */
	struct str hostname, cert_pem, key_pem;
};

static enum err certificate_files_load(struct txn *t, void *arg)
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

static enum err certificate_save(struct txn *t, void *arg)
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

/* Is the certificate valid now and for a while? The clock may have been wrong when it was made: a
 * machine whose clock has no battery begins in 1970. */
static bool in_time(const struct self_signed *s)
{
	int64_t now_ms = clock_real_ms();
	struct x509 *chain;
	size_t count;

	return x509_read_chain(s->cert_pem, s->arena, &chain, &count, NULL) == OK &&
	       chain->not_before_ms <= now_ms &&
	       chain->not_after_ms - now_ms >= (int64_t)WARN_DAYS * DAY_MS;
}

static enum err self_signed(struct certs *certs, struct store *store, struct str hostname,
                            struct why *why)
{
	struct arena secret;
	struct self_signed s = { .arena = &secret, .hostname = hostname };
	enum err e;

	arena_init(&secret, true);
	e = store_read(store, certificate_files_load, &s);
	/* An unusable one is replaced: no client depends on a self-signed certificate. */
	if (e == ERR_MISSING || e == ERR_CORRUPT || (e == OK && !in_time(&s))) {
		e = cert_self_signed_make(hostname, &secret, &s.cert_pem, &s.key_pem, why);
		if (e == OK)
			e = store_write(store, certificate_save, &s, why);
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

/* --- expiry ---------------------------------------------------------------------- */

static int64_t expires_ms(struct certs *certs)
{
	struct cert *c = certs_find(certs, STR_EMPTY);
	size_t count;
	int64_t at = cert_chain(c, &count)->not_after_ms;

	cert_unref(c);
	return at;
}

static void loaded_tell(struct certs *certs, const char *from)
{
	struct buf date;

	buf_init(&date, 64);
	date_put_iso(&date, expires_ms(certs));
	event(certificate_loaded, STR(""), ev_z(from), ev_str(buf_str(&date)));
	buf_deinit(&date);
}

void certificate_expiry_check(struct certs *certs, int64_t *warned_ms)
{
	int64_t now_ms = clock_real_ms(), left_ms = expires_ms(certs) - now_ms;
	struct buf date;

	if (left_ms >= (int64_t)WARN_DAYS * DAY_MS ||
	    (*warned_ms != 0 && now_ms - *warned_ms < DAY_MS))
		return;
	*warned_ms = now_ms;
	buf_init(&date, 64);
	date_put_iso(&date, now_ms + left_ms);
	event(certificate_expiring, STR(""), ev_str(buf_str(&date)),
	      ev_int(MAX(left_ms, 0) / DAY_MS));
	buf_deinit(&date);
}

/* --- the server's certificate ---------------------------------------------------- */

enum err certificate_load(struct certs *certs, struct store *store, const struct settings *s,
                          struct str hostname, struct why *why)
{
	bool own = s->tls_cert.n != 0;
	enum err e;

	if (!own && s->tls_key.n != 0)
		return fail(why, ERR_MISSING, "ROOST_TLS_KEY is set without ROOST_TLS_CERT");
	e = own ? own_files(certs, s, why) : self_signed(certs, store, hostname, why);
	if (e == OK)
		loaded_tell(certs, own ? "files" : "self-signed");
	return e;
}

void certificate_reload(struct certs *certs)
{
	struct why why = { "" };
	bool changed = false;

	if (certs_reload_if_changed(certs, &changed, &why) != OK)
		event(certificate_failed, STR(""), ev_z(why.text));
	else if (changed)
		loaded_tell(certs, "files");
}

static enum err stored_self_signed(struct certs *certs, struct store *store, struct str hostname)
{
	struct arena secret;
	struct self_signed s = { .arena = &secret, .hostname = hostname };
	struct why why;
	enum err e;

	arena_init(&secret, true);
	e = store_read(store, certificate_files_load, &s);
	if (e == OK)
		e = certs_set(certs, s.cert_pem, s.key_pem, &why);
	arena_deinit(&secret);
	return e == ERR_MISSING ? OK : e;
}

enum err certificates_read(struct certs *certs, struct store *store, const struct settings *s)
{
	struct why why;
	enum err e = s->tls_cert.n != 0 ? own_files(certs, s, &why)
	                                : stored_self_signed(certs, store, s->hostname);

	if (e == OK)
		e = acme_certs_show(store, certs);
	if (e == OK)
		e = own_certs_show(store, certs);
	certs_default(certs, s->hostname);
	return e;
}
