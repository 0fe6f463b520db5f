/* formats/message/fold.c: see fold.h. */
#include "formats/message/fold.h"

#include "formats/message/lines.h"
#include "foundation/base/buf.h"

/* The context at the present position of a field. */
struct within {
	bool escaped; /* after a backslash */
	bool quoted;
	bool angle;
	unsigned comments; /* nested */
};

struct folding {
	struct buf *out;
	bool list; /* white space may be added after commas and semicolons */
	struct within within;
};

static bool fold_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 5322 3.4, 3.6.3, 3.6.6; RFC 2045 5.1, RFC 2183 2; RFC 2369 2 */
static bool is_list(struct str name)
{
	static const char *const names[] = {
		"To",
		"Cc",
		"Bcc",
		"From",
		"Reply-To",
		"Resent-To",
		"Resent-Cc",
		"Resent-Bcc",
		"Resent-From",
		"Content-Type",
		"Content-Disposition",
		"List-Help",
		"List-Unsubscribe",
		"List-Subscribe",
		"List-Post",
		"List-Owner",
		"List-Archive",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eqi(name, str_of(names[i])))
			return true;
	return false;
}

/* --- positions of folds -------------------------------------------------------------------- */

/* The possible positions in a line. Not in the blanks at its start and end: a line of blanks would
 * result (RFC 5322 3.2.2). */
struct room {
	struct str line;
	size_t least, most;
};

/* Before a blank that ends a word, unless a backslash quotes it (RFC 5322 3.2.1). 0: none. */
static size_t blank_find(const struct room *r)
{
	const char *p = r->line.p;
	size_t any = 0, best = 0;

	for (size_t i = r->least; i <= r->most; i++) {
		if (!fold_is_blank(p[i]) || fold_is_blank(p[i - 1]) || p[i - 1] == '\\')
			continue;
		any = i;
		if (p[i - 1] == ',' || p[i - 1] == ';')
			best = i;
	}
	return best != 0 ? best : any;
}

static void fold_step(struct within *w, char c)
{
	bool escaped = w->escaped;

	w->escaped = !escaped && c == '\\' && (w->quoted || w->comments != 0);
	if (escaped)
		return;
	if (w->quoted)
		w->quoted = c != '"';
	else if (c == '(')
		w->comments++;
	else if (c == ')' && w->comments != 0)
		w->comments--;
	else if (w->comments == 0 && c == '"')
		w->quoted = true;
	else if (w->comments == 0 && (c == '<' || c == '>'))
		w->angle = c == '<';
}

static bool is_outside(const struct within *w)
{
	return !w->quoted && !w->angle && w->comments == 0;
}

/* After a comma or semicolon between the items of a list. */
static size_t comma_find(const struct folding *f, const struct room *r)
{
	struct within w = f->within;
	size_t best = 0;

	for (size_t i = 0; f->list && i < r->most; i++) {
		char c = r->line.p[i];

		fold_step(&w, c);
		if (i >= r->least && is_outside(&w) && (c == ',' || c == ';'))
			best = i + 1;
	}
	return best;
}

/* --- writing ------------------------------------------------------------------------------- */

static void fold_write(struct folding *f, struct str bytes)
{
	buf_put(f->out, bytes);
	for (size_t i = 0; f->list && i < bytes.n; i++)
		fold_step(&f->within, bytes.p[i]);
}

/* Length of the line without trailing blanks. */
static size_t words_end(struct str line)
{
	size_t end = line.n;

	while (end != 0 && fold_is_blank(line.p[end - 1]))
		end--;
	return end;
}

static struct room room_of(struct str line, size_t least, size_t most)
{
	size_t begin = 0;

	while (begin < line.n && fold_is_blank(line.p[begin]))
		begin++;
	return (struct room){ line, MAX(least, begin + 1), most };
}

/* A line without its end. least: the first position after the name and colon. */
static bool line_put(struct folding *f, struct str line, size_t least)
{
	size_t most = LINES_MAX_BYTES, end = words_end(line);

	while (line.n > most) {
		struct room room = room_of(line, least, MIN(most, end != 0 ? end - 1 : 0));
		size_t blank = blank_find(&room);
		/* Directly after the colon only without another position. */
		size_t comma = blank > least ? 0 : comma_find(f, &room);
		size_t at = comma != 0 ? comma : blank;

		if (at == 0)
			return false;
		fold_write(f, str_sub(line, 0, at));
		buf_put(f->out, comma == 0 ? STR("\r\n") : STR("\r\n "));
		most = LINES_MAX_BYTES - (comma != 0);
		line = str_sub(line, at, line.n);
		end -= at;
		least = 1;
	}
	fold_write(f, line);
	return true;
}

bool fold_field_put(struct buf *out, const struct header_field *field)
{
	struct folding f = { .out = out, .list = is_list(field->name) };
	struct cur c = cur_of(field->raw);
	size_t least = 1 + (size_t)str_find_byte(field->raw, ':');
	struct str line, rest = field->raw;

	if (field->name.n == 0) /* not a field */
		return false;
	while (cur_line(&c, &line)) {
		size_t taken = rest.n - cur_left(&c);

		if (!line_put(&f, line, least))
			return false;
		buf_put(out, str_sub(rest, line.n, taken)); /* its own end */
		rest = cur_rest(&c);
		least = 1;
	}
	return true;
}
