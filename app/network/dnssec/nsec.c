/* network/dnssec/nsec.c: proofs by NSEC records (RFC 4035 5.4, RFC 6840 4); see denial.h. */
#include "network/dnssec/denial.h"

#include "foundation/base/arena.h"

static const struct nsec *at(const struct dnssec_proofs *p, struct str name)
{
	for (size_t i = 0; i < p->nsec_count; i++)
		if (str_eq(p->nsec[i].owner, name))
			return &p->nsec[i];
	return NULL;
}

/* Does n prove that name does not exist? */
static bool covers(const struct nsec *n, struct str zone, struct str name)
{
	if (dname_compare(n->owner, name) >= 0)
		return false;
	/* The last record points to the top of the zone. */
	if (!str_eq(n->next, zone) && dname_compare(name, n->next) >= 0)
		return false;
	/* RFC 6840 4.1: names below a cut or a DNAME are not in this zone. */
	return !(dname_within(name, n->owner) && nsec_types_lead_away(n->types));
}

static const struct nsec *covering(const struct dnssec_proofs *p, struct str name)
{
	for (size_t i = 0; i < p->nsec_count; i++)
		if (covers(&p->nsec[i], p->zone, name))
			return &p->nsec[i];
	return NULL;
}

/* The closest existing ancestor of name: both ends of the gap and their ancestors exist. */
static struct str encloser(const struct nsec *n, struct str name)
{
	return dname_last(name, MAX(dname_common(n->owner, name), dname_common(n->next, name)));
}

enum dnssec_denied nsec_denied(struct dnssec_work *w, const struct dnssec_proofs *p,
                               struct str name, uint16_t type)
{
	const struct nsec *n = at(p, name);
	enum dnssec_denied d;
	struct str wildcard;

	if (n != NULL)
		return nsec_types_deny(n->types, name, type);
	n = covering(p, name);
	if (n == NULL)
		return DENIED_NOT;
	/* The name exists because of one below it, without records of its own. */
	if (dname_within(n->next, name))
		return DENIED_TYPE;
	if (!dname_wildcard(encloser(n, name), w->a, &wildcard))
		return DENIED_NAME;
	n = at(p, wildcard);
	if (n == NULL)
		return covering(p, wildcard) != NULL ? DENIED_NAME : DENIED_NOT;
	d = nsec_types_deny(n->types, wildcard, type);
	/* A wildcard cannot be a zone cut (RFC 4592 4.2). */
	return d == DENIED_CUT ? DENIED_NOT : d;
}

enum dnssec_denied nsec_denied_expanded(struct dnssec_work *w, const struct dnssec_proofs *p,
                                        struct str name, unsigned labels)
{
	const struct nsec *n = covering(p, name);

	(void)w;
	/* The wildcard must be at the closest encloser. */
	return n != NULL && !dname_within(n->next, name) &&
	                       dname_labels(encloser(n, name)) == labels
	               ? DENIED_NAME
	               : DENIED_NOT;
}
