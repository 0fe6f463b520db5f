/* The grammar of SMTP, both sides: commands, replies, the bytes of a message. */
#include "harness/check.h"

#include "formats/smtp_wire/chunk.h"
#include "formats/smtp_wire/command.h"
#include "formats/smtp_wire/data.h"
#include "formats/smtp_wire/reply.h"
#include "formats/smtp_wire/stuff.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

static void commands_split_at_the_first_blank(void **state)
{
	static const struct {
		const char *line, *verb, *args;
	} rows[] = {
		{ "NOOP", "NOOP", "" },
		{ "ehlo  mail.example.org ", "ehlo", "mail.example.org" },
		{ "", "", "" },
		{ " NOOP", "", "NOOP" },
		{ "MAIL FROM:<a@b>\tSIZE=1", "MAIL", "FROM:<a@b>\tSIZE=1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str verb, args;

		smtp_command_split(str_of(rows[i].line), &verb, &args);
		check_str_at(i, verb, str_of(rows[i].verb));
		check_str_at(i, args, str_of(rows[i].args));
	}
}

static void paths(void **state)
{
	static const struct {
		const char *args;
		bool ok;
		const char *local, *domain;
		size_t params;
	} rows[] = {
		{ "FROM:<a@example.org>", true, "a", "example.org", 0 },
		{ "from:<A@EXAMPLE.ORG>", true, "A", "example.org", 0 },
		{ "FROM: <a@b.c>", true, "a", "b.c", 0 }, /* seen in the wild */
		{ "FROM:<>", true, "", "", 0 },
		{ "FROM:<> SIZE=10 BODY=8BITMIME", true, "", "", 2 },
		{ "FROM:<@x.y,@z.w:a@b.c>", true, "a", "b.c", 0 }, /* RFC 5321 C: dropped */
		{ "FROM:<\"a b\"@c.d>", true, "a b", "c.d", 0 },
		{ "FROM:<a@b.c>SIZE=10", false, "", "", 0 },
		{ "FROM:<a@b.c> SIZE=", false, "", "", 0 },
		{ "FROM:<a@b.c> =10", false, "", "", 0 },
		{ "FROM:<a@b.c> -X=10", false, "", "", 0 },
		{ "FROM:a@b.c", false, "", "", 0 },
		{ "FROM:<a@b.c", false, "", "", 0 },
		{ "FROM:<a b@c.d>", false, "", "", 0 },
		{ "TO:<a@b.c>", false, "", "", 0 },
		{ "FROM:<a@b..c>", false, "", "", 0 },
		{ "FROM:<Postmaster>", false, "", "", 0 }, /* RFC 5321 4.1.1.3: RCPT only */
		{ "FROM:<a@[192.0.2.1]>", true, "a", "[192.0.2.1]", 0 },
		{ "", false, "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct smtp_path path;
		bool ok = smtp_path_parse(str_of(rows[i].args), STR("FROM:"),
		                          MAILADDR_NULL | MAILADDR_LITERAL, &a, &path);

		check_at(i, ok == rows[i].ok);
		if (ok) {
			check_str_at(i, path.addr.local, str_of(rows[i].local));
			check_str_at(i, path.addr.domain, str_of(rows[i].domain));
			check_at(i, path.param_count == rows[i].params);
		}
		arena_deinit(&a);
	}
}

static void a_path_cut_before_its_end_is_refused(void **state)
{
	struct str whole = STR("FROM:<\"a\\\"b\"@example.org> SIZE=1000 BODY=8BITMIME");

	(void)state;
	for (size_t n = 0; n <= whole.n; n++) {
		struct arena a = { 0 };
		struct smtp_path path;
		bool ok = smtp_path_parse(str_sub(whole, 0, n), STR("FROM:"), 0, &a, &path);

		check_at(n, !ok || n > (size_t)str_find_byte(whole, '>'));
		check_at(n, ok || n < whole.n);
		arena_deinit(&a);
	}
}

static void too_many_parameters(void **state)
{
	struct arena a = { 0 };
	struct smtp_path path;
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	buf_put(&b, STR("FROM:<>"));
	for (int i = 0; i < SMTP_PARAMS_MAX; i++)
		buf_put(&b, STR(" X=1"));
	assert_true(smtp_path_parse(buf_str(&b), STR("FROM:"), MAILADDR_NULL, &a, &path));
	buf_put(&b, STR(" X=1"));
	assert_false(smtp_path_parse(buf_str(&b), STR("FROM:"), MAILADDR_NULL, &a, &path));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void hello_names(void **state)
{
	(void)state;
	assert_true(smtp_hello_parse(STR("mail.example.org")));
	assert_true(smtp_hello_parse(STR("my_host")));
	assert_true(smtp_hello_parse(STR("[192.0.2.1]")));
	assert_true(smtp_hello_parse(STR("[IPv6:2001:db8::1]")));
	assert_false(smtp_hello_parse(STR("")));
	assert_false(smtp_hello_parse(STR("[192.0.2.1")));
	assert_false(smtp_hello_parse(STR("a b")));
	assert_false(smtp_hello_parse(STR("a\r")));
}

/* Feed input in pieces of step bytes; what comes out, and how much input was left. */
static size_t receive(struct str input, size_t step, struct smtp_data *d, struct buf *out)
{
	size_t used = 0;

	*d = (struct smtp_data){ 0 };
	while (used < input.n && d->state != DATA_END) {
		struct str piece = str_sub(input, used, used + step), in = piece, slice;

		while (in.n != 0 && d->state != DATA_END) {
			smtp_data_next(d, &in, &slice);
			buf_put(out, slice);
		}
		used += piece.n - in.n;
	}
	return input.n - used;
}

static void messages_end_at_crlf_dot_crlf_only(void **state)
{
	static const struct {
		struct str in, out;
		bool end, lone;
		size_t left;
	} rows[] = {
		{ STR("a\r\nb\r\n.\r\nNEXT"), STR("a\r\nb\r\n"), true, false, 4 },
		{ STR(".\r\n"), STR(""), true, false, 0 },
		{ STR("..\r\n.\r\n"), STR(".\r\n"), true, false, 0 },
		{ STR("..a\r\n...\r\n.\r\n"), STR(".a\r\n..\r\n"), true, false, 0 },
		{ STR("a\r\n.b\r\n.\r\n"), STR("a\r\nb\r\n"), true, false, 0 },
		/* Smuggling: none of these ends the message. */
		{ STR("a\n.\nMAIL"), STR("a\n.\nMAIL"), false, true, 0 },
		{ STR("a\n.\r\nMAIL"), STR("a\n.\r\nMAIL"), false, true, 0 },
		{ STR("a\r\n.\nMAIL"), STR("a\r\n\nMAIL"), false, true, 0 },
		{ STR("a\r.\r\nMAIL"), STR("a\r.\r\nMAIL"), false, true, 0 },
		{ STR("a\r\n.\rMAIL\r\n.\r\n"), STR("a\r\nMAIL\r\n"), true, true, 0 },
		{ STR("a\r\r\n.\r\n"), STR("a\r\r\n"), true, true, 0 },
		{ STR("a\0b\r\n.\r\n"), STR("a\0b\r\n"), true, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= rows[i].in.n; step++) {
			struct smtp_data d;
			struct buf out;
			size_t left;

			buf_init(&out, 1000);
			left = receive(rows[i].in, step, &d, &out);
			check_str_at(i, buf_str(&out), rows[i].out);
			check_at(i, (d.state == DATA_END) == rows[i].end);
			check_at(i, d.lone == rows[i].lone);
			check_at(i, left == rows[i].left);
			buf_deinit(&out);
		}
	}
}

static void send(struct str message, size_t step, struct buf *out)
{
	struct smtp_stuff s = { 0 };

	for (size_t used = 0; used < message.n; used += step) {
		struct str in = str_sub(message, used, used + step);

		while (in.n != 0) {
			struct str slice;
			bool dot;

			smtp_stuff_next(&s, &in, &slice, &dot);
			if (dot)
				buf_byte(out, '.');
			buf_put(out, slice);
		}
	}
	buf_put(out, smtp_stuff_end(&s));
}

static void what_is_sent_is_what_is_received(void **state)
{
	static const struct str rows[] = {
		STR("a\r\n.\r\nb\r\n"), STR("."),         STR(""),
		STR(".\r\n.\r\n"),      STR("..x\r\n.y"), STR("no line end"),
		STR("\r\n\r\n.\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= rows[i].n + 1; step++) {
			struct buf wire, back;
			struct smtp_data d;
			bool ended = rows[i].n == 0 || str_ends(rows[i], STR("\r\n"));

			buf_init(&wire, 1000);
			buf_init(&back, 1000);
			send(rows[i], step, &wire);
			check_at(i, receive(buf_str(&wire), 3, &d, &back) == 0);
			check_at(i, d.state == DATA_END && !d.lone);
			check_at(i, str_starts(buf_str(&back), rows[i]));
			check_at(i, back.n == rows[i].n + (ended ? 0 : 2));
			buf_deinit(&wire);
			buf_deinit(&back);
		}
	}
}

static void replies(void **state)
{
	static const struct {
		const char *line;
		bool ok, last;
		unsigned code;
		const char *status, *text;
	} rows[] = {
		{ "250 2.1.0 ok", true, true, 250, "2.1.0", "ok" },
		{ "250-8BITMIME", true, false, 250, "", "8BITMIME" },
		{ "250", true, true, 250, "", "" },
		{ "550 5.7.1", true, true, 550, "5.7.1", "" },
		{ "550 4.7.1 class differs", true, true, 550, "", "4.7.1 class differs" },
		{ "450 4.10.999 x", true, true, 450, "4.10.999", "x" },
		{ "450 4.1000.1 x", true, true, 450, "", "4.1000.1 x" },
		{ "450 4.1.1x", true, true, 450, "", "4.1.1x" },
		{ "25", false, false, 0, "", "" },
		{ "2500", false, false, 0, "", "" },
		{ "199 x", false, false, 0, "", "" },
		{ "600 x", false, false, 0, "", "" },
		{ "+OK", false, false, 0, "", "" },
		{ "", false, false, 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_reply_line line;
		struct str status;

		check_at(i, smtp_reply_line_parse(str_of(rows[i].line), &line) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		smtp_reply_status_take(line.code, &line.text, &status);
		check_at(i, line.last == rows[i].last && line.code == rows[i].code);
		check_str_at(i, status, str_of(rows[i].status));
		check_str_at(i, line.text, str_of(rows[i].text));
	}
}

static void chunk_commands(void **state)
{
	static const struct {
		const char *args;
		bool ok, last;
		uint64_t size;
	} rows[] = {
		{ "0", true, false, 0 },
		{ "86 LAST", true, true, 86 },
		{ "86 last", true, true, 86 },
		{ "18446744073709551615", true, false, UINT64_MAX },
		{ "18446744073709551616", false, false, 0 },
		{ "", false, false, 0 },
		{ "LAST", false, false, 0 },
		{ "86LAST", false, false, 0 },
		{ "86 LAST x", false, false, 0 },
		{ "86 LASTx", false, false, 0 },
		{ "-1", false, false, 0 },
		{ "+1", false, false, 0 },
		{ "0x10", false, false, 0 },
		{ "1 2", false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_bdat bdat;
		bool ok = smtp_bdat_parse(str_of(rows[i].args), &bdat);

		check_at(i, ok == rows[i].ok);
		check_at(i, !ok || (bdat.size == rows[i].size && bdat.last == rows[i].last));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_split_at_the_first_blank),
		cmocka_unit_test(paths),
		cmocka_unit_test(a_path_cut_before_its_end_is_refused),
		cmocka_unit_test(too_many_parameters),
		cmocka_unit_test(hello_names),
		cmocka_unit_test(chunk_commands),
		cmocka_unit_test(messages_end_at_crlf_dot_crlf_only),
		cmocka_unit_test(what_is_sent_is_what_is_received),
		cmocka_unit_test(replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
