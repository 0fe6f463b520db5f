/* formats/mailauth/psl.h: where an organization begins in a domain name, by the public suffix list.
 *
 * A public suffix is a name below which anybody can register names: "com", "co.uk", also
 * "github.io", for ICANN's rules and private ones count alike. DMARC takes all names of one
 * registration for one organization (RFC 7489 3.2). The list is that of publicsuffix.org, built in
 * (vendor/recipes/publicsuffix.py): a tree of labels, so that a question costs a search by halves
 * for each label, and no memory.
 *
 * Names are in ASCII (A-labels), in any case, without the last dot; answers are their ends. */
#ifndef MAILAUTH_PSL_H
#define MAILAUTH_PSL_H
#include "foundation/base/str.h"

/* The public suffix that the name is or lies below; for a name below no rule its last label. Empty:
 * it is no name, for a label is empty. */
struct str psl_suffix(struct str name);

/* The organizational domain: the suffix with one label more. Empty: the name is a public suffix
 * itself, or none. */
struct str psl_organization(struct str name);

/* Of which day the list is, "2025-03-28". Static storage. */
const char *psl_date(void);

#endif
