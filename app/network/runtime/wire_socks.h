/* network/runtime/wire_socks.h: the client side of SOCKS5 (RFC 1928, RFC 1929).
 *
 *	hello      ->  05 n methods          method  <-  05 method
 *	(login     ->  01 user password      result  <-  01 status)
 *	connect    ->  05 01 00 address      reply   <-  05 status 00 address */
#ifndef RUNTIME_WIRE_SOCKS_H
#define RUNTIME_WIRE_SOCKS_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

enum {
	SOCKS_REQUEST_MAX = 600, /* any request fits into a buffer of this size */
	SOCKS_NONE = 0,          /* RFC 1928 3: no authentication             */
	SOCKS_LOGIN = 2,         /* user name and password                    */
	SOCKS_REFUSED = 255,     /* no acceptable method */
};

/* login: offer a login in addition to "no authentication". */
void socks_hello_put(struct buf *out, bool login);
/* 1 to 255 bytes each (RFC 1929 2). */
void socks_login_put(struct buf *out, struct str user, struct str password);
/* A name of 1 to 255 bytes; or, ip_n being 4 or 16, an address in network order. */
void socks_connect_put(struct buf *out, struct str name, const unsigned char *ip, size_t ip_n,
                       uint16_t port);

/* The result of parsing a reply. */
enum socks_got {
	SOCKS_MORE, /* valid so far, incomplete */
	SOCKS_DONE,
	SOCKS_BAD, /* not SOCKS5 */
};

/* On SOCKS_DONE c is after the reply, otherwise unmoved. */
enum socks_got socks_method_parse(struct cur *c, unsigned *method);
/* *good: the login was accepted. */
enum socks_got socks_login_parse(struct cur *c, bool *good);
/* *status: 0 for connected. The address in the reply is ignored. */
enum socks_got socks_reply_parse(struct cur *c, unsigned *status);

/* "connection refused" and so on (RFC 1928 6). Static storage. */
const char *socks_status_text(unsigned status);

#endif
