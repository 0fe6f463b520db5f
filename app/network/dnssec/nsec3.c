/* network/dnssec/nsec3.c: proofs by NSEC3 records (RFC 5155 8); see denial.h. */
#include "network/dnssec/denial.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/hash.h"

enum { SALT_MAX = 255 };

/* RFC 5155 5. False: the limit of hashes was reached. */
static bool name_hash(struct dnssec_work *w, const struct dnssec_proofs *p, struct str name,
                      uint8_t hash[static HASH_SHA1_BYTES])
{
	char room[DNAME_MAX + SALT_MAX];
	struct buf b;

	if (w->hashes >= w->rules->hashes)
		return dnssec_trouble(w, "too many names to hash");
	if (!dnssec_pay(w, (unsigned)(p->iterations + 1) * dnssec_hash_cost_us(p->salt.n)))
		return false;
	w->hashes++;
	buf_init_in(&b, room, sizeof room);
	buf_put(&b, name);
	buf_put(&b, p->salt);
	hash_sha1(buf_str(&b), hash);
	for (uint64_t i = 0; i < p->iterations; i++) {
		buf_reset(&b);
		buf_bytes(&b, hash, HASH_SHA1_BYTES);
		buf_put(&b, p->salt);
		hash_sha1(buf_str(&b), hash);
	}
	return true;
}

static bool covers(const struct nsec3 *n, struct str hash)
{
	bool after = str_cmp(n->hash, hash) < 0, before = str_cmp(hash, n->next) < 0;

	/* The last record points to the first; a single one to itself. */
	return str_cmp(n->hash, n->next) < 0 ? after && before : after || before;
}

/* The records for a name: its own, and that of the gap with its hash. */
struct found {
	const struct nsec3 *at, *covering;
};

static bool nsec3_find(struct dnssec_work *w, const struct dnssec_proofs *p, struct str name,
                 struct found *out)
{
	uint8_t bytes[HASH_SHA1_BYTES];
	struct str hash = str_from((const char *)bytes, sizeof bytes);

	*out = (struct found){ NULL, NULL };
	if (!name_hash(w, p, name, bytes))
		return false;
	for (size_t i = 0; i < p->nsec3_count; i++) {
		if (str_eq(p->nsec3[i].hash, hash))
			out->at = &p->nsec3[i];
		else if (covers(&p->nsec3[i], hash))
			out->covering = &p->nsec3[i];
	}
	return true;
}

/* RFC 5155 8.3: the closest existing ancestor, and the record that proves that the next closer name
 * does not exist. */
struct encloser {
	struct str name;
	const struct nsec3 *next_closer;
};

static bool encloser_find(struct dnssec_work *w, const struct dnssec_proofs *p, struct str name,
                          struct encloser *out)
{
	unsigned least = dname_labels(p->zone);
	const struct nsec3 *next_closer = NULL;

	for (unsigned n = dname_labels(name); n >= least; n--) {
		struct str above = dname_last(name, n);
		struct found f;

		if (!nsec3_find(w, p, above, &f))
			return false;
		if (f.at != NULL) {
			*out = (struct encloser){ above, next_closer };
			return next_closer != NULL && !nsec_types_lead_away(f.at->types);
		}
		next_closer = f.covering;
		if (n == 0)
			break;
	}
	return false;
}

static enum dnssec_denied by_wildcard(struct dnssec_work *w, const struct dnssec_proofs *p,
                                      const struct encloser *e, uint16_t type)
{
	enum dnssec_denied d;
	struct str wildcard;
	struct found f;

	if (!dname_wildcard(e->name, w->a, &wildcard))
		return DENIED_NAME;
	if (!nsec3_find(w, p, wildcard, &f))
		return DENIED_NOT;
	if (f.at == NULL) /* RFC 5155 8.4 */
		return f.covering != NULL ? DENIED_NAME : DENIED_NOT;
	d = nsec_types_deny(f.at->types, wildcard, type); /* RFC 5155 8.7 */
	return d == DENIED_CUT ? DENIED_NOT : d;
}

enum dnssec_denied nsec3_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                                struct str name, uint16_t type)
{
	enum dnssec_denied d;
	struct encloser e;
	struct found f;

	if (!nsec3_find(w, p, name, &f))
		return DENIED_NOT;
	if (f.at != NULL) /* RFC 5155 8.5, 8.6 */
		return nsec_types_deny(f.at->types, name, type);
	if (!encloser_find(w, p, name, &e))
		return DENIED_NOT;
	/* RFC 5155 8.6, 9.2: an unsigned zone may exist. */
	if (e.next_closer->opt_out && type == RR_DS)
		return DENIED_OPEN;
	d = by_wildcard(w, p, &e, type);
	return d != DENIED_NOT && e.next_closer->opt_out ? DENIED_OPEN : d;
}

enum dnssec_denied nsec3_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                         struct str name, unsigned labels)
{
	struct found f;

	if (labels >= dname_labels(name) || !nsec3_find(w, p, dname_last(name, labels + 1), &f) ||
	    f.at != NULL || f.covering == NULL)
		return DENIED_NOT;
	return f.covering->opt_out ? DENIED_OPEN : DENIED_NAME;
}
