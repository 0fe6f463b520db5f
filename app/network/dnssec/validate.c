/* network/dnssec/validate.c: see validate.h.
 *
 * An answer is a chain of links: aliases, and at the end data or proofs that there is none. Each
 * link is validated by itself, with the keys of the zone that claims to have signed it. Without
 * such a claim, it must be proven that the link is unsigned. */
#include "network/dnssec/validate.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

/* One link. */
struct link {
	struct dnssec_validator *j;
	const struct dns_message *m;
	struct str name;
	uint16_t type;
	bool first;
	struct dnssec_answer *out;
};

enum step {
	STEP_NEXT, /* l->name has changed */
	STEP_END,  /* out is filled          */
};

static enum step validate_end(struct link *l, enum dnssec_verdict v)
{
	/* An incompletely checked answer is neither secure nor bogus. */
	l->out->verdict = l->j->work.spent ? DNSSEC_INDETERMINATE : v;
	l->out->trouble = l->j->work.trouble;
	return STEP_END;
}

static enum step end_found(struct link *l, enum dnssec_found found)
{
	l->out->found = found;
	l->out->name = l->name;
	l->out->begins_secure = true;
	return validate_end(l, DNSSEC_SECURE);
}

static enum step end_bogus(struct link *l, const char *text)
{
	dnssec_trouble(&l->j->work, "%.*s %.*s: %s", STR_ARG(dname_text(l->name, l->j->work.a)),
	               STR_ARG(rr_type_text(l->type, l->j->work.a)), text);
	return validate_end(l, DNSSEC_BOGUS);
}

/* --- the zone ----------------------------------------------------------------------- */

/* May signer sign at owner? It must be owner or a parent of it. DS records belong to the parent
 * zone (RFC 4035 2.4). */
static bool may_sign(struct str signer, struct str owner, uint16_t type)
{
	return dname_within(owner, signer) &&
	       (type != RR_DS || signer.n < owner.n || owner.n == 1);
}

static bool signer_find(const struct rrset *s, struct str *signer)
{
	for (size_t i = 0; i < s->sig_count; i++) {
		if (may_sign(s->sigs[i].signer, s->owner, s->type)) {
			*signer = s->sigs[i].signer;
			return true;
		}
	}
	return false;
}

/* The zone of the denial: the deepest one, since there may be proofs for other links too. */
static bool denier_find(const struct link *l, struct str *signer)
{
	*signer = STR_EMPTY;
	for (size_t i = 0; i < l->m->count; i++) {
		const struct rr *r = &l->m->records[i];
		struct dnssec_sig sig;

		if (r->section == RR_AUTHORITY && r->type == RR_RRSIG &&
		    dnssec_sig_parse(r->data, &sig) &&
		    (sig.covered == RR_NSEC || sig.covered == RR_NSEC3) &&
		    may_sign(sig.signer, l->name, l->type) && sig.signer.n > signer->n)
			*signer = sig.signer;
	}
	return signer->n != 0;
}

/* An unsigned name of one label is local (RFC 6762, container names), not in the public tree. */
static bool is_bare(struct str name)
{
	return dname_labels(name) == 1;
}

/* The keys for validation. signer: the zone of the signature, or NULL for none, which is valid only
 * in an unsigned zone. */
static enum dnssec_verdict zone_find(struct link *l, const struct str *signer, struct str owner,
                                     struct dnssec_zone *zone)
{
	struct dnssec_work *w = &l->j->work;
	struct str from = owner;
	enum dnssec_verdict v;

	if (signer != NULL)
		from = *signer;
	else if (l->type == RR_DS && owner.n != 1)
		from = dname_last(owner, dname_labels(owner) - 1);
	v = dnssec_chain(l->j, from, zone);
	if (v != DNSSEC_SECURE)
		return v;
	if (signer == NULL && is_bare(owner))
		return DNSSEC_INSECURE;
	if (signer == NULL) {
		dnssec_trouble(w, "%.*s is in %.*s, which is signed, and the answer is not",
		               STR_ARG(dname_text(owner, w->a)),
		               STR_ARG(dname_text(zone->name, w->a)));
		return DNSSEC_BOGUS;
	}
	if (!str_eq(zone->name, *signer)) {
		dnssec_trouble(w, "%.*s is signed by %.*s, which is no zone",
		               STR_ARG(dname_text(owner, w->a)),
		               STR_ARG(dname_text(*signer, w->a)));
		return DNSSEC_BOGUS;
	}
	return v;
}

/* --- existing records ---------------------------------------------------------------- */

/* RFC 4035 5.3.4: an answer from a wildcard is valid only when the name itself does not exist. */
static enum dnssec_verdict expanded_check(struct link *l, const struct rrset *s,
                                          const struct dnssec_zone *zone, unsigned labels)
{
	struct dnssec_proofs p;

	dnssec_proofs_take(&l->j->work, l->m, zone, &p);
	l->out->ttl = MIN(l->out->ttl, p.ttl);
	switch (dnssec_denied_expanded(&l->j->work, &p, s->owner, labels)) {
	case DENIED_NAME:
		return DNSSEC_SECURE;
	case DENIED_OPEN:
		return DNSSEC_INSECURE;
	default:
		dnssec_trouble(&l->j->work,
		               "%.*s is answered by a wildcard without proof that there is no "
		               "such name",
		               STR_ARG(dname_text(s->owner, l->j->work.a)));
		return DNSSEC_BOGUS;
	}
}

static enum dnssec_verdict set_judge(struct link *l, const struct rrset *s)
{
	struct rrset_proof proof;
	struct dnssec_zone zone;
	struct str signer;
	bool claimed = signer_find(s, &signer);
	enum dnssec_verdict v = zone_find(l, claimed ? &signer : NULL, s->owner, &zone);

	if (v != DNSSEC_SECURE)
		return v;
	if (!rrset_verify(&l->j->work, s, &zone, &proof))
		return DNSSEC_BOGUS;
	l->out->ttl = MIN(l->out->ttl, proof.ttl);
	return proof.wildcard ? expanded_check(l, s, &zone, proof.labels) : DNSSEC_SECURE;
}

static enum step follow(struct link *l, struct str target)
{
	if (l->first)
		l->out->begins_secure = true;
	l->out->alias = true;
	l->name = target;
	return STEP_NEXT;
}

static enum step by_alias(struct link *l, const struct rrset *s)
{
	enum dnssec_verdict v = set_judge(l, s);

	if (v != DNSSEC_SECURE)
		return validate_end(l, v);
	if (s->count != 1)
		return end_bogus(l, "more than one CNAME record");
	return follow(l, s->items[0]->data);
}

/* RFC 6672 5.3.1: the CNAME is unsigned; it is derived from the signed DNAME. */
static enum step by_dname(struct link *l, const struct rrset *s)
{
	enum dnssec_verdict v = set_judge(l, s);
	struct str target;

	if (v != DNSSEC_SECURE)
		return validate_end(l, v);
	if (s->count != 1 ||
	    !dname_replace(l->name, s->owner, s->items[0]->data, l->j->work.a, &target))
		return end_bogus(l, "a DNAME record that leads nowhere");
	return follow(l, target);
}

static bool dname_find(struct link *l, struct rrset *out)
{
	for (size_t i = 0; i < l->m->count; i++) {
		const struct rr *r = &l->m->records[i];

		if (r->section == RR_ANSWER && r->type == RR_DNAME && r->owner.n < l->name.n &&
		    dname_within(l->name, r->owner))
			return rrset_find(l->m, RR_ANSWER, r->owner, RR_DNAME, l->j->work.a, out);
	}
	return false;
}

/* --- missing records ----------------------------------------------------------------- */

static enum step by_denial(struct link *l)
{
	struct dnssec_proofs p;
	struct dnssec_zone zone;
	struct str signer;
	bool claimed = denier_find(l, &signer);
	enum dnssec_verdict v = zone_find(l, claimed ? &signer : NULL, l->name, &zone);

	if (v != DNSSEC_SECURE)
		return validate_end(l, v);
	dnssec_proofs_take(&l->j->work, l->m, &zone, &p);
	l->out->ttl = MIN(l->out->ttl, p.ttl);
	switch (dnssec_denied(&l->j->work, &p, l->name, l->type)) {
	case DENIED_NAME:
		dnssec_step_add(&l->j->work, "proven: there is no such name");
		return end_found(l, DNSSEC_NO_NAME);
	case DENIED_TYPE:
	case DENIED_CUT:
		dnssec_step_add(&l->j->work, "proven: there is no such record");
		return end_found(l, DNSSEC_NO_TYPE);
	case DENIED_OPEN:
		dnssec_step_add(&l->j->work, "the zone leaves open what is there (opt-out)");
		return validate_end(l, DNSSEC_INSECURE);
	default:
		return end_bogus(l, "no proof that there is no such record");
	}
}

static enum step link_judge(struct link *l)
{
	struct arena *a = l->j->work.a;
	struct rrset s;

	if (rrset_find(l->m, RR_ANSWER, l->name, l->type, a, &s)) {
		enum dnssec_verdict v = set_judge(l, &s);

		l->out->data = s;
		return v == DNSSEC_SECURE ? end_found(l, DNSSEC_DATA) : validate_end(l, v);
	}
	if (dname_find(l, &s))
		return by_dname(l, &s);
	if (l->type != RR_CNAME && rrset_find(l->m, RR_ANSWER, l->name, RR_CNAME, a, &s))
		return by_alias(l, &s);
	return by_denial(l);
}

void dnssec_validate(struct dnssec_validator *j, struct str answer, struct str name, uint16_t type,
                  struct dnssec_answer *out)
{
	struct dns_message m;
	struct link l = { .j = j, .m = &m, .name = name, .type = type, .first = true, .out = out };

	*out = (struct dnssec_answer){ .verdict = DNSSEC_INDETERMINATE,
		                        .name = name,
		                        .ttl = j->work.rules->ttl_s };
	if (!dns_message_parse(answer, j->work.rules->records, j->work.a, &m) ||
	    (m.rcode != RCODE_NOERROR && m.rcode != RCODE_NXDOMAIN)) {
		dnssec_trouble(&j->work, "an answer that is none");
		validate_end(&l, DNSSEC_INDETERMINATE);
		return;
	}
	for (unsigned n = 0; n <= j->work.rules->aliases; n++) {
		if (link_judge(&l) == STEP_END)
			return;
		l.first = false;
	}
	end_bogus(&l, "too many aliases");
}
