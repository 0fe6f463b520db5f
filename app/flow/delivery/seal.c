/* flow/delivery/seal.c: see seal.h. */
#include "flow/delivery/seal.h"

#include "flow/delivery/signer.h"
#include "formats/mailauth/arc.h"
#include "formats/mailauth/body_hashes.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/key.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"

struct finding {
	struct arena *a; /* secret */
	struct str domain;
	struct dkim_key_list keys;
};

static enum err find(struct txn *t, void *arg)
{
	struct finding *f = arg;

	return dkim_keys_signing(t, f->domain, f->a, &f->keys);
}

static const struct dkim_key *preferred(const struct dkim_key_list *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->items[i].algorithm == DKIM_RSA_SHA256)
			return &keys->items[i];
	return &keys->items[0];
}

static bool seal_with(struct buf *out, const struct dkim_key *key, const struct arc_verifier *chain,
                      const struct dkim_fields *fields, const struct delivery_message *m)
{
	struct arc_sealer sealer = { .results = m->arrival->results, .cv = m->arrival->chain };
	uint8_t digest[HASH_BYTES];
	struct signer signer;
	bool done;

	if (!signer_open(&signer, key))
		return false;
	sealer.key = signer.dkim;
	body_hash_whole(CANON_RELAXED, str_sub(m->body, header_size(m->body), m->body.n), digest);
	done = arc_seal(out, &sealer, chain, fields, digest, clock_real_ms() / 1000);
	signer_close(&signer);
	return done;
}

enum err seal_put(struct buf *out, const struct delivery *d, const struct delivery_message *m,
                  struct str domain)
{
	const struct str blocks[] = { m->trace, m->body };
	struct arc_verifier chain;
	struct dkim_fields fields;
	struct finding f;
	struct arena a;
	enum err e;

	arena_init(&a, true);
	f = (struct finding){ .a = &a, .domain = domain };
	dkim_fields_read(&fields, blocks, COUNT(blocks), &a);
	arc_verify_begin(&chain, &fields, NULL, 0, &a);
	e = store_read(d->store, find, &f);
	if (e == OK && f.keys.count != 0 && !chain.closed && chain.count < ARC_INSTANCES_MAX) {
		const struct dkim_key *key = preferred(&f.keys);

		if (!seal_with(out, key, &chain, &fields, m))
			event(arc_seal_failed, m->envelope.session.id, ev_str(key->domain),
			      ev_str(key->selector));
	}
	arena_deinit(&a);
	return e;
}
