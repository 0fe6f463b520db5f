/* network/dnssec/chain.c: see chain.h. */
#include "network/dnssec/chain.h"

#include "foundation/base/arena.h"

enum { KEYS_CACHED_MAX = 8192 /* bytes of one zone's keys: larger sets are not cached */ };

const char *dnssec_verdict_text(enum dnssec_verdict v)
{
	static const char *const texts[] = {
		[DNSSEC_SECURE] = "secure",
		[DNSSEC_INSECURE] = "insecure",
		[DNSSEC_BOGUS] = "bogus",
		[DNSSEC_INDETERMINATE] = "indeterminate",
	};

	return texts[v];
}

/* --- queries
 * ----------------------------------------------------------------------------------- */

static enum dnssec_verdict chain_refuse(struct dnssec_validator *j, enum dnssec_verdict v,
                                        struct str name, const char *text)
{
	dnssec_trouble(&j->work, "%.*s: %s", STR_ARG(dname_text(name, j->work.a)), text);
	return v;
}

static enum dnssec_verdict chain_query(struct dnssec_validator *j, struct str name, uint16_t type,
                               struct dns_message *out)
{
	struct dnssec_work *w = &j->work;
	struct str bytes;

	if (w->questions >= w->rules->questions)
		return chain_refuse(j, DNSSEC_BOGUS, name, "too many questions to ask");
	w->questions++;
	if (!j->asker->ask(j->asker, name, type, w->a, &bytes))
		return chain_refuse(j, DNSSEC_INDETERMINATE, name,
		              type == RR_DS ? "no answer to the question for DS"
		                            : "no answer to the question for DNSKEY");
	if (!dns_message_parse(bytes, w->rules->records, w->a, out) ||
	    (out->rcode != RCODE_NOERROR && out->rcode != RCODE_NXDOMAIN))
		return chain_refuse(j, DNSSEC_INDETERMINATE, name, "an answer that is none");
	return DNSSEC_SECURE;
}

/* --- the keys of a zone ------------------------------------------------------------ */

struct ds_list {
	struct dnssec_ds *items;
	size_t count;
};

/* Add a record with supported algorithms. */
static void ds_add(struct dnssec_work *w, struct ds_list *list, const struct dnssec_ds *ds)
{
	if (dnssec_ds_known(ds, w->rules->sha1))
		list->items[list->count++] = *ds;
}

static void keys_read(struct dnssec_work *w, const struct rrset *s, struct dnssec_zone *out)
{
	struct dnssec_key *keys = arena_array(w->a, struct dnssec_key, s->count);

	out->keys = keys;
	out->count = 0;
	for (size_t i = 0; i < s->count; i++)
		out->count += dnssec_key_parse(s->items[i]->data, &keys[out->count]) &&
		              dnssec_key_signs(&keys[out->count]);
}

/* Is there a DS record with the digest of this key? Keys that share a tag with many DS records are
 * hashed for each (CVE-2023-50387), within the limits of the rules. */
static bool key_named(struct dnssec_work *w, const struct ds_list *list,
                      const struct dnssec_zone *zone, const struct dnssec_key *k)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct dnssec_ds *ds = &list->items[i];

		if (ds->tag != k->tag || ds->algorithm != k->algorithm)
			continue;
		if (w->hashes >= w->rules->hashes)
			return dnssec_trouble(w, "too many keys to hash");
		if (!dnssec_pay(w, dnssec_hash_cost_us(k->data.n)))
			return false;
		w->hashes++;
		if (dnssec_ds_matches(ds, zone->name, k))
			return true;
	}
	return false;
}

/* RFC 4035 5.2: the set of keys must be signed by a key with a DS record. */
static bool keys_verify(struct dnssec_work *w, const struct rrset *s, const struct ds_list *ds,
                        const struct dnssec_zone *zone, struct rrset_proof *proof)
{
	struct dnssec_zone entry = { .name = zone->name };
	struct dnssec_key *keys = arena_array(w->a, struct dnssec_key, zone->count);

	entry.keys = keys;
	for (size_t k = 0; k < zone->count; k++)
		if (key_named(w, ds, zone, &zone->keys[k]))
			keys[entry.count++] = zone->keys[k];
	if (entry.count == 0 && (w->hashes >= w->rules->hashes || w->spent))
		return false;
	if (entry.count == 0)
		return dnssec_trouble(w, "%.*s: no key is the one that the zone above names",
		                      STR_ARG(dname_text(zone->name, w->a)));
	return rrset_verify(w, s, &entry, proof) && !proof->wildcard;
}

static enum dnssec_verdict zone_load(struct dnssec_validator *j, const struct ds_list *ds,
                                     struct dnssec_zone *zone, uint32_t *ttl)
{
	struct rrset_proof proof;
	struct dns_message m;
	enum dnssec_verdict v = chain_query(j, zone->name, RR_DNSKEY, &m);
	struct rrset s;

	if (v != DNSSEC_SECURE)
		return v;
	if (!rrset_find(&m, RR_ANSWER, zone->name, RR_DNSKEY, j->work.a, &s))
		return chain_refuse(j, DNSSEC_BOGUS, zone->name, "has no keys and should have");
	keys_read(&j->work, &s, zone);
	if (!keys_verify(&j->work, &s, ds, zone, &proof))
		return DNSSEC_BOGUS;
	*ttl = MIN(*ttl, proof.ttl);
	return DNSSEC_SECURE;
}

/* --- one step down ----------------------------------------------------------------- */

static size_t keys_bytes(const struct dnssec_zone *z)
{
	size_t n = 0;

	for (size_t i = 0; i < z->count; i++)
		n += z->keys[i].data.n;
	return n;
}

static void chain_store(struct dnssec_validator *j, struct str name, enum dnssec_cut cut,
                 const struct dnssec_zone *zone, uint32_t ttl)
{
	struct dnssec_node node = { .cut = cut, .until_s = j->work.now_s + ttl };

	if (zone != NULL) {
		if (keys_bytes(zone) > KEYS_CACHED_MAX)
			return;
		node.keys = (struct dnssec_key *)(uintptr_t)zone->keys;
		node.key_count = zone->count;
	}
	dnssec_cache_put(j->cache, name, &node);
}

/* There are DS records for name: enter the zone. */
static enum dnssec_verdict enter(struct dnssec_validator *j, struct str name,
                                 const struct ds_list *ds, uint32_t ttl, enum dnssec_cut *cut,
                                 struct dnssec_zone *zone)
{
	struct dnssec_zone below = { .name = name };
	enum dnssec_verdict v;

	*cut = CUT_SIGNED;
	if (ds->count == 0) {
		/* RFC 4035 5.2: as if there were none. */
		dnssec_step_add(&j->work, "%.*s: signed only in ways that we do not know",
		            STR_ARG(dname_text(name, j->work.a)));
		*cut = CUT_UNSIGNED;
		chain_store(j, name, *cut, NULL, ttl);
		return DNSSEC_SECURE;
	}
	v = zone_load(j, ds, &below, &ttl);
	if (v != DNSSEC_SECURE)
		return v;
	chain_store(j, name, *cut, &below, ttl);
	*zone = below;
	return v;
}

static enum dnssec_verdict enter_anchor(struct dnssec_validator *j, struct str name,
                                        enum dnssec_cut *cut, struct dnssec_zone *zone)
{
	const struct dnssec_anchors *t = j->anchors;
	struct ds_list list = { arena_array(j->work.a, struct dnssec_ds, t->count), 0 };

	for (size_t i = 0; i < t->count; i++)
		if (str_eq(t->items[i].zone, name))
			ds_add(&j->work, &list, &t->items[i].ds);
	return enter(j, name, &list, j->work.rules->ttl_s, cut, zone);
}

static enum dnssec_verdict enter_ds(struct dnssec_validator *j, const struct rrset *s,
                                    enum dnssec_cut *cut, struct dnssec_zone *zone)
{
	struct ds_list list = { arena_array(j->work.a, struct dnssec_ds, s->count), 0 };
	struct rrset_proof proof;
	struct dnssec_ds ds;

	if (!rrset_verify(&j->work, s, zone, &proof))
		return DNSSEC_BOGUS;
	if (proof.wildcard)
		return chain_refuse(j, DNSSEC_BOGUS, s->owner, "DS by a wildcard");
	for (size_t i = 0; i < s->count; i++)
		if (dnssec_ds_parse(s->items[i]->data, &ds))
			ds_add(&j->work, &list, &ds);
	return enter(j, s->owner, &list, proof.ttl, cut, zone);
}

/* An alias in the answer for DS: no zone can begin at this name. */
static enum dnssec_verdict alias_step(struct dnssec_validator *j, const struct dns_message *m,
                                      const struct rrset *s, const struct dnssec_zone *zone,
                                      enum dnssec_cut *cut)
{
	struct rrset_proof proof;

	*cut = CUT_NONE;
	if (!rrset_verify(&j->work, s, zone, &proof))
		return DNSSEC_BOGUS;
	if (proof.wildcard) {
		struct dnssec_proofs p;

		dnssec_proofs_take(&j->work, m, zone, &p);
		switch (dnssec_denied_expanded(&j->work, &p, s->owner, proof.labels)) {
		case DENIED_NAME:
			*cut = CUT_NO_NAME;
			break;
		case DENIED_OPEN:
			*cut = CUT_UNSIGNED;
			break;
		default:
			return chain_refuse(j, DNSSEC_BOGUS, s->owner,
			              "a wildcard where a name may be");
		}
	}
	chain_store(j, s->owner, *cut, NULL, proof.ttl);
	return DNSSEC_SECURE;
}

static enum dnssec_verdict denied_step(struct dnssec_validator *j, const struct dns_message *m,
                                       struct str name, const struct dnssec_zone *zone,
                                       enum dnssec_cut *cut)
{
	static const enum dnssec_cut cuts[] = {
		[DENIED_NAME] = CUT_NO_NAME,
		[DENIED_TYPE] = CUT_NONE,
		[DENIED_CUT] = CUT_UNSIGNED,
		[DENIED_OPEN] = CUT_UNSIGNED,
	};
	struct dnssec_proofs p;
	enum dnssec_denied d;

	dnssec_proofs_take(&j->work, m, zone, &p);
	d = dnssec_denied(&j->work, &p, name, RR_DS);
	if (d == DENIED_NOT)
		return chain_refuse(j, DNSSEC_BOGUS, name,
		              "neither DS records nor proof that there are none");
	*cut = cuts[d];
	if (*cut == CUT_UNSIGNED)
		dnssec_step_add(&j->work, "%.*s: proven not to be signed",
		            STR_ARG(dname_text(name, j->work.a)));
	chain_store(j, name, *cut, NULL, p.ttl);
	return DNSSEC_SECURE;
}

/* A DNAME at the name redirects everything below it (RFC 6672): no zone begins there. */
static bool led_away(struct dnssec_validator *j, const struct dns_message *m, struct str name,
                     const struct dnssec_zone *zone)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct rr *r = &m->records[i];
		struct rrset_proof proof;
		struct rrset s;

		if (r->section == RR_ANSWER && r->type == RR_DNAME && r->owner.n < name.n &&
		    dname_within(name, r->owner) &&
		    rrset_find(m, RR_ANSWER, r->owner, RR_DNAME, j->work.a, &s))
			return rrset_verify(&j->work, &s, zone, &proof) && !proof.wildcard;
	}
	return false;
}

/* The state of name, below zone; zone becomes the zone at name if that is signed. */
static enum dnssec_verdict chain_step(struct dnssec_validator *j, struct str name,
                                      enum dnssec_cut *cut, struct dnssec_zone *zone)
{
	struct dnssec_node node;
	struct dns_message m;
	enum dnssec_verdict v;
	struct rrset s;

	if (dnssec_cache_get(j->cache, name, j->work.now_s, j->work.a, &node)) {
		*cut = node.cut;
		if (node.cut == CUT_SIGNED)
			*zone = (struct dnssec_zone){ name, node.keys, node.key_count };
		return DNSSEC_SECURE;
	}
	if (dnssec_anchors_have(j->anchors, name))
		return enter_anchor(j, name, cut, zone);
	v = chain_query(j, name, RR_DS, &m);
	if (v != DNSSEC_SECURE)
		return v;
	if (rrset_find(&m, RR_ANSWER, name, RR_DS, j->work.a, &s))
		return enter_ds(j, &s, cut, zone);
	if (led_away(j, &m, name, zone)) {
		*cut = CUT_NO_NAME;
		return DNSSEC_SECURE;
	}
	if (rrset_find(&m, RR_ANSWER, name, RR_CNAME, j->work.a, &s))
		return alias_step(j, &m, &s, zone, cut);
	return denied_step(j, &m, name, zone, cut);
}

enum dnssec_verdict dnssec_chain(struct dnssec_validator *j, struct str name,
                                 struct dnssec_zone *out)
{
	unsigned labels = dname_labels(name);
	bool trusted = false; /* out is a signed zone, without an unsigned one above it */
	bool ends = false;    /* no zone begins below, except at an anchor */

	*out = (struct dnssec_zone){ .name = DNAME_ROOT };
	for (unsigned n = 0; n <= labels; n++) {
		struct str here = dname_last(name, n);
		bool anchor = dnssec_anchors_have(j->anchors, here);
		enum dnssec_cut cut = CUT_NONE;
		enum dnssec_verdict v;

		if (dnssec_anchors_waive(j->anchors, here)) {
			dnssec_step_add(&j->work, "%.*s: nothing here is expected to be signed",
			            STR_ARG(dname_text(here, j->work.a)));
			return DNSSEC_INSECURE;
		}
		if (!anchor && (!trusted || ends))
			continue;
		v = chain_step(j, here, &cut, out);
		if (v != DNSSEC_SECURE)
			return v;
		trusted = cut == CUT_SIGNED || (trusted && cut != CUT_UNSIGNED);
		ends = cut == CUT_NO_NAME;
	}
	return trusted ? DNSSEC_SECURE : DNSSEC_INSECURE;
}
