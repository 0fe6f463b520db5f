/* config/value.c: see value.h. */
#include "config/value.h"

#include "base/buf.h"
#include "base/cur.h"
#include "base/mem.h"
#include "observe/event.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_FILE_MAX = 65536 };

/* --- text ------------------------------------------------------------------ */

static bool one_line(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return false;
	return true;
}

static bool text_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	if (!one_line(text)) {
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

static void text_put(struct buf *out, const void *value)
{
	const struct str *s = value;

	buf_fmt(out, "%.*s", STR_ARG(*s));
}

static void secret_put(struct buf *out, const void *value)
{
	const struct str *s = value;

	buf_put(out, s->n != 0 ? STR("(set)") : STR(""));
}

/* Several lines only where it is no path. */
static bool pem_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	if (!str_starts(text, VALUE_PEM))
		return text_parse(a, text, out, detail);
	for (size_t i = 0; i < text.n; i++)
		if (!strchr("\r\n\t", text.p[i]) && !one_line(str_sub(text, i, i + 1))) {
			fail(detail, ERR_SYNTAX, "it has control characters");
			return false;
		}
	*(struct str *)out = str_dup(a, text);
	return text.n <= VALUE_FILE_MAX;
}

const struct value_kind value_kind_TEXT = { "one line of text", false, text_parse, text_put };
const struct value_kind value_kind_FOLDER = { "a path", false, folder_parse, text_put };
const struct value_kind value_kind_PATH = { "a path", false, text_parse, text_put };
const struct value_kind value_kind_PEM = { "a path, or certificates as PEM text", false, pem_parse,
	                                   text_put };
const struct value_kind value_kind_SECRET = { "one line of text", true, text_parse, secret_put };

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
	if (text.n != 0 && !value_is_host(text))
		return false;
	*(struct str *)out = str_lower(a, text);
	return true;
}

const struct value_kind value_kind_HOST = { "a host name like mail.example.org", false, host_parse,
	                                    text_put };

/* --- mark: a sign that may stand in a user's name, and no letter or digit (RFC 5322 3.2.3) - */

static bool mark_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	(void)detail;
	if (text.n > 1 || (text.n == 1 && str_find(STR("!#$%&'*+-./=?^_`{|}~"), text) < 0))
		return false;
	*(struct str *)out = str_dup(a, text);
	return true;
}

const struct value_kind value_kind_MARK = { "one sign like + or -, or nothing", false, mark_parse,
	                                    text_put };

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

const struct value_kind value_kind_LEVEL = { "debug, info, warn or error", false, level_parse,
	                                     text_put };

/* --- listen: a comma list of address:port -------------------------------------- */

static bool listen_one(struct str one)
{
	ptrdiff_t colon = str_rfind_byte(one, ':');
	struct cur port = cur_of(str_sub(one, (size_t)(colon + 1), one.n));
	uint32_t n;

	return colon >= 0 && cur_u32(&port, &n) && cur_done(&port) && n <= 65535;
}

/* Only the form is checked here; net/ resolves the addresses and says what it cannot
 * use. */
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

const struct value_kind value_kind_LISTEN = {
	"a comma list of address:port like 127.0.0.1:25,[::1]:25", false, listen_parse, text_put
};

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

static bool count_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	static const struct unit none[] = { { STR(""), 1 } };

	(void)a, (void)detail;
	return number_parse(text, none, COUNT(none), out);
}

enum { SOME_MAX = 1000000 };

static bool few_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *n = out;

	return count_parse(a, text, out, detail) && *n <= SOME_MAX;
}

static bool some_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *n = out;

	return few_parse(a, text, out, detail) && *n >= 1;
}

static bool port_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *port = out;

	return count_parse(a, text, out, detail) && *port >= 1 && *port <= 65535;
}

/* Of a message: what RFC 5321 4.5.3.1.7 asks every server for, and what fits into an
 * offset of message/ with headers to spare. */
enum { SIZE_LEAST = 64 << 10, SIZE_MOST = 1 << 30 };

static bool size_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	static const struct unit units[] = {
		{ STR(""), 1 },
		{ STR("K"), 1024 },
		{ STR("M"), 1 << 20 },
		{ STR("G"), 1 << 30 },
	};
	uint64_t *size = out;

	(void)a, (void)detail;
	return number_parse(text, units, COUNT(units), out) && *size >= SIZE_LEAST &&
	       *size <= SIZE_MOST;
}

enum { SECONDS_MAX = 3650 * 86400 }; /* so that milliseconds added to a date fit */

static bool seconds_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	static const struct unit units[] = {
		{ STR(""), 1 },     { STR("s"), 1 },     { STR("m"), 60 },
		{ STR("h"), 3600 }, { STR("d"), 86400 },
	};

	uint64_t *seconds = out;

	(void)a, (void)detail;
	return number_parse(text, units, COUNT(units), out) && *seconds <= SECONDS_MAX;
}

static bool wait_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	uint64_t *seconds = out;

	return seconds_parse(a, text, out, detail) && *seconds >= 1;
}

static void number_put(struct buf *out, const void *value)
{
	buf_u64(out, *(const uint64_t *)value);
}

static void seconds_put(struct buf *out, const void *value)
{
	number_put(out, value);
	buf_byte(out, 's');
}

const struct value_kind value_kind_COUNT = { "a number of 0 to 1000000", false, few_parse,
	                                     number_put };
const struct value_kind value_kind_SOME = { "a number of 1 to 1000000", false, some_parse,
	                                    number_put };
const struct value_kind value_kind_PORT = { "a port of 1 to 65535", false, port_parse,
	                                    number_put };
const struct value_kind value_kind_SIZE = { "bytes like 1048576, 512K or 50M, from 64K to 1G",
	                                    false, size_parse, number_put };
const struct value_kind value_kind_SECONDS = { "a time like 90, 30s, 5m, 4h or 5d, at most 3650d",
	                                       false, seconds_parse, seconds_put };
const struct value_kind value_kind_WAIT = { "a time like 90, 30s, 5m, 4h or 5d, from 1s to 3650d",
	                                    false, wait_parse, seconds_put };

/* --- bool ------------------------------------------------------------------------ */

static bool bool_parse(struct arena *a, struct str text, void *out, struct why *detail)
{
	static const char *const yes[] = { "on", "yes", "true", "1" };
	static const char *const no[] = { "off", "no", "false", "0" };

	(void)a, (void)detail;
	for (size_t i = 0; i < COUNT(yes); i++) {
		if (str_eqi(text, str_of(yes[i])) || str_eqi(text, str_of(no[i]))) {
			*(bool *)out = str_eqi(text, str_of(yes[i]));
			return true;
		}
	}
	return false;
}

static void bool_put(struct buf *out, const void *value)
{
	buf_put(out, *(const bool *)value ? STR("on") : STR("off"));
}

const struct value_kind value_kind_BOOL = { "on or off", false, bool_parse, bool_put };

/* --- _FILE ------------------------------------------------------------------------ */

static enum err read_all(int fd, struct buf *b)
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
	e = read_all(fd, &b);
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
