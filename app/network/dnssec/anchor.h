/* network/dnssec/anchor.h: where trust begins (RFC 4035 4.4): the keys of the root zone, and
 * what an operator says of other zones. Immutable once made. */
#ifndef DNSSEC_ANCHOR_H
#define DNSSEC_ANCHOR_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "network/dnssec/key.h"

struct dnssec_anchor {
	struct str zone;
	struct dnssec_ds ds;
};

struct dnssec_anchors {
	struct dnssec_anchor *items;
	size_t count;
	struct str *unsigned_names; /* below these nothing is expected to be signed */
	size_t unsigned_count;
	struct arena arena;
};

/* From rules, one a line or parted by ";", with comments from "#" to the end of the line:
 *	. DS 20326 8 2 E06D44B8...      a key's digest, as in a zone file; also with "IN"
 *	insecure corp.example           what other name servers say here is not signed (RFC 7646)
 * Without a DS rule for the root, and without "insecure .", its keys are those built in (anchor.c),
 * which ICANN publishes.
 * ERR_SYNTAX: a rule that is none, which why quotes by its number. */
enum err dnssec_anchors_new(struct str text, struct dnssec_anchors **out, struct why *why) MUST_USE;
void dnssec_anchors_free(struct dnssec_anchors *t);

bool dnssec_anchors_have(const struct dnssec_anchors *t, struct str zone);
/* Is the name told to be unsigned, by the operator or because it is of those that the public tree
 * does not have (RFC 6761, RFC 6762, RFC 8375, RFC 6303)? An anchor at it or below it wins. */
bool dnssec_anchors_waive(const struct dnssec_anchors *t, struct str name);

#endif
