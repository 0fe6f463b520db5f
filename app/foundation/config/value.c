/* foundation/config/value.c: see value.h. */
#include "foundation/config/value.h"

#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/config/rules.h"
#include "foundation/observe/event.h"
#include "foundation/text/idna.h"
#include "foundation/text/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A kind that is not secret, of one line. */
#define KIND(name, text, parse_, put_)                                   \
	const struct value_kind value_kind_##name = { .valid = (text),   \
		                                      .parse = (parse_), \
		                                      .put = (put_) };

enum { VALUE_FILE_MAX = 65536 };

/* --- text ------------------------------------------------------------------ */

static bool value_one_line(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return false;
	return true;
}

static bool text_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	if (!value_one_line(text)) {
		fail(detail, ERR_SYNTAX, "it has control characters");
		return false;
	}
	*(struct str *)out = str_dup(a, text);
	return true;
}

static bool folder_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	return text.n != 0 && text_parse(a, text, out, detail);
}

static void value_text_put(struct buf *out, const void *value)
{
	const struct str *s = value;

	buf_fmt(out, "%.*s", STR_ARG(*s));
}

static void secret_put(struct buf *out, const void *value)
{
	const struct str *s = value;

	buf_put(out, s->n != 0 ? STR("(set)") : STR(""));
}

static void secret_rules_put(struct buf *out, const void *value)
{
	rules_hide(*(const struct str *)value, out);
}

/* Several lines only when it is not a path. */
static bool pem_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	if (!str_starts(text, VALUE_PEM))
		return text_parse(a, text, out, detail);
	for (size_t i = 0; i < text.n; i++)
		if (!strchr("\r\n\t", text.p[i]) && !value_one_line(str_sub(text, i, i + 1))) {
			fail(detail, ERR_SYNTAX, "it has control characters");
			return false;
		}
	*(struct str *)out = str_dup(a, text);
	return text.n <= VALUE_FILE_MAX;
}

static bool rules_check(struct arena *a, struct str text, void *out, struct why *detail)
{
	struct rules rules;

	if (text.n > VALUE_FILE_MAX || rules_parse(text, a, &rules, detail) != OK)
		return false;
	*(struct str *)out = str_dup(a, text);
	return true;
}

static bool script_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	*(struct str *)out = str_dup(a, text);
	if (text.n <= VALUE_FILE_MAX)
		return true;
	fail(detail, ERR_SYNTAX, "it has more than %d bytes", VALUE_FILE_MAX);
	return false;
}

/* --- values that only the machine may set ----------------------------------- */

static bool machine_always(struct str text)
{
	(void)text;
	return true;
}

static bool machine_program(struct str text)
{
	return text.n != 0 && !str_startsi(text, STR("https://")) &&
	       !str_startsi(text, STR("http://"));
}

static bool machine_pem(struct str text)
{
	return text.n != 0 && !str_starts(text, VALUE_PEM);
}

KIND(TEXT, "one line of text", text_parse, value_text_put)
const struct value_kind value_kind_FOLDER = {
	.valid = "a path", .machine = machine_always, .parse = folder_parse, .put = value_text_put
};
const struct value_kind value_kind_PATH = {
	.valid = "a path", .machine = machine_always, .parse = text_parse, .put = value_text_put
};
const struct value_kind value_kind_PROGRAM = { .valid = "the path of a program, or a URL",
	                                       .machine = machine_program,
	                                       .parse = text_parse,
	                                       .put = value_text_put };
const struct value_kind value_kind_SOCKET_RULES = { .valid = "rules, one per line",
	                                            .lines = true,
	                                            .machine = machine_always,
	                                            .parse = rules_check,
	                                            .put = value_text_put };
const struct value_kind value_kind_PEM = { .valid = "a path, or certificates as PEM text",
	                                   .lines = true,
	                                   .machine = machine_pem,
	                                   .parse = pem_parse,
	                                   .put = value_text_put };
const struct value_kind value_kind_RULES = {
	.valid = "rules, one per line", .lines = true, .parse = rules_check, .put = value_text_put
};
const struct value_kind value_kind_SCRIPT = {
	.valid = "a Sieve script", .lines = true, .parse = script_parse, .put = value_text_put
};
const struct value_kind value_kind_SECRET_RULES = { .valid = "rules, one per line",
	                                            .secret = true,
	                                            .lines = true,
	                                            .parse = rules_check,
	                                            .put = secret_rules_put };
const struct value_kind value_kind_SECRET = {
	.valid = "one line of text", .secret = true, .parse = text_parse, .put = secret_put
};

/* --- host: letters, digits, hyphens and dots, RFC 1123 2.1 ------------------ */

bool value_is_host(struct str text)
{
	char before = '.';

	if (text.n > 253)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool edge = before == '.' || i + 1 == text.n || text.p[i + 1] == '.';

		if (!(ascii_alnum(c) || (c == '-' && !edge) ||
		      (c == '.' && before != '.' && i + 1 != text.n)))
			return false;
		before = c;
	}
	return text.n != 0;
}

static bool host_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)detail;
	if (!utf8_ascii(text) && !idna_ascii(a, text, &text)) /* RFC 5890: an A-label */
		return false;
	if (text.n != 0 && !value_is_host(text))
		return false;
	*(struct str *)out = str_lower(a, text);
	return true;
}

KIND(HOST, "a host name, for example mail.example.org", host_parse, value_text_put)

/* --- marks: separators in local parts, no letters or digits (RFC 5322 3.2.3) ----- */

enum { MARKS_MAX = 4 };

static bool marks_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)detail;
	if (text.n > MARKS_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (str_find_byte(STR("!#$%&'*+-./=?^_`{|}~"), text.p[i]) < 0)
			return false;
	*(struct str *)out = str_dup(a, text);
	return true;
}

KIND(MARKS, "up to four characters such as + or -, or an empty value", marks_parse, value_text_put)

/* --- log level --------------------------------------------------------------- */

static bool level_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	enum event_level level;

	(void)detail;
	if (!event_level_parse(text, &level))
		return false;
	*(struct str *)out = str_dup(a, text);
	return true;
}

KIND(LEVEL, "debug, info, warn or error", level_parse, value_text_put)

/* --- listen: a comma list of address:port -------------------------------------- */

static bool listen_one(struct str one)
{
	ptrdiff_t colon = str_rfind_byte(one, ':');
	struct cur port = cur_of(str_sub(one, (size_t)(colon + 1), one.n));
	uint32_t n;

	return colon >= 0 && cur_u32(&port, &n) && cur_done(&port) && n <= 65535;
}

/* Only the form is checked here; the user of the addresses reports those that it cannot use. */
static bool listen_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	struct cur c = cur_of(text);

	while (!cur_done(&c)) {
		struct str one;

		if (!cur_until(&c, ',', &one)) {
			one = cur_rest(&c);
			cur_skip(&c, one.n);
		}
		cur_byte(&c, ',');
		if (!listen_one(str_trim(one))) {
			fail(detail, ERR_SYNTAX, "\"%.*s\" has no port of 0 to 65535",
			     STR_ARG(one));
			return false;
		}
	}
	*(struct str *)out = str_dup(a, text);
	return true;
}

KIND(LISTEN, "address:port, separated by commas, for example 127.0.0.1:25,[::1]:25", listen_parse,
     value_text_put)
const struct value_kind value_kind_LISTEN_TRUSTED = { .valid = "address:port, separated by commas",
	                                              .machine = machine_always,
	                                              .parse = listen_parse,
	                                              .put = value_text_put };

/* --- numbers ------------------------------------------------------------------- */

struct unit {
	struct str name;
	uint64_t factor;
};

static bool number_parse(struct str text, const struct unit *units, size_t n, uint64_t *out)
{
	struct cur c = cur_of(text);
	uint64_t number;

	if (!cur_u64(&c, &number))
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_eqi(cur_rest(&c), units[i].name))
			return !__builtin_mul_overflow(number, units[i].factor, out);
	return false;
}

enum { COUNT_MAX = 1000000 };

bool value_count(struct str text, uint64_t *out)
{
	static const struct unit none[] = { { STR(""), 1 } };

	return number_parse(text, none, COUNT(none), out) && *out <= COUNT_MAX;
}

static bool count_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)a, (void)detail;
	return value_count(text, out);
}

static bool some_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *n = out;

	return count_parse(a, text, out, detail) && *n >= 1;
}

static bool port_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *port = out;

	return count_parse(a, text, out, detail) && *port >= 1 && *port <= 65535;
}

/* The least is the message size of RFC 5321 4.5.3.1.7; the most fits into an offset of message/
 * with room for headers. */
enum { SIZE_LEAST = 64 << 10, SIZE_MOST = 1 << 30 };

bool value_bytes(struct str text, uint64_t *out)
{
	static const struct unit units[] = {
		{ STR(""), 1 },
		{ STR("K"), 1024 },
		{ STR("M"), 1 << 20 },
		{ STR("G"), 1 << 30 },
	};

	return number_parse(text, units, COUNT(units), out);
}

static bool size_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *size = out;

	(void)a, (void)detail;
	return value_bytes(text, size) && *size >= SIZE_LEAST && *size <= SIZE_MOST;
}

static bool room_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)a, (void)detail;
	return value_bytes(text, out);
}

enum { SECONDS_MAX = 3650 * 86400 }; /* so that milliseconds added to a date fit */

bool value_seconds(struct str text, uint64_t *out)
{
	static const struct unit units[] = {
		{ STR(""), 1 },     { STR("s"), 1 },     { STR("m"), 60 },
		{ STR("h"), 3600 }, { STR("d"), 86400 },
	};

	return number_parse(text, units, COUNT(units), out) && *out <= SECONDS_MAX;
}

static bool seconds_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)a, (void)detail;
	return value_seconds(text, out);
}

static bool wait_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *seconds = out;

	return seconds_parse(a, text, out, detail) && *seconds >= 1;
}

static void value_number_put(struct buf *out, const void *value)
{
	buf_u64(out, *(const uint64_t *)value);
}

static void seconds_put(struct buf *out, const void *value)
{
	value_number_put(out, value);
	buf_byte(out, 's');
}

KIND(COUNT, "a number of 0 to 1000000", count_parse, value_number_put)
KIND(SOME, "a number of 1 to 1000000", some_parse, value_number_put)
KIND(PORT, "a port of 1 to 65535", port_parse, value_number_put)
KIND(SIZE, "a size in bytes, or with K, M or G, from 64K to 1G, for example 50M", size_parse,
     value_number_put)
KIND(ROOM, "0, or a size in bytes, or with K, M or G, for example 20G", room_parse,
     value_number_put)
KIND(SECONDS, "a duration: a number and s, m, h or d, at most 3650d, for example 15m",
     seconds_parse, seconds_put)
KIND(WAIT, "a duration: a number and s, m, h or d, from 1s to 3650d, for example 15m", wait_parse,
     seconds_put)

/* --- bool ------------------------------------------------------------------------ */

bool value_bool(struct str text, bool *out)
{
	static const char *const yes[] = { "on", "yes", "true", "1" };
	static const char *const no[] = { "off", "no", "false", "0" };

	for (size_t i = 0; i < COUNT(yes); i++) {
		if (str_eqi(text, str_of(yes[i])) || str_eqi(text, str_of(no[i]))) {
			*out = str_eqi(text, str_of(yes[i]));
			return true;
		}
	}
	return false;
}

static bool bool_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)a, (void)detail;
	return value_bool(text, out);
}

static void bool_put(struct buf *out, const void *value)
{
	buf_put(out, *(const bool *)value ? STR("on") : STR("off"));
}

KIND(BOOL, "on or off", bool_parse, bool_put)

/* --- _FILE ------------------------------------------------------------------------ */

static enum err value_read_all(int fd, struct buf *b)
{
	for (;;) {
		char *to = buf_room(b, 4096);
		ssize_t got;

		if (to == NULL)
			return ERR_LIMIT;
		got = read(fd, to, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0)
			return OK;
		buf_commit(b, (size_t)got);
	}
}

enum err value_read_file(struct arena *a, struct str path, struct str variable, struct str *out,
                         struct why *why)
{
	int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
	struct str text;
	struct buf b;
	enum err e;

	if (fd < 0)
		return fail_errno(why, "%.*s: cannot open \"%.*s\"", STR_ARG(variable),
		                  STR_ARG(path));
	buf_init(&b, VALUE_FILE_MAX + 4096);
	e = value_read_all(fd, &b);
	text = buf_str(&b);
	if (e || text.n > VALUE_FILE_MAX)
		e = fail(why, e ? e : ERR_LIMIT, "%.*s: cannot read \"%.*s\" (at most %d bytes)",
		         STR_ARG(variable), STR_ARG(path), VALUE_FILE_MAX);
	if (text.n != 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (text.n != 0 && text.p[text.n - 1] == '\r')
		text.n--;
	*out = str_dup(a, text);
	if (b.p != NULL)
		mem_wipe(b.p, b.cap);
	buf_deinit(&b);
	close(fd);
	return e;
}
