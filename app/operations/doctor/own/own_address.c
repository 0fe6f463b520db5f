/* operations/doctor/own/own_address.c: addresses of this machine; see dns_facts.h. */
#include "operations/doctor/records/dns_facts.h"

#include "foundation/base/cur.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ALL_MAX = 32, TABLE_MAX = 64 << 10, V6_BYTES = 16 };

/* --- interfaces --------------------------------------------------------------------------- */

/* Every address of an interface, in the system's order. */
static size_t interface_addresses(struct addr *out, size_t max, bool (*wanted)(const struct addr *))
{
	struct ifaddrs *all;
	size_t n = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	for (struct ifaddrs *i = all; i != NULL && n < max; i = i->ifa_next)
		if (i->ifa_addr != NULL && addr_from_socket(i->ifa_addr, &out[n]) &&
		    wanted(&out[n])) {
			out[n].port = 0;
			n++;
		}
	freeifaddrs(all);
	return n;
}

static bool is_public(const struct addr *a)
{
	return !addr_is_private(a);
}

static bool is_v4(const struct addr *a)
{
	return a->family == ADDR_V4 && !addr_is_loopback(a);
}

static bool is_v6(const struct addr *a)
{
	return a->family == ADDR_V6 && !addr_is_loopback(a) && a->scope == 0;
}

/* --- those that pass ---------------------------------------------------------------------- */

static bool hex_parse(struct str text, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = ascii_lower(text.p[i]);

		if (!ascii_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*out = *out << 4 | (uint32_t)(ascii_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return text.n != 0 && text.n <= 8;
}

static bool is_address(struct str hex, const struct addr *ip)
{
	for (size_t i = 0; i < V6_BYTES; i++) {
		uint32_t byte;

		if (!hex_parse(str_sub(hex, 2 * i, 2 * i + 2), &byte) || byte != ip->ip[i])
			return false;
	}
	return hex.n == 2 * V6_BYTES;
}

static struct str word(struct cur *c)
{
	struct str text;

	cur_blank(c);
	if (!cur_until(c, ' ', &text))
		cur_take(c, cur_left(c), &text);
	return text;
}

/* "ADDRESS INTERFACE BITS SCOPE FLAGS NAME", numbers in hex. */
bool own_address_passes(const struct addr *ip, struct str table)
{
	struct cur c = cur_of(table);
	struct str line;

	while (ip->family == ADDR_V6 && cur_line(&c, &line)) {
		struct cur l = cur_of(line);
		bool ours = is_address(word(&l), ip);
		uint32_t flags;

		(void)word(&l), (void)word(&l), (void)word(&l);
		if (ours && hex_parse(word(&l), &flags))
			return (flags & (IFA_F_TEMPORARY | IFA_F_DEPRECATED)) != 0;
	}
	return false;
}

static void table_read(struct buf *b)
{
	int fd = open("/proc/net/if_inet6", O_RDONLY | O_CLOEXEC);
	ssize_t got;
	char *to;

	if (fd < 0)
		return;
	while ((to = buf_room(b, 4096)) != NULL && (got = read(fd, to, 4096)) > 0)
		buf_commit(b, (size_t)got);
	close(fd);
}

/* --- all ---------------------------------------------------------------------------------- */

size_t own_public_addresses(struct addr *out, size_t max)
{
	struct addr all[ALL_MAX];
	size_t n = interface_addresses(all, ALL_MAX, is_public), kept = 0;
	struct buf table;

	buf_init(&table, TABLE_MAX);
	table_read(&table);
	for (size_t i = 0; i < n && kept < max; i++)
		if (!own_address_passes(&all[i], buf_str(&table)))
			out[kept++] = all[i];
	buf_deinit(&table);
	return kept;
}

bool own_address(struct addr *out)
{
	return interface_addresses(out, 1, is_v4) != 0 || interface_addresses(out, 1, is_v6) != 0;
}
