/* network/dnssec/anchor.h: trust anchors (RFC 4035 4.4): the keys of the root zone, and the
 * operator's rules for other zones. Immutable. */
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
	struct str *unsigned_names; /* below these, no signatures are required */
	size_t unsigned_count;
	struct arena arena;
};

/* Read rules, one a line or separated by ";", with comments from "#" to the end of the line:
 *	. DS 20326 8 2 E06D44B8...      a key's digest, as in a zone file; also with "IN"
 *	insecure corp.example           a zone below which answers are not signed (RFC 7646)
 * Without a DS rule for the root, and without "insecure .", the built-in root keys (anchor.c) are
 * used, which ICANN publishes. ERR_SYNTAX: a rule is malformed; why has its number. */
enum err dnssec_anchors_new(struct str text, struct dnssec_anchors **out, struct why *why) MUST_USE;
void dnssec_anchors_free(struct dnssec_anchors *t);

bool dnssec_anchors_have(const struct dnssec_anchors *t, struct str zone);
/* Is the name exempt from signatures, by the operator or as a special-use name outside of the
 * public tree (RFC 6761, RFC 6762, RFC 8375, RFC 6303)? An anchor at it or below it has
 * priority. */
bool dnssec_anchors_waive(const struct dnssec_anchors *t, struct str name);

#endif
