/* operations/acme/plan.h: which names belong into which certificate.
 *
 * The host name first; for each mail domain the names that clients and other servers look for,
 * mta-sts., autoconfig. and autodiscover., where DNS leads them to the host's addresses; then
 * what the administrator names; all but those that a certificate of the administrator's own is
 * there for. Certificates of at most PLAN_NAMES_MAX names: "host", "host-2"
 * and so on, and "host-rsa" ... beside them where asked for. */
#ifndef ACME_PLAN_H
#define ACME_PLAN_H
#include "operations/acme/records.h"

struct acme_door;
struct dns;

enum { PLAN_NAMES_MAX = 90, PLAN_CERTS_MAX = 64 };

struct wanted {
	struct str id;
	struct names names;
	bool rsa;
};
struct acme_plan {
	struct wanted *items;
	size_t count;
};

struct acme_plan_input {
	struct dns *dns;
	struct str hostname; /* empty: its certificate comes from files */
	struct str lead_to;  /* the host's name, for its addresses          */
	const struct names *domains;
	struct str further; /* comma list */
	/* Is this name cared for by somebody else? NULL: none is. */
	bool (*cared_for)(void *arg, struct str name);
	void *arg;
	const struct names *held; /* names that certificates carry now: they stay when DNS gives
	                           * no answer */
	bool rsa;
	const struct acme_door *door; /* to see that the server stops: then the plan is cut off */
};

/* In a; asks DNS for three names of every domain, so it may take seconds. */
void acme_plan_make(const struct acme_plan_input *in, struct arena *a, struct acme_plan *out);

/* Are the further names host names and addresses? ERR_SYNTAX names the setting. */
enum err acme_plan_check(struct str further, struct why *why) MUST_USE;

#endif
