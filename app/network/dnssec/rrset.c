/* network/dnssec/rrset.c: see rrset.h. */
#include "network/dnssec/rrset.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum { TROUBLE_MAX = 500, SIGNED_MAX = 1 << 20 };

/* --- the steps --------------------------------------------------------------------------- */

PRINTF(2, 0)
static struct str trouble_say(struct dnssec_work *w, const char *fmt, va_list args)
{
	char text[TROUBLE_MAX];
	int n = vsnprintf(text, sizeof text, fmt, args);
	struct str s = str_from(text, (size_t)MIN(MAX(n, 0), TROUBLE_MAX - 1));

	if (w->steps != NULL) {
		buf_put(w->steps, s);
		buf_byte(w->steps, '\n');
	}
	return str_dup(w->a, s);
}

bool dnssec_trouble(struct dnssec_work *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	w->trouble = trouble_say(w, fmt, args);
	va_end(args);
	return false;
}

void dnssec_step_add(struct dnssec_work *w, const char *fmt, ...)
{
	va_list args;

	if (w->steps == NULL)
		return;
	va_start(args, fmt);
	(void)trouble_say(w, fmt, args);
	va_end(args);
}

/* --- work -------------------------------------------------------------------------------- */

bool dnssec_pay(struct dnssec_work *w, unsigned cost_us)
{
	if (!w->spent && cost_us <= w->rules->cost_us - w->cost_us &&
	    (w->charge == NULL || w->charge(cost_us))) {
		w->cost_us += cost_us;
		return true;
	}
	w->spent = true;
	return dnssec_trouble(w, "checking signatures takes too much work");
}

/* --- collecting -------------------------------------------------------------------------- */

/* RFC 4034 6.3: sorted by data as a left-justified number, without duplicates. */
static void insert(struct rrset *s, const struct rr *r)
{
	size_t i = s->count;

	while (i > 0 && str_cmp(s->items[i - 1]->data, r->data) > 0)
		i--;
	if (i > 0 && str_eq(s->items[i - 1]->data, r->data))
		return;
	for (size_t k = s->count++; k > i; k--)
		s->items[k] = s->items[k - 1];
	s->items[i] = r;
}

/* Is r in the set? The first count includes duplicates and malformed records, so it is an upper
 * bound. RFC 4034 3.1: a signature's data begins with the covered type. */
static bool is_record(const struct rrset *s, const struct rr *r)
{
	return r->type == s->type;
}

static bool is_signature(const struct rrset *s, const struct rr *r)
{
	struct cur c = cur_of(r->data);
	uint64_t covered;

	return r->type == RR_RRSIG && cur_be(&c, 2, &covered) && covered == s->type;
}

static size_t rrset_count(const struct dns_message *m, enum rr_section section,
                          const struct rrset *s,
                          bool (*is)(const struct rrset *s, const struct rr *r))
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		const struct rr *r = &m->records[i];

		n += r->section == section && is(s, r) && str_eq(r->owner, s->owner);
	}
	return n;
}

static void rrset_take(struct rrset *s, const struct rr *r)
{
	if (is_record(s, r)) {
		s->ttl = s->count == 0 ? r->ttl : MIN(s->ttl, r->ttl);
		insert(s, r);
	} else if (is_signature(s, r) && dnssec_sig_parse(r->data, &s->sigs[s->sig_count])) {
		s->sig_count++;
	}
}

/* Counted first, so that the cost of an answer with several large sets is not their product. */
bool rrset_find(const struct dns_message *m, enum rr_section section, struct str owner,
                uint16_t type, struct arena *a, struct rrset *out)
{
	size_t records, sigs;

	*out = (struct rrset){ .owner = owner, .type = type };
	records = rrset_count(m, section, out, is_record);
	if (records == 0)
		return false;
	sigs = rrset_count(m, section, out, is_signature);
	out->items = arena_array(a, const struct rr *, records);
	out->sigs = arena_array(a, struct dnssec_sig, sigs);
	for (size_t i = 0; i < m->count; i++) {
		const struct rr *r = &m->records[i];

		if (r->section == section && str_eq(r->owner, owner))
			rrset_take(out, r);
	}
	return true;
}

bool rrset_signed(const struct dns_message *m, enum rr_section section, struct str owner,
                  uint16_t type)
{
	struct rrset s = { .owner = owner, .type = type };

	return rrset_count(m, section, &s, is_signature) != 0;
}

/* --- verifying ------------------------------------------------------------------------------- */

static unsigned owner_labels(struct str owner)
{
	/* RFC 4034 3.1.3: without the asterisk of a wildcard. */
	return dname_labels(owner) - dname_is_wildcard(owner);
}

static void be_put(struct buf *b, unsigned bytes, uint64_t value)
{
	while (bytes-- > 0)
		buf_byte(b, (char)(value >> 8 * bytes));
}

/* RFC 4034 3.1.8.1, RFC 4035 5.3.2: the signed data. */
static bool put_signed(const struct rrset *s, const struct dnssec_sig *sig, struct buf *b)
{
	char room[DNAME_MAX + 2];
	struct buf name;

	buf_init_in(&name, room, sizeof room);
	if (sig->labels < owner_labels(s->owner)) {
		buf_put(&name, STR("\1*"));
		buf_put(&name, dname_last(s->owner, sig->labels));
	} else {
		buf_put(&name, s->owner);
	}
	buf_put(b, sig->head);
	for (size_t i = 0; i < s->count; i++) {
		buf_put(b, buf_str(&name));
		be_put(b, 2, s->type);
		be_put(b, 2, 1);
		be_put(b, 4, sig->ttl);
		be_put(b, 2, s->items[i]->data.n);
		buf_put(b, s->items[i]->data);
	}
	return buf_ok(b);
}

/* RFC 4035 5.3.1, except the key. */
static bool sig_fits(struct dnssec_work *w, const struct rrset *s, const struct dnssec_sig *sig,
                     const struct dnssec_zone *zone)
{
	struct str owner = dname_text(s->owner, w->a), type = rr_type_text(s->type, w->a);

	if (!str_eq(sig->signer, zone->name) || !dname_within(s->owner, sig->signer))
		return dnssec_trouble(w, "%.*s %.*s is signed by %.*s, which is not its zone",
		                      STR_ARG(owner), STR_ARG(type),
		                      STR_ARG(dname_text(sig->signer, w->a)));
	if (sig->labels > owner_labels(s->owner) || sig->labels < dname_labels(zone->name))
		return dnssec_trouble(w, "the signature of %.*s %.*s is of another name",
		                      STR_ARG(owner), STR_ARG(type));
	if (dnssec_sig_lasts(sig, w->now_s, w->rules->skew_s) == 0)
		return dnssec_trouble(w, "the signature of %.*s %.*s %s", STR_ARG(owner),
		                      STR_ARG(type),
		                      (int32_t)(sig->expiration - (uint32_t)w->now_s) < 0
		                              ? "has expired"
		                              : "is not valid yet");
	return dnssec_algorithm_known(sig->algorithm, w->rules->sha1) ||
	       dnssec_trouble(w, "%.*s %.*s is signed by %.*s, which we do not know",
	                      STR_ARG(owner), STR_ARG(type),
	                      STR_ARG(dnssec_algorithm_text(sig->algorithm, w->a)));
}

static bool may_be_of(const struct dnssec_sig *sig, const struct dnssec_key *k)
{
	return k->tag == sig->tag && k->algorithm == sig->algorithm && dnssec_key_signs(k);
}

static bool has_key(const struct dnssec_sig *sig, const struct dnssec_zone *zone)
{
	for (size_t i = 0; i < zone->count; i++)
		if (may_be_of(sig, &zone->keys[i]))
			return true;
	return false;
}

/* The key that verifies the signature, or NULL. Any number of keys may share a tag, and signatures
 * may be many: the limit of checks bounds the cost. */
static const struct dnssec_key *sig_key(struct dnssec_work *w, const struct rrset *s,
                                        const struct dnssec_sig *sig,
                                        const struct dnssec_zone *zone, struct str bytes,
                                        unsigned *wrong)
{
	for (size_t i = 0; i < zone->count; i++) {
		const struct dnssec_key *k = &zone->keys[i];

		if (!may_be_of(sig, k))
			continue;
		if (w->signatures >= w->rules->signatures) {
			dnssec_trouble(w, "too many signatures to check");
			return NULL;
		}
		if (*wrong >= w->rules->wrong_set || w->wrong >= w->rules->wrong) {
			dnssec_trouble(w, "too many signatures are wrong");
			return NULL;
		}
		if (!dnssec_pay(w, dnssec_key_cost_us(k, bytes)))
			return NULL;
		w->signatures++;
		if (dnssec_key_verify(k, bytes, sig->signature))
			return k;
		w->wrong++;
		++*wrong;
	}
	dnssec_trouble(w, "the signature of %.*s %.*s by key %u is wrong",
	               STR_ARG(dname_text(s->owner, w->a)), STR_ARG(rr_type_text(s->type, w->a)),
	               sig->tag);
	return NULL;
}

static bool sig_verify(struct dnssec_work *w, const struct rrset *s, const struct dnssec_sig *sig,
                       const struct dnssec_zone *zone, unsigned *wrong, struct rrset_proof *out)
{
	const struct dnssec_key *key = NULL;
	struct buf b;

	if (!sig_fits(w, s, sig, zone))
		return false;
	if (!has_key(sig, zone))
		return dnssec_trouble(w, "%.*s %.*s is signed by key %u, which %.*s does not have",
		                      STR_ARG(dname_text(s->owner, w->a)),
		                      STR_ARG(rr_type_text(s->type, w->a)), sig->tag,
		                      STR_ARG(dname_text(zone->name, w->a)));
	buf_init(&b, SIGNED_MAX);
	if (put_signed(s, sig, &b))
		key = sig_key(w, s, sig, zone, buf_str(&b), wrong);
	buf_deinit(&b);
	if (key == NULL)
		return false;
	out->labels = sig->labels;
	out->wildcard = sig->labels < owner_labels(s->owner);
	/* RFC 4035 5.3.3. */
	out->ttl = MIN(MIN(s->ttl, sig->ttl),
	               dnssec_sig_lasts(sig, w->now_s, w->rules->skew_s));
	out->ttl = MIN(out->ttl, w->rules->ttl_s);
	dnssec_step_add(w, "%.*s %.*s: signed by key %u of %.*s (%.*s)",
	            STR_ARG(dname_text(s->owner, w->a)), STR_ARG(rr_type_text(s->type, w->a)),
	            key->tag, STR_ARG(dname_text(zone->name, w->a)),
	            STR_ARG(dnssec_algorithm_text(key->algorithm, w->a)));
	return true;
}

bool rrset_verify(struct dnssec_work *w, const struct rrset *s, const struct dnssec_zone *zone,
                  struct rrset_proof *out)
{
	unsigned wrong = 0;

	if (s->sig_count == 0)
		return dnssec_trouble(w, "%.*s %.*s should be signed and is not",
		                      STR_ARG(dname_text(s->owner, w->a)),
		                      STR_ARG(rr_type_text(s->type, w->a)));
	for (size_t i = 0; i < s->sig_count && w->signatures < w->rules->signatures &&
	                   wrong < w->rules->wrong_set && w->wrong < w->rules->wrong && !w->spent;
	     i++)
		if (sig_verify(w, s, &s->sigs[i], zone, &wrong, out))
			return true;
	return false;
}
