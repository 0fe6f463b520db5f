/* network/dnssec/denial.c: see denial.h; common code of both kinds of proof. */
#include "network/dnssec/denial.h"

#include "foundation/base/arena.h"
#include "foundation/text/base32.h"

enum { NSEC3_SHA1 = 1, NSEC3_HASH = 20, NSEC3_OPT_OUT = 1, NSEC3_LABEL = 32 };

/* --- bit maps ------------------------------------------------------------------------------ */

/* One window of a bit map: its number, and its octets. */
static bool window_take(struct cur *c, uint64_t *number, struct str *bits)
{
	uint64_t n;

	return cur_be(c, 1, number) && cur_be(c, 1, &n) && n >= 1 && n <= 32 &&
	       cur_take(c, n, bits);
}

static bool types_check(struct str types)
{
	struct cur c = cur_of(types);
	uint64_t number;
	struct str bits;

	while (window_take(&c, &number, &bits)) {
	}
	return cur_done(&c);
}

bool nsec_types_have(struct str types, uint16_t type)
{
	struct cur c = cur_of(types);
	uint64_t number;
	struct str bits;

	while (window_take(&c, &number, &bits)) {
		size_t at = (type & 255) / 8;

		if (number == type >> 8)
			return at < bits.n && (unsigned char)bits.p[at] & 0x80 >> type % 8;
	}
	return false;
}

bool nsec_types_lead_away(struct str types)
{
	return nsec_types_have(types, RR_DNAME) ||
	       (nsec_types_have(types, RR_NS) && !nsec_types_have(types, RR_SOA));
}

enum dnssec_denied nsec_types_deny(struct str types, struct str name, uint16_t type)
{
	bool cut = nsec_types_have(types, RR_NS) && !nsec_types_have(types, RR_SOA);

	if (nsec_types_have(types, type) || nsec_types_have(types, RR_CNAME))
		return DENIED_NOT;
	/* RFC 4035 5.2, RFC 6840 4.4: the parent zone decides about DS, the child zone about all
	 * other types; the root has no parent. */
	if (type != RR_DS)
		return cut ? DENIED_NOT : DENIED_TYPE;
	if (nsec_types_have(types, RR_SOA) && name.n != 1)
		return DENIED_NOT;
	return cut ? DENIED_CUT : DENIED_TYPE;
}

/* --- collecting proofs
 * -------------------------------------------------------------------------- */

static bool nsec_take(struct dnssec_work *w, const struct rrset *s, struct dnssec_proofs *out)
{
	struct nsec *n = &out->nsec[out->nsec_count];
	struct cur c = cur_of(s->items[0]->data);
	struct str next;

	if (s->count != 1 || !dname_take_plain(&c, &next) || !types_check(cur_rest(&c)))
		return false;
	n->owner = s->owner;
	n->next = dname_lower(next, w->a);
	n->types = cur_rest(&c);
	out->nsec_count++;
	return true;
}

/* The owner's first label is its hash; the rest is the zone (RFC 5155 3). */
static bool owner_hash(struct dnssec_work *w, struct str owner, struct str zone, struct str *hash)
{
	struct cur c = cur_of(owner);
	struct str label;
	char n;

	return cur_any(&c, &n) && n == NSEC3_LABEL && cur_take(&c, NSEC3_LABEL, &label) &&
	       str_eq(cur_rest(&c), zone) && base32hex_decode(label, w->a, hash) &&
	       hash->n == NSEC3_HASH;
}

static bool nsec3_take(struct dnssec_work *w, const struct rrset *s, struct dnssec_proofs *out)
{
	struct nsec3 *n = &out->nsec3[out->nsec3_count];
	uint64_t hash, flags, iterations, salt_n, next_n;
	struct cur c = cur_of(s->items[0]->data);
	struct str salt;

	if (s->count != 1 || !cur_be(&c, 1, &hash) || !cur_be(&c, 1, &flags) ||
	    !cur_be(&c, 2, &iterations) || !cur_be(&c, 1, &salt_n) ||
	    !cur_take(&c, salt_n, &salt) || !cur_be(&c, 1, &next_n) ||
	    !cur_take(&c, next_n, &n->next) || !types_check(cur_rest(&c)))
		return false;
	/* RFC 5155 8.1, 8.2: ignore unknown hashes and flags; all records of an answer must have
	 * the same parameters. */
	if (hash != NSEC3_SHA1 || flags & ~(uint64_t)NSEC3_OPT_OUT || next_n != NSEC3_HASH ||
	    !owner_hash(w, s->owner, out->zone, &n->hash))
		return false;
	if (iterations > w->rules->iterations) { /* RFC 9276 3.2 */
		out->costly = true;
		return true;
	}
	if (out->nsec3_count != 0 && (iterations != out->iterations || !str_eq(salt, out->salt)))
		return false;
	out->iterations = iterations;
	out->salt = salt;
	n->types = cur_rest(&c);
	n->opt_out = flags & NSEC3_OPT_OUT;
	out->nsec3_count++;
	return true;
}

static bool is_first(const struct dns_message *m, size_t i)
{
	const struct rr *r = &m->records[i];

	for (size_t k = 0; k < i; k++)
		if (m->records[k].type == r->type && m->records[k].section == r->section &&
		    str_eq(m->records[k].owner, r->owner))
			return false;
	return true;
}

/* Is it the first record of a signed set of proofs? Others are skipped. */
static bool may_prove(const struct dns_message *m, size_t i)
{
	const struct rr *r = &m->records[i];

	return r->section == RR_AUTHORITY && (r->type == RR_NSEC || r->type == RR_NSEC3) &&
	       is_first(m, i) && rrset_signed(m, RR_AUTHORITY, r->owner, r->type);
}

static void proof_take(struct dnssec_work *w, const struct dns_message *m, const struct rr *r,
                       const struct dnssec_zone *zone, struct dnssec_proofs *out)
{
	struct rrset_proof proof;
	struct rrset s;

	/* A record that was expanded from a wildcard proves nothing. */
	if (!rrset_find(m, RR_AUTHORITY, r->owner, r->type, w->a, &s) ||
	    !rrset_verify(w, &s, zone, &proof) || proof.wildcard)
		return;
	if (r->type == RR_NSEC ? nsec_take(w, &s, out) : nsec3_take(w, &s, out))
		out->ttl = MIN(out->ttl, proof.ttl);
}

void dnssec_proofs_take(struct dnssec_work *w, const struct dns_message *m,
                        const struct dnssec_zone *zone, struct dnssec_proofs *out)
{
	size_t nsec = 0, nsec3 = 0;

	*out = (struct dnssec_proofs){ .zone = zone->name, .ttl = w->rules->ttl_s };
	for (size_t i = 0; i < m->count; i++) {
		if (!may_prove(m, i))
			continue;
		nsec += m->records[i].type == RR_NSEC;
		nsec3 += m->records[i].type == RR_NSEC3;
	}
	out->nsec = arena_array(w->a, struct nsec, nsec);
	out->nsec3 = arena_array(w->a, struct nsec3, nsec3);
	for (size_t i = 0; nsec + nsec3 != 0 && i < m->count; i++)
		if (may_prove(m, i))
			proof_take(w, m, &m->records[i], zone, out);
}

/* --- evaluation --------------------------------------------------------------------- */

enum dnssec_denied dnssec_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                                 struct str name, uint16_t type)
{
	enum dnssec_denied d = DENIED_NOT;

	if (p->nsec_count != 0)
		d = nsec_denied(w, p, name, type);
	if (d == DENIED_NOT && p->nsec3_count != 0)
		d = nsec3_denied(w, p, name, type);
	return d == DENIED_NOT && p->costly ? DENIED_OPEN : d;
}

enum dnssec_denied dnssec_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                          struct str name, unsigned labels)
{
	enum dnssec_denied d = DENIED_NOT;

	if (p->nsec_count != 0)
		d = nsec_denied_expanded(w, p, name, labels);
	if (d == DENIED_NOT && p->nsec3_count != 0)
		d = nsec3_denied_expanded(w, p, name, labels);
	return d == DENIED_NOT && p->costly ? DENIED_OPEN : d;
}
