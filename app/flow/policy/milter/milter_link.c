/* flow/policy/milter/milter_link.c: see milter_link.h. */
#include "flow/policy/milter/milter_link.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/dns/dns.h"
#include "network/runtime/socket.h"

#include <poll.h>

enum { READ_SIZE = 16384, DIAL_MAX = 4 };

/* --- addresses ---------------------------------------------------------------- */

static bool port_parse(struct str text, uint16_t *out)
{
	struct cur c = cur_of(text);
	uint32_t n;

	if (!cur_u32(&c, &n) || !cur_done(&c) || n == 0 || n > UINT16_MAX)
		return false;
	*out = (uint16_t)n;
	return true;
}

static struct str without_brackets(struct str host)
{
	bool bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';

	return bracketed ? str_sub(host, 1, host.n - 1) : host;
}

static bool inet_parse(struct str text, struct milter_address *out)
{
	ptrdiff_t at = str_find_byte(text, '@'), colon = str_rfind_byte(text, ':');
	struct str host, port;

	if (at >= 0) {
		port = str_sub(text, 0, (size_t)at);
		host = str_sub(text, (size_t)at + 1, text.n);
	} else if (colon >= 0) {
		host = str_sub(text, 0, (size_t)colon);
		port = str_sub(text, (size_t)colon + 1, text.n);
	} else {
		return false;
	}
	out->host = without_brackets(host);
	return out->host.n != 0 && port_parse(port, &out->port);
}

bool milter_address_parse(struct str text, struct milter_address *out)
{
	static const struct str local[] = { STR("unix:"), STR("local:") },
	                        inet[] = { STR("inet:"), STR("inet6:") };

	*out = (struct milter_address){ 0 };
	for (size_t i = 0; i < COUNT(local); i++)
		if (str_starts(text, local[i])) {
			out->path = str_sub(text, local[i].n, text.n);
			return str_starts(out->path, STR("/"));
		}
	for (size_t i = 0; i < COUNT(inet); i++)
		if (str_starts(text, inet[i]))
			return inet_parse(str_sub(text, inet[i].n, text.n), out);
	return inet_parse(text, out);
}

/* --- connecting --------------------------------------------------------------- */

static enum err reach(const struct addr *to, int64_t deadline_ms, int *fd, struct why *why)
{
	enum err e = socket_connect_begin(to, NULL, fd, why);

	if (e)
		return e;
	if (!socket_wait(*fd, POLLOUT, deadline_ms))
		e = fail(why, ERR_RETRY, "no answer in time");
	else
		e = socket_connect_end(*fd, why);
	if (e)
		socket_close(fd);
	return e;
}

static enum err link_address_find(const struct milter_dial *dial, int64_t deadline_ms,
                                  struct arena *a, struct dns_addr_list *out, struct why *why)
{
	struct addr *one = arena_array(a, struct addr, 2);
	enum dns_status status;

	*out = (struct dns_addr_list){ .items = one, .count = 1 };
	if (addr_parse_ip(dial->at.host, one))
		return OK;
	if (str_eqi(dial->at.host, STR("localhost"))) { /* no name server is needed */
		out->count = 2;
		return addr_parse_ip(STR("127.0.0.1"), one) && addr_parse_ip(STR("::1"), one + 1)
		               ? OK
		               : ERR_IO;
	}
	if (dial->dns == NULL)
		return fail(why, ERR_RETRY, "there is no resolver to find it by");
	status = dns_addresses(dial->dns, a, dial->at.host, DNS_V4 | DNS_V6, deadline_ms, out);
	return status == DNS_OK ? OK
	                        : fail(why, ERR_RETRY, "its name leads nowhere: %s",
	                               dns_status_text(status));
}

static enum err dial_inet(const struct milter_dial *dial, int64_t deadline_ms, int *fd,
                          struct why *why)
{
	struct arena a = { 0 };
	struct dns_addr_list found;
	enum err e = link_address_find(dial, deadline_ms, &a, &found, why);

	for (size_t i = 0; e == OK && i < MIN(found.count, (size_t)DIAL_MAX); i++) {
		found.items[i].port = dial->at.port;
		e = reach(&found.items[i], deadline_ms, fd, why);
		if (e == OK)
			break;
		e = i + 1 < MIN(found.count, (size_t)DIAL_MAX) ? OK : e;
	}
	arena_deinit(&a);
	return e;
}

/* --- bytes -------------------------------------------------------------------- */

static int64_t step_end(const struct milter_link *l)
{
	return MIN(clock_mono_ms() + l->step_ms, l->last_ms);
}

static enum err link_write_all(const struct milter_link *l, struct str bytes, struct why *why)
{
	int64_t deadline_ms = step_end(l);

	while (bytes.n != 0) {
		ptrdiff_t n = socket_write(l->fd, bytes.p, bytes.n);

		if (n == SOCKET_BROKEN)
			return fail(why, ERR_RETRY, "it has closed the connection");
		if (n > 0) {
			bytes = str_sub(bytes, (size_t)n, bytes.n);
			deadline_ms = step_end(l);
		} else if (!socket_wait(l->fd, POLLOUT, deadline_ms)) {
			return fail(why, ERR_RETRY, "it takes no more data");
		}
	}
	return OK;
}

enum err milter_link_send(struct milter_link *l, struct why *why)
{
	enum err e;

	if (!buf_ok(&l->out))
		return fail(why, ERR_LIMIT, "a packet is too long");
	e = link_write_all(l, buf_str(&l->out), why);
	buf_reset(&l->out);
	return e;
}

bool milter_link_tell(struct milter_link *l)
{
	struct str bytes = buf_str(&l->out);
	bool gone = buf_ok(&l->out) &&
	            socket_write(l->fd, bytes.p, bytes.n) == (ptrdiff_t)bytes.n;

	buf_reset(&l->out);
	return gone;
}

/* Receive more bytes until the deadline. */
static enum err link_fill(struct milter_link *l, int64_t deadline_ms, struct why *why)
{
	char *room;
	ptrdiff_t n;

	buf_drop(&l->in, l->used);
	l->used = 0;
	room = buf_room(&l->in, READ_SIZE);
	if (room == NULL)
		return fail(why, ERR_SYNTAX, "a packet is too long");
	while ((n = socket_read(l->fd, room, READ_SIZE)) == SOCKET_AGAIN)
		if (!socket_wait(l->fd, POLLIN, deadline_ms))
			return fail(why, ERR_RETRY, "no reply in time");
	if (n <= 0)
		return fail(why, ERR_RETRY, "it has closed the connection");
	buf_commit(&l->in, (size_t)n);
	return clock_mono_ms() < deadline_ms ? OK : fail(why, ERR_RETRY, "no reply in time");
}

static enum err packet(struct milter_link *l, int64_t deadline_ms, char *command,
                       struct str *data, struct why *why)
{
	for (;;) {
		struct cur c = cur_of(str_sub(buf_str(&l->in), l->used, l->in.n));
		const char *from = c.p;
		enum err e;

		switch (milter_packet_take(&c, LIMIT_milter_packet, command, data)) {
		case MILTER_PACKET:
			l->used += (size_t)(c.p - from);
			return OK;
		case MILTER_BROKEN:
			return fail(why, ERR_SYNTAX, "a packet has a wrong length");
		case MILTER_MORE:
			break;
		}
		if ((e = link_fill(l, deadline_ms, why)))
			return e;
	}
}

enum err milter_link_reply(struct milter_link *l, char command, struct milter_reply *out,
                           struct why *why)
{
	struct str data;
	char what;

	for (;;) {
		enum err e = packet(l, step_end(l), &what, &data, why);

		if (e)
			return e;
		if (!milter_reply_parse(what, data, out))
			return fail(why, ERR_SYNTAX, "no reply of the milter protocol");
		if (!milter_reply_fits(out, command, l->options.actions))
			return fail(why, ERR_SYNTAX, "\"%s\" was not to be expected here",
			            milter_reply_name(out->kind));
		if (out->kind != MILTER_SAYS_PROGRESS)
			return OK;
	}
}

/* --- opening and closing ------------------------------------------------------- */

static enum err agree(struct milter_link *l, uint32_t version, int64_t deadline_ms,
                      struct why *why)
{
	struct milter_options offer = milter_offer(version);
	struct str data;
	char command;
	enum err e;

	milter_options_put(&l->out, &offer);
	if ((e = milter_link_send(l, why)) ||
	    (e = packet(l, deadline_ms, &command, &data, why)))
		return e;
	if (command != MILTER_OPTIONS)
		return fail(why, ERR_SYNTAX, "it speaks no milter protocol");
	if ((e = milter_options_parse(data, &offer, &l->options, why)))
		return e;
	for (size_t i = 0; i < MILTER_STAGES; i++)
		if (l->options.macros[i].p != NULL)
			l->options.macros[i] = str_dup(&l->arena, l->options.macros[i]);
	return OK;
}

enum err milter_link_open(const struct milter_dial *dial, struct milter_link **out,
                          struct why *why)
{
	int64_t deadline_ms = MIN(clock_mono_ms() + dial->connect_ms, dial->last_ms);
	struct milter_link *l;
	int fd = -1;
	enum err e;

	*out = NULL;
	if (dial->at.path.n != 0)
		e = socket_connect_unix(dial->at.path, &fd, why);
	else
		e = dial_inet(dial, deadline_ms, &fd, why);
	if (e)
		return e;
	l = NEW(struct milter_link);
	l->fd = fd;
	l->step_ms = dial->step_ms;
	l->last_ms = dial->last_ms;
	buf_init(&l->out, LIMIT_milter_out);
	buf_init(&l->in, LIMIT_milter_packet + 4 + READ_SIZE);
	if ((e = agree(l, dial->version, deadline_ms, why)))
		milter_link_close(&l, false);
	*out = l;
	return e;
}

void milter_link_close(struct milter_link **link, bool polite)
{
	struct milter_link *l = *link;

	if (l == NULL)
		return;
	*link = NULL;
	if (polite) {
		buf_reset(&l->out);
		milter_packet_put(&l->out, MILTER_QUIT, STR(""));
		milter_link_tell(l);
	}
	socket_close(&l->fd);
	buf_deinit(&l->out);
	buf_deinit(&l->in);
	arena_deinit(&l->arena);
	mem_free(l);
}
