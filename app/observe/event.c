/* observe/event.c: see event.h. */
#include "observe/event.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/cur.h"
#include "observe/stamp.h"

#include <stdatomic.h>
#include <unistd.h>

enum { EVENT_LINE_MAX = 4096, EVENT_VALUE_MAX = 512 };

static const struct {
	const char *name;
	enum event_level level;
	const char *fields; /* names separated by one space */
} rows[] = {
#define EVENT(name, level, fields, action) { #name, EVENT_##level, fields },
#include "observe/events.def"
#undef EVENT
};

static const char *const level_names[] = { "debug", "info", "warn", "error" };

static _Atomic int level_min = EVENT_INFO;
static _Atomic int line_fd = STDERR_FILENO;

void event_level_set(enum event_level level)
{
	atomic_store(&level_min, (int)level);
}

bool event_level_parse(struct str name, enum event_level *out)
{
	for (size_t i = 0; i < COUNT(level_names); i++) {
		if (str_eq(name, str_of(level_names[i]))) {
			*out = (enum event_level)i;
			return true;
		}
	}
	return false;
}

void event_fd_set(int fd)
{
	atomic_store(&line_fd, fd);
}

static bool plain_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

static bool plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!plain_byte((unsigned char)s.p[i]))
			return false;
	return s.n != 0;
}

/* A value that is not one plain word is quoted; bytes outside printable ASCII become
 * \xNN, so that a peer can neither end the line nor steer a terminal. */
static void put_text(struct buf *line, struct str s)
{
	s = str_sub(s, 0, EVENT_VALUE_MAX);
	if (plain(s)) {
		buf_put(line, s);
		return;
	}
	buf_byte(line, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == ' ' || c == '=' || plain_byte(c))
			buf_byte(line, (char)c);
		else
			buf_fmt(line, "\\x%02x", c);
	}
	buf_byte(line, '"');
}

static void put_values(struct buf *line, const char *names, const struct event_value *values,
                       size_t n)
{
	struct cur c = cur_of(str_of(names));

	for (size_t i = 0; i < n; i++) {
		struct str name;
		bool named = cur_until(&c, ' ', &name);

		if (!named) {
			name = cur_rest(&c);
			cur_skip(&c, name.n);
		}
		assert(name.n != 0); /* more values than field names */
		cur_byte(&c, ' ');
		buf_byte(line, ' ');
		buf_put(line, name);
		buf_byte(line, '=');
		if (values[i].is_number)
			buf_fmt(line, "%" PRId64, values[i].number);
		else
			put_text(line, values[i].text);
	}
	assert(cur_done(&c)); /* fewer values than field names */
}

void event_emit(enum event_name name, struct str id, const struct event_value *values, size_t n)
{
	char stamp[STAMP_SIZE];
	struct buf line;
	int fd = atomic_load_explicit(&line_fd, memory_order_relaxed);

	if ((int)rows[name].level < atomic_load_explicit(&level_min, memory_order_relaxed) ||
	    fd < 0)
		return;
	buf_init(&line, EVENT_LINE_MAX);
	stamp_utc(clock_real_ms(), stamp);
	buf_fmt(&line, "%s %s %s", stamp, level_names[rows[name].level], rows[name].name);
	if (id.n != 0) {
		buf_put(&line, STR(" id="));
		put_text(&line, id);
	}
	put_values(&line, rows[name].fields, values, n);
	if (buf_ok(&line))
		buf_byte(&line, '\n');
	else if (line.n != 0)
		line.p[line.n - 1] = '\n';
	/* A log that cannot be written must not stop the mail. */
	if (write(fd, line.p, line.n) < 0)
		(void)0;
	buf_deinit(&line);
}
