/* foundation/observe/event.c: see event.h. */
#include "foundation/observe/event.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/observe/recent.h"
#include "foundation/observe/stamp.h"

#include <stdatomic.h>
#include <unistd.h>

enum { EVENT_LINE_MAX = 4096, EVENT_VALUE_MAX = 512 };

static const struct {
	const char *name;
	enum event_level level;
	const char *fields; /* names separated by one space */
} rows[] = {
#define EVENT(name, level, fields, action) { #name, EVENT_##level, fields },
#include "foundation/observe/events.def"
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

const char *event_level_name(enum event_level level)
{
	return level_names[level];
}

void event_fd_set(int fd)
{
	atomic_store(&line_fd, fd);
}

static bool plain_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

static bool event_is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!plain_byte((unsigned char)s.p[i]))
			return false;
	return s.n != 0;
}

/* A value that is not one plain word is quoted; bytes outside printable ASCII become
 * \xNN, so that a peer can neither end the line nor steer a terminal. */
static void event_put_text(struct buf *line, struct str s)
{
	s = str_sub(s, 0, EVENT_VALUE_MAX);
	if (event_is_plain(s)) {
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

static void put_value(struct buf *line, const struct event_value *v)
{
	if (v->is_number)
		buf_fmt(line, "%" PRId64, v->number);
	else
		event_put_text(line, v->text);
}

/* Combine names and values: names is the list of fields in events.def. */
static void fields_join(struct recent_event *e, const char *names, const struct event_value *values,
                        size_t n)
{
	struct cur c = cur_of(str_of(names));

	assert(n <= RECENT_FIELDS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct recent_field *f = &e->fields[i];

		if (!cur_until(&c, ' ', &f->name)) {
			f->name = cur_rest(&c);
			cur_skip(&c, f->name.n);
		}
		assert(f->name.n != 0); /* more values than field names */
		cur_byte(&c, ' ');
		f->value = values[i];
		f->value.text = str_sub(f->value.text, 0, EVENT_VALUE_MAX);
	}
	assert(cur_done(&c)); /* fewer values than field names */
	e->field_count = n;
}

static void line_write(int fd, const struct recent_event *e)
{
	char stamp[STAMP_SIZE];
	struct buf line;

	buf_init(&line, EVENT_LINE_MAX);
	stamp_utc(e->time_ms, stamp);
	buf_fmt(&line, "%s %s %s", stamp, level_names[e->level], e->name);
	if (e->id.n != 0) {
		buf_put(&line, STR(" id="));
		event_put_text(&line, e->id);
	}
	for (size_t i = 0; i < e->field_count; i++) {
		buf_byte(&line, ' ');
		buf_put(&line, e->fields[i].name);
		buf_byte(&line, '=');
		put_value(&line, &e->fields[i].value);
	}
	if (buf_ok(&line))
		buf_byte(&line, '\n');
	else if (line.n != 0)
		line.p[line.n - 1] = '\n';
	/* A log that cannot be written must not stop the server. */
	if (write(fd, line.p, line.n) < 0)
		(void)0;
	buf_deinit(&line);
}

void event_emit(enum event_name name, struct str id, const struct event_value *values, size_t n)
{
	int fd = atomic_load_explicit(&line_fd, memory_order_relaxed);
	enum event_level level = rows[name].level;
	bool logged =
		(int)level >= atomic_load_explicit(&level_min, memory_order_relaxed) && fd >= 0;
	struct recent_event e;

	if (!logged && level < EVENT_INFO)
		return;
	e.time_ms = clock_real_ms();
	e.level = level;
	e.name = rows[name].name;
	e.id = id;
	fields_join(&e, rows[name].fields, values, n);
	if (level >= EVENT_INFO)
		recent_put(&e);
	if (logged)
		line_write(fd, &e);
}
