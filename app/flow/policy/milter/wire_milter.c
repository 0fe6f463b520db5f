/* flow/policy/milter/wire_milter.c: writes packets; see wire_milter.h. */
#include "flow/policy/milter/wire_milter.h"

#include <string.h>

enum { LENGTH_BYTES = 4 };

static void be_put(struct buf *out, uint32_t n, unsigned bytes)
{
	while (bytes-- > 0)
		buf_byte(out, (char)(n >> (8 * bytes)));
}

size_t milter_packet_begin(struct buf *out, char command)
{
	size_t mark = out->n;

	be_put(out, 0, LENGTH_BYTES);
	buf_byte(out, command);
	return mark;
}

void milter_packet_end(struct buf *out, size_t mark)
{
	size_t n;

	if (!buf_ok(out))
		return; /* out has overflowed, which the caller checks */
	n = out->n - mark - LENGTH_BYTES;
	for (int i = 0; i < LENGTH_BYTES; i++)
		out->p[mark + (size_t)i] = (char)(n >> (8 * (LENGTH_BYTES - 1 - i)));
}

void milter_packet_put(struct buf *out, char command, struct str data)
{
	size_t mark = milter_packet_begin(out, command);

	buf_put(out, data);
	milter_packet_end(out, mark);
}

void milter_text_put(struct buf *out, struct str text)
{
	struct cur c = cur_of(text);
	struct str piece;

	while (cur_until(&c, '\0', &piece)) {
		buf_put(out, piece);
		cur_skip(&c, 1);
		buf_byte(out, '?');
	}
	buf_put(out, cur_rest(&c));
	buf_byte(out, '\0');
}

void milter_connect_put(struct buf *out, const struct milter_peer *peer)
{
	size_t mark = milter_packet_begin(out, MILTER_CONNECT);

	milter_text_put(out, peer->name);
	buf_byte(out, peer->family);
	if (peer->family != 'U') {
		be_put(out, peer->port, 2);
		milter_text_put(out, peer->address);
	}
	milter_packet_end(out, mark);
}

/* --- header fields ------------------------------------------------------------ */

/* Line by line, each without its CR: milters get folds with LF alone. */
static void folded_put(struct buf *out, struct str value)
{
	struct cur c = cur_of(value);
	struct str line;
	bool first = true;

	while (cur_line(&c, &line)) {
		struct cur l = cur_of(line);
		struct str piece;

		if (!first)
			buf_byte(out, '\n');
		first = false;
		while (cur_until(&l, '\0', &piece)) {
			buf_put(out, piece);
			cur_skip(&l, 1);
			buf_byte(out, '?');
		}
		buf_put(out, cur_rest(&l));
	}
	buf_byte(out, '\0');
}

void milter_header_put(struct buf *out, struct str name, struct str raw_value, bool spaces)
{
	size_t mark = milter_packet_begin(out, MILTER_HEADER);

	milter_text_put(out, name);
	/* One space, no tab: as in Sendmail and Postfix. */
	if (!spaces && raw_value.n != 0 && raw_value.p[0] == ' ')
		raw_value = str_sub(raw_value, 1, raw_value.n);
	folded_put(out, raw_value);
	milter_packet_end(out, mark);
}

/* --- macros ------------------------------------------------------------------- */

enum milter_stage milter_stage_of(char command)
{
	static const struct {
		char command;
		enum milter_stage stage;
	} stages[] = {
		{ MILTER_CONNECT, MILTER_AT_CONNECT },
		{ MILTER_HELO, MILTER_AT_HELO },
		{ MILTER_MAIL, MILTER_AT_MAIL },
		{ MILTER_RCPT, MILTER_AT_RCPT },
		{ MILTER_DATA, MILTER_AT_DATA },
		{ MILTER_HEADER_END, MILTER_AT_HEADER_END },
		{ MILTER_END, MILTER_AT_END },
	};

	for (size_t i = 0; i < COUNT(stages); i++)
		if (stages[i].command == command)
			return stages[i].stage;
	return MILTER_STAGES;
}

struct str milter_macros_usual(enum milter_stage stage)
{
	static const struct str usual[MILTER_STAGES] = {
		[MILTER_AT_CONNECT] = STR("j _ v {daemon_name} {daemon_addr} {daemon_port} "
		                          "{client_addr} {client_name} {client_ptr} {client_port} "
		                          "{client_connections}"),
		[MILTER_AT_HELO] = STR("{tls_version} {cipher} {cipher_bits}"),
		[MILTER_AT_MAIL] = STR("i {auth_type} {auth_authen} {auth_author} {mail_addr} "
		                       "{mail_host} {mail_mailer} {tls_version} {cipher} "
		                       "{cipher_bits} {client_addr} {client_name}"),
		[MILTER_AT_RCPT] = STR("i {rcpt_addr} {rcpt_host} {rcpt_mailer}"),
		[MILTER_AT_DATA] = STR("i"),
		[MILTER_AT_HEADER_END] = STR("i"),
		[MILTER_AT_END] = STR("i {auth_type} {auth_authen} {mail_addr}"),
	};

	assert(stage < MILTER_STAGES);
	return usual[stage];
}

static bool packet_name_byte(unsigned char c)
{
	return c != ' ' && c != '\t' && c != ',';
}

static struct str without_braces(struct str name)
{
	bool braced = name.n > 2 && name.p[0] == '{' && name.p[name.n - 1] == '}';

	return braced ? str_sub(name, 1, name.n - 1) : name;
}

static void macro_put(struct buf *out, struct str name, milter_macro_fn *value, void *arg)
{
	struct str bare = without_braces(name), v = value(bare, arg);

	if (v.p == NULL)
		return;
	if (bare.n > 1)
		buf_byte(out, '{');
	buf_put(out, bare);
	buf_put(out, bare.n > 1 ? STR("}") : STR(""));
	buf_byte(out, '\0');
	milter_text_put(out, v);
}

void milter_macros_put(struct buf *out, char command, struct str names, milter_macro_fn *value,
                       void *arg)
{
	size_t mark = milter_packet_begin(out, MILTER_MACRO);
	struct cur c = cur_of(names);

	buf_byte(out, command);
	while (!cur_done(&c)) {
		struct str name = cur_while(&c, packet_name_byte);

		if (name.n != 0)
			macro_put(out, name, value, arg);
		cur_skip(&c, 1);
	}
	milter_packet_end(out, mark);
}
