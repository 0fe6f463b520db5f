/* formats/mailauth/psl.h: the organization of a domain name, by the public suffix list.
 *
 * A public suffix is a name below which anyone can register names: "com", "co.uk", also
 * "github.io": ICANN's rules and private ones count alike. For DMARC all names of one registration
 * are one organization (RFC 7489 3.2). The list of publicsuffix.org is built in
 * (vendor/recipes/publicsuffix.py) as a tree of labels: a look-up costs a binary search for each
 * label, and no memory.
 *
 * Names are in ASCII (A-labels), in any case, without the final dot; results are suffixes of
 * them. */
#ifndef MAILAUTH_PSL_H
#define MAILAUTH_PSL_H
#include "foundation/base/str.h"

/* The public suffix at or above the name; without a rule, its last label. Empty: the name is
 * invalid, because a label is empty. */
struct str psl_suffix(struct str name);

/* The organizational domain: the suffix with one more label. Empty: the name is a public suffix
 * itself, or invalid. */
struct str psl_organization(struct str name);

/* The date of the list, "2025-03-28". Static storage. */
const char *psl_date(void);

#endif
