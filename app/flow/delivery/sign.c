/* flow/delivery/sign.c: see sign.h. */
#include "flow/delivery/sign.h"

#include "flow/delivery/signer.h"
#include "formats/mailauth/body_hashes.h"
#include "formats/message/address.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"

/* --- the signing domain -------------------------------------------------------------------- */

/* The domain of the first author, which DMARC checks (RFC 7489 3.1). */
static struct str author_domain(const struct dkim_fields *fields, struct arena *a)
{
	for (size_t i = 0; i < fields->count; i++) {
		struct address_list from;

		if (!str_eqi(fields->items[i].name, STR("From")))
			continue;
		address_list_parse(a, fields->items[i].value, 1, &from);
		return from.n == 1 ? mailaddr_domain_normal(a, from.items[0].domain) : STR_EMPTY;
	}
	return STR_EMPTY;
}

struct finding {
	struct arena *a; /* secret */
	struct str domain;
	bool parents;
	struct dkim_key_list keys;
};

static enum err find(struct txn *t, void *arg)
{
	struct finding *f = arg;
	enum err e = dkim_keys_signing(t, f->domain, f->a, &f->keys);
	ptrdiff_t dot;

	/* Mail from the server itself has its host name, and the parent domain may sign
	 * it: still aligned for DMARC (RFC 7489 3.1.1). */
	while (e == OK && f->keys.count == 0 && f->parents &&
	       (dot = str_find_byte(f->domain, '.')) >= 0) {
		f->domain = str_sub(f->domain, (size_t)dot + 1, f->domain.n);
		e = dkim_keys_signing(t, f->domain, f->a, &f->keys);
	}
	return e;
}

/* --- signing ------------------------------------------------------------------------------- */

static bool sign_with(struct buf *out, const struct dkim_key *k, const struct dkim_fields *fields,
                      const uint8_t *body, int64_t now_s)
{
	struct signer signer;
	bool done;

	if (!signer_open(&signer, k))
		return false;
	done = dkim_sign(out, &signer.dkim, fields, body, now_s);
	signer_close(&signer);
	return done;
}

/* The message to sign: its header is that of trace and of body. */
struct signing {
	struct store *store;
	struct str id; /* for the log */
	struct str trace, body;
	bool by_user;
};

static void sign_all(struct buf *out, const struct finding *f, const struct dkim_fields *fields,
                     const struct signing *s)
{
	int64_t now_s = clock_real_ms() / 1000;
	uint8_t digest[HASH_BYTES];

	body_hash_whole(CANON_RELAXED, str_sub(s->body, header_size(s->body), s->body.n), digest);
	/* RSA comes first: a verifier that supports no other may check only the first. */
	for (size_t i = f->keys.count; i-- > 0;)
		if (!sign_with(out, &f->keys.items[i], fields, digest, now_s))
			event(dkim_sign_failed, s->id, ev_str(f->keys.items[i].domain),
			      ev_str(f->keys.items[i].selector));
}

static enum err sign(struct buf *out, const struct signing *s)
{
	const struct str blocks[] = { s->trace, s->body };
	struct dkim_fields fields;
	struct finding f;
	struct arena a;
	enum err e = OK;

	arena_init(&a, true);
	dkim_fields_read(&fields, blocks, COUNT(blocks), &a);
	f = (struct finding){ .a = &a,
		              .domain = author_domain(&fields, &a),
		              .parents = !s->by_user };
	if (f.domain.n != 0)
		e = store_read(s->store, find, &f);
	if (e == OK && f.keys.count != 0)
		sign_all(out, &f, &fields, s);
	arena_deinit(&a);
	return e;
}

enum err sign_put(struct buf *out, const struct delivery *d, const struct delivery_message *m)
{
	const struct signing s = { d->store, m->envelope.session.id, m->trace, m->body,
		                   m->envelope.submitter != 0 };

	return m->ours ? sign(out, &s) : OK;
}

enum err sign_anew(struct buf *out, struct store *store, struct str message, bool by_user,
                   struct str *rest)
{
	struct cur c = cur_of(message), before = c;
	struct header_field field;

	while (header_next(&c, &field) && str_eqi(field.name, STR("DKIM-Signature")))
		before = c;
	*rest = cur_rest(&before);
	return sign(out, &(struct signing){ store, STR_EMPTY, STR_EMPTY, *rest, by_user });
}
