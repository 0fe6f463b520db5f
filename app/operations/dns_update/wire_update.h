/* operations/dns_update/wire_update.h: a dynamic update of a zone (RFC 2136) as a
 * message: one change, with prerequisites that protect records of others. Names are
 * without the last dot. */
#ifndef DNS_UPDATE_WIRE_UPDATE_H
#define DNS_UPDATE_WIRE_UPDATE_H
#include "foundation/base/buf.h"

enum {
	DNS_MESSAGE_MAX = 65535,
	DNS_HEADER = 12,
	DNS_CLASS_ANY = 255,
};

/* Condition of a change. */
enum dns_change_if {
	CHANGE_ANYWAY,   /* none: it adds a record next to others, but not a CNAME, or
	                  * removes exactly one record */
	CHANGE_IF_ALONE, /* only the removed record, or none, exists of the type at the name */
	CHANGE_IF_UNUSED /* no record exists at the name */
};

/* Records of one name and type: TXT, CNAME, MX, SRV or TLSA. Data is in the form of zone
 * files, TXT without quotes, host names without the last dot: "10 mx.example.org". */
struct dns_change {
	struct str name;
	const char *type;
	struct str remove; /* exactly this record; empty: none */
	struct str add;    /* empty: none                      */
	enum dns_change_if when;
	uint32_t ttl_s; /* of what is added */
};

/* Append the update that makes this change in zone. False: an invalid domain name, or
 * invalid data for the type. */
bool update_make(struct buf *out, uint16_t id, struct str zone, const struct dns_change *change);

/* For tsig.c: append a name without compression in lower case, as TSIG requires (RFC 8945
 * 4.3.3); a number. */
bool wire_name_put(struct buf *out, struct str name);
void wire_put16(struct buf *out, unsigned n);

#endif
