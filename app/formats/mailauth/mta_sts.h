/* formats/mailauth/mta_sts.h: MTA-STS: what a domain says of the way to it (RFC 8461).
 *
 * Pure. Two texts: the record at _mta-sts.DOMAIN, which says that there is a policy and, by its
 * id, whether it is still the same; and the policy, which an HTTPS server hands out. */
#ifndef MAILAUTH_MTA_STS_H
#define MAILAUTH_MTA_STS_H
#include "foundation/base/str.h"

struct arena;
struct buf;

/* What other servers are told to do when they cannot come over TLS (RFC 8461 5). */
enum mta_sts_mode {
	MTA_STS_TESTING, /* deliver all the same, and report it: what a domain begins with */
	MTA_STS_NONE,    /* nothing                                                       */
	MTA_STS_ENFORCE, /* do not deliver                                                */
};

/* "testing", "none", "enforce". */
const char *mta_sts_name(enum mta_sts_mode mode);
bool mta_sts_parse(struct str name, enum mta_sts_mode *out);

/* --- the record --------------------------------------------------------------------------- */

enum { MTA_STS_ID_MAX = 32 };

/* The id of the one record among the domain's TXT records that is of MTA-STS, borrowed from it.
 * False: there is none, or more than one, or it is malformed: the domain has no policy that could
 * be fetched (RFC 8461 3.1). */
bool mta_sts_record(const struct str *texts, size_t count, struct str *id);

/* --- the policy --------------------------------------------------------------------------- */

enum { MTA_STS_AGE_MAX_S = 31557600 }; /* RFC 8461 3.2: more counts as this */

struct mta_sts_policy {
	enum mta_sts_mode mode;
	uint32_t max_age_s;
	struct str *mx; /* patterns: "mx.example.org", "*.example.org"; as written */
	size_t mx_count;
};

/* mx_max is how many patterns there may be. Lists live in a, strings are borrowed from text.
 * False: it is no policy, why says what is wrong in words of ours. Unknown fields are passed over,
 * of a field that is there twice the first counts, but for mx (RFC 8461 3.2). Linear. */
bool mta_sts_policy_parse(struct str text, size_t mx_max, struct arena *a,
                          struct mta_sts_policy *out, const char **why);

/* The lines of the policy as a TLS report shows them (RFC 8460 4.5), with an LF behind each; what
 * mta_sts_policy_parse reads as the same policy. */
void mta_sts_text_put(const struct mta_sts_policy *p, struct buf *out);

/* Does the policy name this MX host (RFC 8461 4.1)? Any case, a last dot does not count; a "*"
 * stands for exactly one label. */
bool mta_sts_policy_names(const struct mta_sts_policy *p, struct str host);

/* Is it a host name: labels of letters, digits and "-", and "_" as many write them, in A-labels? */
bool mta_sts_host_check(struct str host);

#endif
