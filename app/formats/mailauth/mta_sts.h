/* formats/mailauth/mta_sts.h: MTA-STS: a domain's TLS policy for inbound mail (RFC 8461).
 *
 * Pure. Two texts: the record at _mta-sts.DOMAIN, which announces a policy and, by its id, its
 * changes; and the policy, from an HTTPS server. */
#ifndef MAILAUTH_MTA_STS_H
#define MAILAUTH_MTA_STS_H
#include "foundation/base/str.h"

struct arena;
struct buf;

/* The senders' behaviour when TLS with a valid certificate fails (RFC 8461 5). */
enum mta_sts_mode {
	MTA_STS_TESTING, /* deliver, and report the failure: for a domain's first tests */
	MTA_STS_NONE,    /* no policy */
	MTA_STS_ENFORCE, /* do not deliver                                                */
};

/* "testing", "none", "enforce". */
const char *mta_sts_name(enum mta_sts_mode mode);
bool mta_sts_parse(struct str name, enum mta_sts_mode *out);

/* --- the record --------------------------------------------------------------------------- */

enum { MTA_STS_ID_MAX = 32 };

/* The id of the domain's MTA-STS record among its TXT records, borrowed. False: none, several, or
 * malformed: the domain has no policy (RFC 8461 3.1). */
bool mta_sts_record(const struct str *texts, size_t count, struct str *id);

/* --- the policy --------------------------------------------------------------------------- */

enum { MTA_STS_AGE_MAX_S = 31557600 }; /* RFC 8461 3.2: the maximum; larger values are reduced to
				        * it */

struct mta_sts_policy {
	enum mta_sts_mode mode;
	uint32_t max_age_s;
	struct str *mx; /* patterns: "mx.example.org", "*.example.org"; as written */
	size_t mx_count;
};

/* mx_max: the most patterns. Lists live in a, strings are borrowed from text. False: malformed; why
 * has the error in our own words. Unknown fields are ignored; of a repeated field the first counts,
 * except mx (RFC 8461 3.2). Linear. */
bool mta_sts_policy_parse(struct str text, size_t mx_max, struct arena *a,
                          struct mta_sts_policy *out, const char **why);

/* Append the lines of the policy for a TLS report (RFC 8460 4.5), each with an LF;
 * mta_sts_policy_parse reads them as the same policy. */
void mta_sts_text_put(const struct mta_sts_policy *p, struct buf *out);

/* Does the policy allow this MX host (RFC 8461 4.1)? Any case, a final dot is ignored; "*" matches
 * exactly one label. */
bool mta_sts_policy_names(const struct mta_sts_policy *p, struct str host);

/* Is it a host name: labels of letters, digits, "-", and also "_", which is common; in A-labels? */
bool mta_sts_host_check(struct str host);

#endif
