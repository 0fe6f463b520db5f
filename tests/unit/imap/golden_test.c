/* Transcripts of tests/golden/imap run against sessions: whole, and one byte at a time.
 *
 *	# a comment
 *	! open 2                  a connection; "open 2 tls": TLS is on; "open 2 clear": no
 *	                          logins without TLS, STARTTLS is offered
 *	! login 2                 one that has logged in already, and answered
 *	! deliver INBOX subject   mail comes
 *	! timeout 2, ! stop 2     what the runtime may say
 *	C2: a1 NOOP               the client sends this line
 *	S2: * $n EXISTS           and gets this one; $name is bound where it is met first
 *	S2: -                     the server has closed
 *
 * C: and S: are those of session 1, which is open and logged in unless the file opens it.
 * All that the server says must be in the file, in order. With GOLDEN_ACCEPT in the
 * environment the lines that differ are written anew; look at the diff. */
#include "unit/imap/fixture.h"

#include "imap/commands.h"

#include <dirent.h>
#include <stdio.h>

enum { FILES_MAX = 200, VARS_MAX = 32 };

struct var {
	struct str name, value;
};

struct run {
	struct imap_fixture f;
	struct arena arena;
	const char *path;
	size_t piece; /* bytes the client sends at a time */
	struct var vars[VARS_MAX];
	size_t var_n;
	size_t seen[FAKE_CONNS]; /* of sent */
	struct buf accepted;     /* the file as it should be */
	bool differs;
};

static bool is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* Keywords like $Junk are no variables: those begin with a small letter. */
static bool is_var_start(int c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_var_char(char c)
{
	return ascii_alnum(c) || c == '_';
}

/* Does line match want, binding variables? */
static bool line_match(struct run *r, struct str want, struct str line)
{
	struct cur w = cur_of(want), l = cur_of(line);
	size_t bound = r->var_n;
	char a, b;

	while (cur_any(&w, &a)) {
		struct var v = { STR_EMPTY, STR_EMPTY };
		size_t i = 0;

		if (a != '$' || cur_done(&w) || !is_var_start(cur_peek(&w))) {
			if (cur_any(&l, &b) && a == b)
				continue;
			r->var_n = bound;
			return false;
		}
		v.name.p = w.p;
		while (!cur_done(&w) && is_var_char((char)cur_peek(&w)))
			cur_skip(&w, 1), v.name.n++;
		while (i < r->var_n && !str_eq(r->vars[i].name, v.name))
			i++;
		if (i < r->var_n) {
			if (cur_str(&l, r->vars[i].value))
				continue;
			r->var_n = bound;
			return false;
		}
		v.value.p = l.p;
		while (!cur_done(&l) && is_var_char((char)cur_peek(&l)))
			cur_skip(&l, 1), v.value.n++;
		assert_true(r->var_n < VARS_MAX);
		v.value = str_dup(&r->arena, v.value);
		r->vars[r->var_n++] = v;
	}
	if (cur_done(&l))
		return true;
	r->var_n = bound;
	return false;
}

/* The next line that session i got. */
static bool got_line(struct run *r, size_t i, struct str *line)
{
	struct str rest;
	ptrdiff_t end;

	if (!fake_conns[i].used)
		return false;
	rest = str_sub(buf_str(&fake_conns[i].sent), r->seen[i], SIZE_MAX);
	if (rest.n == 0) {
		*line = STR("-");
		r->seen[i] += fake_conns[i].closed && r->seen[i] != SIZE_MAX ? 1 : 0;
		return false;
	}
	end = str_find(rest, STR("\r\n"));
	*line = str_sub(rest, 0, end < 0 ? rest.n : (size_t)end);
	r->seen[i] += line->n + (end < 0 ? 0 : 2);
	return true;
}

/* What the server said, with a variable for every long number: those are other ones in the
 * next run. */
static struct str generalised(struct run *r, struct str line)
{
	struct cur c = cur_of(line);
	struct buf out;
	char byte;

	buf_init(&out, 1 << 20);
	while (!cur_done(&c)) {
		struct str digits = cur_while(&c, is_digit);
		size_t i = 0;

		if (digits.n < 10) {
			buf_put(&out, digits);
			if (cur_any(&c, &byte))
				buf_byte(&out, byte);
			continue;
		}
		while (i < r->var_n && !str_eq(r->vars[i].value, digits))
			i++;
		if (i == r->var_n) {
			assert_true(i < VARS_MAX);
			r->vars[r->var_n++] =
				(struct var){ str_fmt(&r->arena, "validity%zu", i + 1),
				              str_dup(&r->arena, digits) };
		}
		buf_byte(&out, '$');
		buf_put(&out, r->vars[i].name);
	}
	line = str_dup(&r->arena, buf_str(&out));
	buf_deinit(&out);
	return line;
}

static void put_line(struct run *r, const char *what, size_t i, struct str text)
{
	buf_put(&r->accepted, str_of(what));
	if (i != 1)
		buf_fmt(&r->accepted, "%zu", i);
	buf_put(&r->accepted, text.n ? STR(": ") : STR(":"));
	buf_put(&r->accepted, text);
	buf_byte(&r->accepted, '\n');
}

static void differ(struct run *r, size_t i, struct str want, struct str got)
{
	if (!r->differs)
		print_error("%s (pieces of %zu)\n  session %zu\n  want \"%.*s\"\n  got  \"%.*s\"\n",
		            r->path, r->piece, i, STR_ARG(want), STR_ARG(got));
	r->differs = true;
}

/* Whatever sessions said that the file did not ask for. */
static void no_more(struct run *r)
{
	struct str line;

	for (size_t i = 0; i < FAKE_CONNS; i++)
		while (got_line(r, i, &line)) {
			differ(r, i, STR("nothing more"), line);
			put_line(r, "S", i, generalised(r, line));
		}
}

static void expect(struct run *r, size_t i, struct str want)
{
	struct str line;

	if (str_eq(want, STR("-"))) {
		if (!fake_conns[i].closed)
			differ(r, i, want, STR("still open"));
		put_line(r, "S", i, want);
		return;
	}
	if (!got_line(r, i, &line)) {
		differ(r, i, want, STR("nothing"));
		return;
	}
	if (line_match(r, want, line)) {
		put_line(r, "S", i, want);
		return;
	}
	differ(r, i, want, line);
	put_line(r, "S", i, generalised(r, line));
}

static struct conn *session(struct run *r, size_t i)
{
	assert_true(i < FAKE_CONNS);
	if (!fake_conns[i].used)
		imap_fixture_login(&r->f, i);
	return &fake_conns[i];
}

static void send_line(struct run *r, size_t i, struct str text)
{
	struct str line = str_fmt(&r->arena, "%.*s\r\n", STR_ARG(text));

	no_more(r);
	put_line(r, "C", i, text);
	fake_send(session(r, i), line, r->piece);
	fake_settle();
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

static size_t number_of(struct str s, size_t fallback)
{
	uint32_t n;

	return cur_u32(&(struct cur){ s.p, s.p + s.n }, &n) ? n : fallback;
}

static void directive(struct run *r, struct str text)
{
	struct cur c = cur_of(text);
	struct str verb = word(&c), arg = word(&c);
	size_t i = number_of(arg, 1);

	no_more(r);
	buf_fmt(&r->accepted, "!%.*s\n", STR_ARG(text));
	if (str_eq(verb, STR("open"))) {
		struct conn_service service = r->f.service;
		struct str how = word(&c);

		service.plain_auth = !str_eq(how, STR("clear"));
		fake_open(i, &service, str_eq(how, STR("tls")));
	} else if (str_eq(verb, STR("login"))) {
		imap_fixture_login(&r->f, i);
	} else if (str_eq(verb, STR("deliver"))) {
		imap_fixture_deliver(&r->f, str_z(&r->arena, arg), word(&c));
	} else if (str_eq(verb, STR("timeout"))) {
		fake_run(session(r, i), CONN_TIMEOUT);
	} else if (str_eq(verb, STR("stop"))) {
		fake_run(session(r, i), CONN_STOP);
	} else if (str_eq(verb, STR("close"))) {
		fake_close(session(r, i));
		r->seen[i] = 0;
	} else {
		fail_msg("%s: unknown \"%.*s\"", r->path, STR_ARG(text));
	}
	fake_settle();
}

static void run_lines(struct run *r, struct str text)
{
	struct cur c = cur_of(text);
	struct str line;

	while (cur_line(&c, &line)) {
		struct cur at = cur_of(line);
		uint32_t i = 1;
		char what = '#';

		cur_any(&at, &what);
		if (line.n == 0 || what == '#') {
			no_more(r);
			buf_put(&r->accepted, line);
			buf_byte(&r->accepted, '\n');
			continue;
		}
		if (what == '!') {
			directive(r, cur_rest(&at));
			continue;
		}
		cur_u32(&at, &i);
		if (!cur_byte(&at, ':'))
			fail_msg("%s: \"%.*s\"?", r->path, STR_ARG(line));
		cur_byte(&at, ' ');
		if (what == 'C')
			send_line(r, i, cur_rest(&at));
		else
			expect(r, i, cur_rest(&at));
	}
	no_more(r);
}

static struct str file_read(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	struct str text;
	size_t n;

	if (!f)
		fail_msg("no %s", path);
	buf_init(&b, 1 << 20);
	while ((n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0)
		buf_commit(&b, n);
	fclose(f);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static bool run_file(const char *path, size_t piece)
{
	struct run r = { .path = path, .piece = piece };
	bool differs;

	buf_init(&r.accepted, 1 << 20);
	imap_fixture_open(&r.f);
	run_lines(&r, file_read(&r.arena, path));
	mail_store_fsck(&r.f.mail);
	imap_fixture_close(&r.f);
	if (r.differs && getenv("GOLDEN_ACCEPT")) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		fwrite(r.accepted.p, 1, r.accepted.n, f);
		fclose(f);
	}
	differs = r.differs;
	buf_deinit(&r.accepted);
	arena_deinit(&r.arena);
	return !differs;
}

static struct arena paths;

static size_t list_files(const char **files)
{
	struct str folder = str_fmt(&paths, "%s/tests/golden/imap",
	                            getenv("ROOST_SOURCE") ? getenv("ROOST_SOURCE") : ".");
	DIR *d = opendir(str_z(&paths, folder));
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		if (str_ends(str_of(e->d_name), STR(".txt")) && n < FILES_MAX)
			files[n++] = str_z(&paths,
			                   str_fmt(&paths, "%.*s/%s", STR_ARG(folder), e->d_name));
	closedir(d);
	return n;
}

static void test_transcripts(void **state)
{
	const char *files[FILES_MAX];
	size_t n = list_files(files), bad = 0;

	(void)state;
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		bad += !run_file(files[i], SIZE_MAX) || !run_file(files[i], 1);
	arena_deinit(&paths);
	assert_int_equal(bad, 0);
}

/* Every row of the command table is in some transcript, and answered OK there. */
static void test_rows_covered(void **state)
{
	const char *files[FILES_MAX];
	size_t n = list_files(files);
	struct buf all;

	(void)state;
	buf_init(&all, 16 << 20);
	for (size_t i = 0; i < n; i++) {
		struct arena a = { 0 };

		buf_put(&all, file_read(&a, files[i]));
		arena_deinit(&a);
	}
	for (size_t i = 0; i < imap_command_count; i++) {
		const struct imap_command_row *row = &imap_commands[i];
		struct str done = str_fmt(&paths, " %s%.*s completed", "", STR_ARG(row->name));
		struct str told = str_fmt(&paths, "%s%.*s", row->flags & UID_ONLY ? "UID " : " ",
		                          STR_ARG(row->name));

		if (str_find(buf_str(&all), told) < 0)
			fail_msg("no transcript has %.*s", STR_ARG(told));
		if (str_find(buf_str(&all), done) < 0 && !str_eq(row->name, STR("LOGIN")) &&
		    !str_eq(row->name, STR("AUTHENTICATE")) && !str_eq(row->name, STR("STARTTLS")))
			fail_msg("no transcript ends %.*s", STR_ARG(row->name));
	}
	buf_deinit(&all);
	arena_deinit(&paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts),
		cmocka_unit_test(test_rows_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
