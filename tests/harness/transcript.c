/* tests/harness/transcript.c: see transcript.h. */
#include "harness/transcript.h"

#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILES_MAX = 200, VARS_MAX = 64, TEXT_MAX = 16 << 20, REPEATS_SHOWN = 3 };

struct var {
	struct str name, value;
};

struct run {
	const struct transcript_host *host;
	void *server;
	struct arena arena;
	const char *path;
	size_t piece; /* bytes the client sends at a time */
	struct var vars[VARS_MAX];
	size_t var_n;
	size_t seen[TRANSCRIPT_SESSIONS]; /* of what was said */
	struct buf printed;               /* by the last directive */
	size_t printed_seen;
	struct buf accepted; /* the file as it should be */
	bool differs;
	size_t cut;   /* the connection is lost in this line of a client; 0: in none */
	size_t turn;  /* where in it */
	size_t lines; /* that clients have sent, the cut one being the last */
};

/* --- lines with variables ------------------------------------------------------------- */

/* Keywords like $Junk are no variables: those begin with a small letter. */
static bool is_var_start(int c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_var_char(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_';
}

static bool is_before_bracket(unsigned char c)
{
	return c != ']';
}

static bool var_match(struct run *r, struct cur *want, struct cur *line)
{
	struct str name = cur_while(want, is_var_char);
	bool words = cur_byte(want, '*');
	size_t i = 0;

	while (i < r->var_n && !str_eq(r->vars[i].name, name))
		i++;
	if (i < r->var_n)
		return cur_str(line, r->vars[i].value);
	assert_true(r->var_n < VARS_MAX);
	r->vars[r->var_n++] = (struct var){
		name,
		str_dup(&r->arena, cur_while(line, words ? is_before_bracket : is_var_char)),
	};
	return true;
}

/* Does line match want, binding variables? */
static bool line_match(struct run *r, struct str want, struct str line)
{
	struct cur w = cur_of(want), l = cur_of(line);
	size_t bound = r->var_n;
	bool same = true;
	char a, b;

	while (same && cur_any(&w, &a)) {
		if (a == '$' && is_var_start(cur_peek(&w)))
			same = var_match(r, &w, &l);
		else
			same = cur_any(&l, &b) && a == b;
	}
	if (same && cur_done(&l))
		return true;
	r->var_n = bound;
	return false;
}

static bool is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

static void number_put(struct run *r, struct buf *out, struct str digits)
{
	size_t i = 0;

	while (i < r->var_n && !str_eq(r->vars[i].value, digits))
		i++;
	if (i == r->var_n) {
		assert_true(i < VARS_MAX);
		r->vars[r->var_n++] = (struct var){ str_fmt(&r->arena, "number%zu", i + 1),
			                            str_dup(&r->arena, digits) };
	}
	buf_byte(out, '$');
	buf_put(out, r->vars[i].name);
}

/* What the server said, with a variable for every long number: those are other ones in the
 * next run. */
static struct str generalised(struct run *r, struct str line)
{
	struct cur c = cur_of(line);
	struct buf out;
	char byte;

	buf_init(&out, TEXT_MAX);
	while (!cur_done(&c)) {
		struct str digits = cur_while(&c, is_digit);

		if (digits.n >= 10)
			number_put(r, &out, digits);
		else
			buf_put(&out, digits);
		if (cur_any(&c, &byte))
			buf_byte(&out, byte);
	}
	line = str_dup(&r->arena, buf_str(&out));
	buf_deinit(&out);
	return line;
}

/* --- what was said against what is in the file ---------------------------------------- */

static void line_put(struct run *r, const char *what, struct str text)
{
	buf_put(&r->accepted, str_of(what));
	if (text.n != 0)
		buf_byte(&r->accepted, ' ');
	buf_put(&r->accepted, text);
	buf_byte(&r->accepted, '\n');
}

static void said_put(struct run *r, size_t i, size_t count, struct str text)
{
	char what[40];
	int n = snprintf(what, sizeof what, i == 1 ? "S" : "S%zu", i);

	if (count > 1)
		n += snprintf(what + n, sizeof what - (size_t)n, "*%zu", count);
	snprintf(what + n, sizeof what - (size_t)n, ":");
	line_put(r, what, text);
}

static void differ(struct run *r, size_t i, struct str want, struct str got)
{
	if (!r->differs)
		print_error("%s (pieces of %zu)\n  session %zu\n  want \"%.*s\"\n  got  \"%.*s\"\n",
		            r->path, r->piece, i, STR_ARG(want), STR_ARG(got));
	r->differs = true;
}

/* The next line of text after *seen, which moves past it only with take. */
static bool next_line(struct str text, size_t *seen, bool take, struct str *line)
{
	struct str rest = str_sub(text, *seen, text.n);
	ptrdiff_t lf = str_find_byte(rest, '\n');
	size_t n = lf < 0 ? rest.n : (size_t)lf;

	if (rest.n == 0)
		return false;
	*line = str_sub(rest, 0, n != 0 && rest.p[n - 1] == '\r' ? n - 1 : n);
	if (take)
		*seen += MIN(n + 1, rest.n);
	return true;
}

static bool said_next(struct run *r, size_t i, bool take, struct str *line)
{
	struct str all;
	bool closed;

	if (!r->host->said(r->server, i, &all, &closed)) {
		r->seen[i] = 0;
		return false;
	}
	return next_line(all, &r->seen[i], take, line);
}

/* Whatever was said that the file did not ask for. */
static void no_more_said(struct run *r, size_t i)
{
	struct str line, next;

	while (said_next(r, i, true, &line)) {
		size_t count = 1;

		differ(r, i, STR("nothing more"), line);
		while (said_next(r, i, false, &next) && str_eq(line, next)) {
			said_next(r, i, true, &next);
			count++;
		}
		line = generalised(r, line);
		while (count != 0) {
			size_t now = count > REPEATS_SHOWN ? count : 1;

			said_put(r, i, now, line);
			count -= now;
		}
	}
}

static void no_more(struct run *r)
{
	struct str line;

	while (next_line(buf_str(&r->printed), &r->printed_seen, true, &line)) {
		differ(r, 0, STR("nothing more printed"), line);
		line_put(r, "=", generalised(r, line));
	}
	for (size_t i = 0; i < TRANSCRIPT_SESSIONS; i++)
		no_more_said(r, i);
}

static void expect_closed(struct run *r, size_t i)
{
	struct str all;
	bool closed = false;

	no_more_said(r, i);
	if (!r->host->said(r->server, i, &all, &closed) || !closed) {
		differ(r, i, STR("-"), STR("still open"));
		return;
	}
	said_put(r, i, 1, STR("-"));
}

/* Whatever it said up to here is fine. */
static void expect_anything(struct run *r, size_t i)
{
	struct str all = STR_EMPTY;
	bool closed;

	if (r->host->said(r->server, i, &all, &closed))
		r->seen[i] = all.n;
	said_put(r, i, 1, STR("..."));
}

static void expect_said(struct run *r, size_t i, size_t count, struct str want)
{
	struct str line;

	for (size_t n = 0; n < count; n++) {
		if (!said_next(r, i, true, &line)) {
			differ(r, i, want, STR("nothing"));
			return;
		}
		if (line_match(r, want, line))
			continue;
		differ(r, i, want, line);
		said_put(r, i, 1, generalised(r, line));
		return;
	}
	said_put(r, i, count, want);
}

static void expect_printed(struct run *r, struct str want)
{
	struct str line = STR("nothing");

	if (!next_line(buf_str(&r->printed), &r->printed_seen, true, &line)) {
		differ(r, 0, want, line);
	} else if (line_match(r, want, line)) {
		line_put(r, "=", want);
	} else {
		differ(r, 0, want, line);
		line_put(r, "=", generalised(r, line));
	}
}

/* --- lines of a file -------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (ascii_digit(c))
		return c - '0';
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f' ? ascii_lower(c) - 'a' + 10 : -1;
}

/* \r, \n, \\ and \xNN to the bytes they stand for. */
static struct str unescaped(struct run *r, struct str text)
{
	char *out = arena_alloc(&r->arena, text.n);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 1 < text.n) {
			c = text.p[++i];
			if (c == 'x' && i + 2 < text.n) {
				c = (char)(hex_digit(text.p[i + 1]) << 4 |
				           hex_digit(text.p[i + 2]));
				i += 2;
			} else {
				c = c == 'r' ? '\r' : c == 'n' ? '\n' : c;
			}
		}
		out[n++] = c;
	}
	return str_from(out, n);
}

static struct str word(struct cur *c)
{
	struct str w = STR_EMPTY;

	cur_blank(c);
	if (!cur_until(c, ' ', &w)) {
		w = cur_rest(c);
		cur_skip(c, w.n);
	}
	return w;
}

static void send_repeated(struct run *r, size_t i, struct cur *c)
{
	uint32_t count = 1;
	struct buf all;
	struct str bytes;

	cur_blank(c);
	if (!cur_u32(c, &count))
		fail_msg("%s: send SESSION COUNT BYTES", r->path);
	cur_blank(c);
	bytes = unescaped(r, cur_rest(c));
	buf_init(&all, TEXT_MAX);
	for (uint32_t n = 0; n < count; n++)
		buf_put(&all, bytes);
	r->host->send(r->server, i, buf_str(&all), r->piece);
	buf_deinit(&all);
}

static void directive(struct run *r, struct str text)
{
	struct cur c = cur_of(text);
	struct str verb = word(&c);
	uint32_t i = 1;

	no_more(r);
	buf_reset(&r->printed);
	r->printed_seen = 0;
	buf_byte(&r->accepted, '!');
	line_put(r, "", str_trim(text));
	cur_blank(&c);
	if (cur_u32(&c, &i))
		cur_blank(&c);
	assert_true(i < TRANSCRIPT_SESSIONS);
	if (str_eq(verb, STR("send")))
		send_repeated(r, i, &c);
	else if (!r->host->directive(r->server, verb, i, cur_rest(&c), &r->printed))
		fail_msg("%s: unknown \"%.*s\"", r->path, STR_ARG(text));
}

/* A line that is sent, with the values of variables that are bound. */
static struct str with_values(struct run *r, struct str line)
{
	struct cur c = cur_of(line);
	struct buf out;
	struct str made;
	char byte;

	buf_init(&out, TEXT_MAX);
	while (cur_any(&c, &byte)) {
		struct cur at = c;
		struct str name = cur_while(&at, is_var_char);
		size_t i = 0;

		while (i < r->var_n && !str_eq(r->vars[i].name, name))
			i++;
		if (byte != '$' || i == r->var_n) {
			buf_byte(&out, byte);
			continue;
		}
		buf_put(&out, r->vars[i].value);
		c = at;
	}
	made = str_dup(&r->arena, buf_str(&out));
	buf_deinit(&out);
	return made;
}

/* In turn: half of the line, all but the last byte, all of it, a byte of it. */
static size_t cut_at(size_t turn, size_t n)
{
	const size_t places[] = { n / 2, n - 1, n, 1 };

	return places[turn % COUNT(places)];
}

static void send_line(struct run *r, struct str line, uint32_t i, char what, struct str text)
{
	no_more(r);
	buf_put(&r->accepted, line);
	buf_byte(&r->accepted, '\n');
	text = what == 'B' ? unescaped(r, text)
	                   : str_fmt(&r->arena, "%.*s\r\n", STR_ARG(with_values(r, text)));
	if (++r->lines == r->cut)
		r->host->lose(r->server, i, str_sub(text, 0, cut_at(r->turn, text.n)));
	else
		r->host->send(r->server, i, text, r->piece);
}

/* "C2: text", "S*3: text" */
static void talk(struct run *r, struct str line, char what, struct cur *c)
{
	uint32_t i = 1, count = 1;

	cur_u32(c, &i);
	if (cur_byte(c, '*') && !cur_u32(c, &count))
		count = 0;
	if (!cur_byte(c, ':') || i >= TRANSCRIPT_SESSIONS || count == 0)
		fail_msg("%s: \"%.*s\"?", r->path, STR_ARG(line));
	cur_byte(c, ' ');
	if (what == 'C' || what == 'B')
		send_line(r, line, i, what, cur_rest(c));
	else if (str_eq(cur_rest(c), STR("-")))
		expect_closed(r, i);
	else if (str_eq(cur_rest(c), STR("...")))
		expect_anything(r, i);
	else
		expect_said(r, i, count, cur_rest(c));
}

static void run_lines(struct run *r, struct str text)
{
	struct cur c = cur_of(text);
	struct str line;

	while (cur_line(&c, &line)) {
		struct cur at = cur_of(line);
		char what = '#';

		if (r->cut && r->lines == r->cut)
			return;
		cur_any(&at, &what);
		if (what == '#') {
			no_more(r);
			buf_put(&r->accepted, line);
			buf_byte(&r->accepted, '\n');
		} else if (what == '!') {
			directive(r, cur_rest(&at));
		} else if (what == '=') {
			cur_byte(&at, ' ');
			expect_printed(r, cur_rest(&at));
		} else {
			talk(r, line, what, &at);
		}
	}
	no_more(r);
}

/* --- files --------------------------------------------------------------------------------- */

static struct str file_read(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	struct str text;
	size_t n;

	if (f == NULL)
		fail_msg("no %s", path);
	buf_init(&b, TEXT_MAX);
	while ((n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0)
		buf_commit(&b, n);
	fclose(f);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void file_write(const char *path, struct str text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	fwrite(text.p, 1, text.n, f);
	fclose(f);
}

/* How many lines clients have sent. */
static size_t run_file(struct run *r, const struct transcript_host *host, const char *path)
{
	r->host = host;
	r->path = path;
	buf_init(&r->accepted, TEXT_MAX);
	buf_init(&r->printed, TEXT_MAX);
	r->server = host->open();
	run_lines(r, file_read(&r->arena, path));
	host->close(r->server);
	if (r->differs && !r->cut && getenv("ROOST_GOLDEN_ACCEPT") != NULL)
		file_write(path, buf_str(&r->accepted));
	buf_deinit(&r->printed);
	buf_deinit(&r->accepted);
	arena_deinit(&r->arena);
	return r->lines;
}

static size_t files_list(const char *folder, struct arena *a, const char **files)
{
	const char *source = getenv("ROOST_SOURCE");
	struct str path = str_fmt(a, "%s/tests/golden/%s", source ? source : ".", folder);
	DIR *d = opendir(str_z(a, path));
	struct dirent *e;
	size_t n = 0;

	if (d == NULL)
		fail_msg("no folder %.*s", STR_ARG(path));
	while ((e = readdir(d)) != NULL)
		if (str_ends(str_of(e->d_name), STR(".txt")) && n < FILES_MAX)
			files[n++] = str_z(a, str_fmt(a, "%.*s/%s", STR_ARG(path), e->d_name));
	closedir(d);
	assert_true(n > 0);
	return n;
}

void transcripts_run(const char *folder, const struct transcript_host *host)
{
	const char *files[FILES_MAX];
	struct arena a = { 0 };
	size_t n = files_list(folder, &a, files), bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct run whole = { .piece = SIZE_MAX }, bytes = { .piece = 1 };

		run_file(&whole, host, files[i]);
		if (!whole.differs)
			run_file(&bytes, host, files[i]);
		bad += whole.differs || bytes.differs;
	}
	arena_deinit(&a);
	assert_int_equal(bad, 0);
}

void transcripts_cut(const char *folder, const struct transcript_host *host, size_t step)
{
	const char *files[FILES_MAX];
	struct arena a = { 0 };
	size_t n = files_list(folder, &a, files), bad = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t cut = 1 + i % step, turn = i, more = 1; more; cut += step) {
			struct run r = { .piece = SIZE_MAX, .cut = cut, .turn = turn++ };

			more = run_file(&r, host, files[i]) == cut;
			bad += r.differs;
		}
	arena_deinit(&a);
	assert_int_equal(bad, 0);
}

struct str transcripts_text(const char *folder, struct arena *a)
{
	const char *files[FILES_MAX];
	size_t n = files_list(folder, a, files);
	struct str text;
	struct buf all;

	buf_init(&all, TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		buf_put(&all, file_read(a, files[i]));
	text = str_dup(a, buf_str(&all));
	buf_deinit(&all);
	return text;
}
