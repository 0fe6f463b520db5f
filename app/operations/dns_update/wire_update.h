/* operations/dns_update/wire_update.h: a dynamic update of a zone (RFC 2136) as a message: one
 * change, with the prerequisites that keep it from what others wrote. Names are without the last
 * dot. */
#ifndef DNS_UPDATE_WIRE_UPDATE_H
#define DNS_UPDATE_WIRE_UPDATE_H
#include "foundation/base/buf.h"

enum {
	DNS_MESSAGE_MAX = 65535,
	DNS_HEADER = 12,
	DNS_CLASS_ANY = 255,
};

/* When a change is made at all. */
enum dns_change_if {
	CHANGE_ANYWAY,   /* it only adds beside what is there, but no alias, or removes exactly
	                  * its own */
	CHANGE_IF_ALONE, /* what it removes, or nothing, is all there is of the type at the name */
	CHANGE_IF_UNUSED /* there is nothing at the name */
};

/* Records of one name and type: TXT, CNAME, MX, SRV or TLSA. Data is as a zone file has it, TXT
 * without quotes, host names without the last dot: "10 mx.example.org". */
struct dns_change {
	struct str name;
	const char *type;
	struct str remove; /* exactly this record; empty: none */
	struct str add;    /* empty: none                      */
	enum dns_change_if when;
	uint32_t ttl_s; /* of what is added */
};

/* The update that makes this change in zone. False: a name is none that DNS can carry, or data is
 * none of the type. */
bool update_make(struct buf *out, uint16_t id, struct str zone, const struct dns_change *change);

/* For tsig.c: a name without compression, in lower case, as TSIG wants names (RFC 8945 4.3.3);
 * numbers. */
bool wire_name_put(struct buf *out, struct str name);
void wire_put16(struct buf *out, unsigned n);

#endif
