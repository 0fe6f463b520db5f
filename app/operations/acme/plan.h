/* operations/acme/plan.h: decides which names belong into which certificate.
 *
 * First the host name. Then, for each mail domain, the names that clients and other
 * servers look up: mta-sts., autoconfig. and autodiscover., if DNS resolves them to the
 * host's addresses. Then the administrator's further names. Names with an uploaded
 * certificate are excluded. Certificates have at most PLAN_NAMES_MAX names: "host",
 * "host-2" and so on, and "host-rsa" ... in addition if requested. */
#ifndef ACME_PLAN_H
#define ACME_PLAN_H
#include "operations/acme/records.h"

struct acme_io;
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
	struct str lead_to;  /* the host name, for its addresses        */
	const struct names *domains;
	struct str further; /* comma list */
	/* Does name have another certificate? NULL: none has. */
	bool (*cared_for)(void *arg, struct str name);
	void *arg;
	const struct names *held; /* names of current certificates: they stay if DNS does
	                           * not answer */
	bool rsa;
	const struct acme_io *io; /* to notice that the server stops: then the plan is
	                               * cut off */
};

/* In a; queries DNS for three names of every domain, so it may take seconds. */
void acme_plan_make(const struct acme_plan_input *in, struct arena *a, struct acme_plan *out);

/* Are the further names valid host names and addresses? ERR_SYNTAX names the setting. */
enum err acme_plan_check(struct str further, struct why *why) MUST_USE;

#endif
