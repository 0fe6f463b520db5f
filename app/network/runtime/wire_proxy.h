/* network/runtime/wire_proxy.h: the PROXY protocol, versions 1 and 2 (haproxy's
 * doc/proxy-protocol.txt): a header before the bytes of a client.
 *
 *	1  "PROXY TCP4 192.0.2.7 203.0.113.1 51000 25" CR LF
 *	2  signature (12), version and command, family, length (2), addresses, TLVs */
#ifndef RUNTIME_WIRE_PROXY_H
#define RUNTIME_WIRE_PROXY_H
#include "foundation/base/buf.h"
#include "network/runtime/addr.h"

enum {
	PROXY_LINE_MAX = 107,    /* of version 1, with CRLF                  */
	PROXY_HEADER_MAX = 4096, /* of version 2, TLVs included; 536 is usual */
};

enum proxy_step { PROXY_MORE, PROXY_DONE, PROXY_BAD };

struct proxy_header {
	size_t size; /* done: bytes of the header                                   */
	size_t want; /* more: bytes that can be read without passing its end */
	/* done: the client's address and the address that it connected to. ADDR_NONE: the proxy's
	 * own connection (LOCAL, UNKNOWN), or an unsupported address family. */
	struct addr source, destination;
};

/* Parse the bytes received so far, each time from the beginning. TLVs are skipped, except a
 * checksum, which is verified. Linear. */
enum proxy_step proxy_header_parse(struct str in, struct proxy_header *out);

/* Append a header of version 2 without TLVs; both addresses have the same family. */
enum { PROXY_PUT_MAX = 52 };
void proxy_header_put(struct buf *out, const struct addr *source, const struct addr *destination);

#endif
