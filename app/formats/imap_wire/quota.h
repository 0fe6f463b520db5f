/* formats/imap_wire/quota.h: the resources of RFC 9208. */
#ifndef IMAP_WIRE_QUOTA_H
#define IMAP_WIRE_QUOTA_H
#include "formats/imap_wire/token.h"

/* RFC 9208 5; responses list them in this order. */
enum imap_resource {
	RESOURCE_STORAGE, /* units of 1024 octets */
	RESOURCE_MESSAGE,
	RESOURCE_MAILBOX,
	RESOURCES
};

struct imap_setquota {
	struct str root;
	bool given[RESOURCES];
	uint64_t limit[RESOURCES]; /* below 2^63 */
	bool unknown;              /* an unknown resource was named, too */
};

/* quota-root-name SP "(" [resource-name SP number64 *(SP ...)] ")" */
bool imap_setquota_parse(struct cur *c, struct arena *a, struct imap_setquota *out);
/* "STORAGE" */
struct str imap_resource_name(enum imap_resource resource);

#endif
