/* network/runtime/addr.h: IP addresses with ports.
 *
 * A value type instead of struct sockaddr: addr_eq compares it, addr_network_key makes a map key of
 * it, and an IPv4 peer of a dual-stack socket (::ffff:192.0.2.1) equals the IPv4 peer of an IPv4
 * socket. */
#ifndef RUNTIME_ADDR_H
#define RUNTIME_ADDR_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct sockaddr;
struct sockaddr_storage;

enum addr_family {
	ADDR_NONE,
	ADDR_ANY, /* listen on all families; peers never have it */
	ADDR_V4,
	ADDR_V6,
};

struct addr {
	enum addr_family family;
	uint16_t port;        /* host order; 0 when unknown                    */
	uint32_t scope;       /* IPv6 link-local: interface number, else 0     */
	unsigned char ip[16]; /* network order; IPv4 in the first four, rest 0 */
};

struct addr_list {
	struct addr *items;
	size_t count;
};

enum {
	ADDR_TEXT_MAX = 64,      /* "[ffff:...:ffff%4294967295]:65535" with its NUL */
	ADDR_NETWORK_KEY_MAX = 9 /* a family byte and the network's bytes           */
};

/* An address without port: "192.0.2.1", "2001:db8::1", "[2001:db8::1]". The port of out is 0. Host
 * names are not resolved. On false out is unchanged. */
bool addr_parse_ip(struct str s, struct addr *out);
/* "192.0.2.1:25", "[::1]:25", "*:25" or ":25" (all families). */
bool addr_parse(struct str s, struct addr *out);
/* A comma list of the above, blanks allowed, empty for none; the items live in a. With default_port
 * not 0, an address without port is allowed and gets that port. ERR_SYNTAX names the wrong
 * entry. */
enum err addr_list_parse(struct arena *a, struct str s, uint16_t default_port,
                         struct addr_list *out, struct why *why) MUST_USE;

/* Write text to the caller's array, which the returned str borrows and which is NUL-terminated:
 * "192.0.2.1:25", "[2001:db8::1]:25", "*:25". */
struct str addr_text(const struct addr *a, char to[static ADDR_TEXT_MAX]);
/* Without port and brackets: "2001:db8::1". */
struct str addr_ip_text(const struct addr *a, char to[static ADDR_TEXT_MAX]);

/* Compare with the port / without it. */
bool addr_eq(const struct addr *a, const struct addr *b);
bool addr_eq_ip(const struct addr *a, const struct addr *b);

/* The key by which limits count a peer: the IPv4 address, or the /64 network of an IPv6 address,
 * the least that one customer has. Binary, for map keys only. */
struct str addr_network_key(const struct addr *a, char to[static ADDR_NETWORK_KEY_MAX]);

bool addr_is_loopback(const struct addr *a);
/* Private, unique local, link-local, shared (100.64/10) or loopback: not on the Internet. Such an
 * address is not trusted for that. */
bool addr_is_private(const struct addr *a);
/* Can it be a host on the Internet? Not private, unassigned (0.0.0.0/8, multicast, reserved,
 * outside of 2000::/3), nor an IPv6 form that contains another address (6to4, Teredo; for
 * 64:ff9b::/96, RFC 6052 2.1, the IPv4 address in it decides). */
bool addr_is_public(const struct addr *a);

/* To and from the kernel's form. The first returns the length; ADDR_ANY becomes [::]. The
 * second returns false, and out is ADDR_NONE, for anything but IPv4 and IPv6. */
uint32_t addr_to_socket(const struct addr *a, struct sockaddr_storage *out);
bool addr_from_socket(const struct sockaddr *sa, struct addr *out);

#endif
