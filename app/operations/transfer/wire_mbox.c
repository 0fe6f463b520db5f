/* operations/transfer/wire_mbox.c: see wire_mbox.h. */
#include "operations/transfer/wire_mbox.h"

#include "foundation/text/date.h"

enum { FROM_MAX = 1024, FROM_WORDS = 8 };

#define FROM STR("From ")

/* "From sender Thu Sep 26 16:42:01 2002": some senders contain blanks. */
static bool from_line(struct str line, int64_t *ms)
{
	struct date date;

	if (!str_starts(line, FROM) || line.n > FROM_MAX)
		return false;
	line = str_sub(line, FROM.n, line.n);
	for (int i = 0; i < FROM_WORDS; i++) {
		ptrdiff_t at = str_find_byte(line, ' ');

		if (at < 0)
			return false;
		line = str_trim(str_sub(line, (size_t)at, line.n));
		if (str_find_byte(line, ':') > 0 && date_parse_mail(line, &date)) {
			*ms = date.time_ms;
			return true;
		}
	}
	return false;
}

bool mbox_check(struct str text)
{
	struct cur c = cur_of(text);
	struct str line;
	int64_t ms;

	return cur_line(&c, &line) && from_line(line, &ms);
}

/* --- the header --------------------------------------------------------------------------- */

static void flag_add(struct mbox_message *m, struct str name)
{
	if (m->flag_count < MBOX_FLAGS && name.n != 0)
		m->flags[m->flag_count++] = name;
}

static void letters_read(struct mbox_message *m, struct str value)
{
	static const struct {
		char letter;
		struct str flag;
	} rows[] = { { 'R', { "\\Seen", 5 } },
		     { 'A', { "\\Answered", 9 } },
		     { 'F', { "\\Flagged", 8 } },
		     { 'T', { "\\Draft", 6 } },
		     { 'D', { "\\Deleted", 8 } } };

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_find_byte(value, rows[i].letter) >= 0)
			flag_add(m, rows[i].flag);
}

static void words_read(struct mbox_message *m, struct str value)
{
	while ((value = str_trim(value)).n != 0) {
		ptrdiff_t at = str_find_byte(value, ' ');
		size_t n = at < 0 ? value.n : (size_t)at;

		flag_add(m, str_sub(value, 0, n));
		value = str_sub(value, n, value.n);
	}
}

/* Fields that mail clients add in an mbox file. */
static bool own_field(struct str line, const struct mbox_message *m)
{
	static const char *const names[] = { "Status:", "X-Status:", "X-Keywords:",
		                             "X-UID:",  "X-IMAP:",   "X-IMAPbase:" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_startsi(line, str_of(names[i])))
			return true;
	return !m->quoted && str_startsi(line, STR("Content-Length:"));
}

static struct str mbox_value_of(struct str line, struct str name)
{
	return str_trim(str_sub(line, name.n, line.n));
}

static void header_read(struct mbox_message *m, bool *sized, uint64_t *size)
{
	struct cur c = cur_of(m->header);
	bool imap = false, note = false;
	struct str line;

	while (cur_line(&c, &line)) {
		if (str_startsi(line, STR("Status:")))
			letters_read(m, mbox_value_of(line, STR("Status:")));
		else if (str_startsi(line, STR("X-Status:")))
			letters_read(m, mbox_value_of(line, STR("X-Status:")));
		else if (str_startsi(line, STR("X-Keywords:")))
			words_read(m, mbox_value_of(line, STR("X-Keywords:")));
		else if (str_startsi(line, STR("Content-Length:"))) {
			struct cur n = cur_of(mbox_value_of(line, STR("Content-Length:")));

			*sized = cur_u64(&n, size) && cur_done(&n);
		}
		imap = imap || str_startsi(line, STR("X-IMAP:"));
		note = note || str_startsi(line, STR("Subject: DON'T DELETE THIS MESSAGE"));
	}
	m->folder = imap && note;
}

/* --- the end of a message ----------------------------------------------------------------- */

/* Is this the end of the file, or a From line after empty lines? */
static bool may_end(struct cur c)
{
	struct str line;
	int64_t ms;

	while (cur_line(&c, &line))
		if (line.n != 0)
			return from_line(line, &ms);
	return true;
}

static bool by_length(struct cur *c, uint64_t size, struct str *body)
{
	struct cur there = *c;

	if (size > cur_left(c) || !cur_take(&there, (size_t)size, body) || !may_end(there))
		return false;
	/* A message does not end within a line. */
	if (!cur_done(&there) && cur_peek(&there) != '\n' && cur_peek(&there) != '\r' &&
	    !str_ends(*body, STR("\n")))
		return false;
	*c = there;
	return true;
}

/* Up to the next From line, without the empty line before it, which belongs to the
 * file. */
static struct str by_lines(struct cur *c)
{
	const char *begin = c->p, *empty = begin; /* the preceding line if it is empty */
	struct str line;

	while (!cur_done(c)) {
		struct cur before = *c;
		int64_t ms;

		if (!cur_line(c, &line))
			break;
		if (empty != NULL && from_line(line, &ms)) {
			*c = before;
			return str_from(begin, (size_t)(empty - begin));
		}
		empty = line.n == 0 ? before.p : NULL;
	}
	return str_from(begin, (size_t)((empty != NULL ? empty : c->p) - begin));
}

bool mbox_next(struct cur *c, struct mbox_message *out)
{
	const char *begin;
	uint64_t size = 0;
	bool sized = false;
	struct str line;

	*out = (struct mbox_message){ .quoted = true };
	do {
		if (!cur_line(c, &line))
			return false;
	} while (!from_line(line, &out->date_ms));
	begin = c->p;
	while (cur_line(c, &line) && line.n != 0)
		;
	out->header = str_from(begin, (size_t)(c->p - begin));
	header_read(out, &sized, &size);
	if (sized && by_length(c, size, &out->body))
		out->quoted = false;
	else
		out->body = by_lines(c);
	return true;
}

/* --- writing ------------------------------------------------------------------------------ */

/* "From ", ">From ", ">>From " and so on. */
static bool quoted_from(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	return str_starts(str_sub(line, n, line.n), FROM);
}

void mbox_put_mail(struct buf *out, const struct mbox_message *m)
{
	struct cur c = cur_of(m->header);
	bool ours = false;
	struct str line;

	while (cur_line(&c, &line)) {
		bool folded = line.n != 0 && (line.p[0] == ' ' || line.p[0] == '\t');

		ours = folded ? ours : own_field(line, m);
		if (!ours) {
			buf_put(out, line);
			buf_put(out, STR("\r\n"));
		}
	}
	for (c = cur_of(m->body); cur_line(&c, &line);) {
		if (m->quoted && line.n != 0 && line.p[0] == '>' && quoted_from(line))
			line = str_sub(line, 1, line.n);
		buf_put(out, line);
		buf_put(out, STR("\r\n"));
	}
}

/* A letter for each flag that has one in this field. */
static void letters_put(struct buf *out, const char *field, const char *letters,
                        const struct str *flags, size_t n)
{
	static const char *const names = "RAFTD";
	static const char *const of[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Draft",
		                          "\\Deleted" };
	bool any = false;

	for (size_t l = 0; l < COUNT(of); l++)
		for (size_t i = 0; i < n; i++) {
			if (!str_eqi(flags[i], str_of(of[l])) ||
			    str_find_byte(str_of(letters), names[l]) < 0)
				continue;
			buf_fmt(out, "%s%c", any ? "" : field, names[l]);
			any = true;
		}
	if (any)
		buf_byte(out, '\n');
}

static void fields_put(struct buf *out, const struct str *flags, size_t n)
{
	bool any = false;

	letters_put(out, "Status: ", "R", flags, n);
	letters_put(out, "X-Status: ", "AFTD", flags, n);
	for (size_t i = 0; i < n; i++) {
		if (str_starts(flags[i], STR("\\")))
			continue;
		buf_fmt(out, "%s%.*s", any ? " " : "X-Keywords: ", STR_ARG(flags[i]));
		any = true;
	}
	if (any)
		buf_byte(out, '\n');
}

void mbox_put_file(struct buf *out, struct str mail, int64_t date_ms, const struct str *flags,
                   size_t flag_count)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct date_civil d = date_civil_of(date_ms);
	struct cur c = cur_of(mail);
	struct str line;

	buf_fmt(out, "From MAILER-DAEMON %s %s %2d %02d:%02d:%02d %d\n", days[d.weekday],
	        months[d.month - 1], d.day, d.hour, d.minute, d.second, d.year);
	fields_put(out, flags, flag_count);
	while (cur_line(&c, &line)) {
		if (quoted_from(line))
			buf_byte(out, '>');
		buf_put(out, line);
		buf_byte(out, '\n');
	}
	buf_byte(out, '\n');
}
