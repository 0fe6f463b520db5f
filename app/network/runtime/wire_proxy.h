/* network/runtime/wire_proxy.h: the header that a proxy sends before the bytes of a client it
 * passes on: the PROXY protocol, versions 1 and 2 (haproxy's doc/proxy-protocol.txt).
 *
 *	1  "PROXY TCP4 192.0.2.7 203.0.113.1 51000 25" CR LF
 *	2  signature (12), version and command, family, length (2), addresses, TLVs */
#ifndef RUNTIME_WIRE_PROXY_H
#define RUNTIME_WIRE_PROXY_H
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

enum {
	PROXY_LINE_MAX = 107,    /* of version 1, with CRLF                  */
	PROXY_HEADER_MAX = 4096, /* of version 2, TLVs included; 536 are usual */
};

enum proxy_step { PROXY_MORE, PROXY_DONE, PROXY_BAD };

struct proxy_header {
	size_t size; /* done: bytes of the header                                   */
	size_t want; /* more: so many bytes can be read without passing its end     */
	/* Done: the client's address and where it connected to. ADDR_NONE: the proxy speaks for
	 * itself (LOCAL, UNKNOWN), or of a kind of address that we do not have. */
	struct addr source, destination;
};

/* Look at what has come so far, from the beginning each time. TLVs are skipped, but that of a
 * checksum, which is checked. Linear. */
enum proxy_step proxy_header_parse(struct str in, struct proxy_header *out);

/* Append one of version 2 without TLVs; both are of IPv4, or both of IPv6. */
enum { PROXY_PUT_MAX = 52 };
void proxy_header_put(struct buf *out, const struct addr *source, const struct addr *destination);

#endif
