/* The packets of the milter protocol: what is sent byte for byte, and what is read whole, byte by
 * byte and cut at every length. */
#include "harness/check.h"

#include "flow/policy/milter/wire_milter.h"
#include "foundation/base/arena.h"

#include <string.h>


static void packets_are_put(void **state)
{
	const struct milter_peer v4 = { STR("mail.example"), '4', 4711, STR("192.0.2.1") };
	const struct milter_peer nobody = { STR("[?]"), 'U', 0, STR("") };
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	milter_connect_put(&out, &v4);
	check_str(buf_str(&out), STR("\0\0\0\x1b""Cmail.example\0004\x12\x67""192.0.2.1\0"));
	buf_reset(&out);
	milter_connect_put(&out, &nobody);
	check_str(buf_str(&out), STR("\0\0\0\x06""C[?]\0U"));
	buf_reset(&out);
	milter_packet_put(&out, MILTER_QUIT, STR(""));
	milter_packet_put(&out, MILTER_BODY, STR("a\0b"));
	check_str(buf_str(&out), STR("\0\0\0\1Q\0\0\0\4Ba\0b"));
	buf_deinit(&out);
}

static void a_nul_in_a_text_begins_no_other(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	milter_text_put(&out, STR("a\0\0b"));
	check_str(buf_str(&out), STR("a??b\0"));
	buf_deinit(&out);
}

static void a_packet_that_does_not_fit_is_told_by_the_buffer(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 8);
	milter_packet_put(&out, MILTER_BODY, STR("123"));
	assert_true(buf_ok(&out));
	buf_reset(&out);
	milter_packet_put(&out, MILTER_BODY, STR("1234"));
	assert_false(buf_ok(&out));
	buf_deinit(&out);
}

static void fields_are_put_as_filters_want_them(void **state)
{
	static const struct {
		struct str raw;
		bool spaces;
		struct str want;
	} rows[] = {
		{ STR(" value\r\n"), false, STR("value") },
		{ STR(" value\r\n"), true, STR(" value") },
		{ STR("  value\r\n"), false, STR(" value") },
		{ STR("\tvalue\r\n"), false, STR("\tvalue") },
		{ STR("value"), false, STR("value") },
		{ STR(" one\r\n\ttwo\r\n three\r\n"), false, STR("one\n\ttwo\n three") },
		{ STR(" one\n two\n"), false, STR("one\n two") },
		{ STR("\r\n"), false, STR("") },
		{ STR(" \r\n x\r\n"), false, STR("\n x") },
		{ STR(""), true, STR("") },
		{ STR(" a\0b\r\n"), false, STR("a?b") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;
		struct cur c;
		struct str name, value;

		buf_init(&out, 4096);
		milter_header_put(&out, STR("X"), rows[i].raw, rows[i].spaces);
		c = cur_of(str_sub(buf_str(&out), 5, out.n));
		check_at(i, cur_until(&c, '\0', &name));
		check_str_at(i, name, STR("X"));
		cur_skip(&c, 1);
		check_at(i, cur_until(&c, '\0', &value));
		check_str_at(i, value, rows[i].want);
		cur_skip(&c, 1);
		check_at(i, cur_done(&c));
		buf_deinit(&out);
	}
}

/* --- macros ------------------------------------------------------------------- */

static struct str macro(struct str name, void *arg)
{
	(void)arg;
	if (str_eq(name, STR("i")))
		return STR("k3v7q");
	if (str_eq(name, STR("client_addr")))
		return STR("192.0.2.1");
	return str_eq(name, STR("empty")) ? STR("") : str_from(NULL, 0);
}

static void macros_have_braces_when_their_names_are_long(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	milter_macros_put(&out, MILTER_MAIL,
	                  STR("i, {client_addr} {none} client_addr  {i} {empty}"), macro, NULL);
	check_str(str_sub(buf_str(&out), 4, out.n),
	          STR("DMi\0k3v7q\0{client_addr}\000192.0.2.1\0{client_addr}\000192.0.2.1\0"
	                "i\0k3v7q\0{empty}\0\0"));
	buf_reset(&out);
	milter_macros_put(&out, MILTER_DATA, STR(""), macro, NULL);
	check_str(buf_str(&out), STR("\0\0\0\2DT"));
	buf_deinit(&out);
	for (int i = 0; i < MILTER_STAGES; i++)
		assert_true(milter_macros_usual((enum milter_stage)i).p != NULL);
	assert_int_equal(milter_stage_of(MILTER_END), MILTER_AT_END);
	assert_int_equal(milter_stage_of(MILTER_BODY), MILTER_STAGES);
}

/* --- options ------------------------------------------------------------------ */

static void options_are_offered(void **state)
{
	struct milter_options offer = milter_offer(6);
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	milter_options_put(&out, &offer);
	check_str(buf_str(&out), STR("\0\0\0\x0dO\0\0\0\6\0\0\1\xff\x30\x1f\xf7\xff"));
	buf_deinit(&out);
	offer = milter_offer(2);
	assert_int_equal(offer.actions, 0x3f);
	assert_int_equal(offer.steps, 0x7f);
}

static void options_are_agreed_on(void **state)
{
	static const struct {
		struct str data;
		uint32_t version;
		enum err want;
		uint32_t steps;
	} rows[] = {
		{ STR("\0\0\0\6\0\0\1\xff\0\0\0\0"), 6, OK, 0 },
		{ STR("\0\0\0\6\0\0\0\1\0\x10\0\x80"), 6, OK, 0x100080 },
		{ STR("\0\0\0\2\0\0\0\x3f\0\0\0\1"), 6, OK, 0x301 }, /* no DATA, no UNKNOWN */
		{ STR("\0\0\0\3\0\0\0\x3f\0\0\0\0"), 6, OK, 0x200 },
		{ STR("\0\0\0\4\0\0\0\x3f\0\0\0\0"), 6, OK, 0 },
		{ STR("\0\0\0\6\0\0\0\0\0\0\x08\0"), 6, OK, 0x800 }, /* not offered, no harm */
		{ STR("\0\0\0\7\0\0\0\0\0\0\0\0"), 6, ERR_CONFLICT, 0 },
		{ STR("\0\0\0\6\0\0\0\0\0\0\0\0"), 4, ERR_CONFLICT, 0 },
		{ STR("\0\0\0\1\0\0\0\0\0\0\0\0"), 6, ERR_CONFLICT, 0 },
		{ STR("\0\0\0\6\0\0\2\0\0\0\0\0"), 6, ERR_CONFLICT, 0 },
		{ STR("\0\0\0\4\0\0\0\0\0\0\x10\0"), 4, ERR_CONFLICT, 0 },
		{ STR("\0\0\0\6\0\0\0\0\0\0\0"), 6, ERR_SYNTAX, 0 },
		{ STR(""), 6, ERR_SYNTAX, 0 },
		{ STR("\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\7x\0"), 6, ERR_SYNTAX, 0 },
		{ STR("\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\1x"), 6, ERR_SYNTAX, 0 },
		{ STR("\0\0\0\6\0\0\0\0\0\0\0\0\0\0"), 6, ERR_SYNTAX, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct milter_options offer = milter_offer(rows[i].version), got;
		struct why why = { "" };

		check_at(i, milter_options_parse(rows[i].data, &offer, &got, &why) == rows[i].want);
		check_at(i, rows[i].want == OK ? got.steps == rows[i].steps : why.text[0] != '\0');
	}
}

static void a_filter_can_ask_for_macros(void **state)
{
	struct milter_options offer = milter_offer(6), got;
	struct str data = STR("\0\0\0\6\0\0\1\0\0\0\0\0\0\0\0\3{rcpt_addr} i\0\0\0\0\6\0");

	(void)state;
	assert_int_equal(milter_options_parse(data, &offer, &got, NULL), OK);
	check_str(got.macros[MILTER_AT_RCPT], STR("{rcpt_addr} i"));
	assert_true(got.macros[MILTER_AT_HEADER_END].p != NULL);
	check_str(got.macros[MILTER_AT_HEADER_END], STR(""));
	assert_true(got.macros[MILTER_AT_CONNECT].p == NULL);
}

static void steps_tell_what_is_sent_and_answered(void **state)
{
	static const struct {
		char command;
		uint32_t no, mute;
	} rows[] = {
		{ MILTER_CONNECT, MILTER_NO_CONNECT, MILTER_MUTE_CONNECT },
		{ MILTER_HELO, MILTER_NO_HELO, MILTER_MUTE_HELO },
		{ MILTER_MAIL, MILTER_NO_MAIL, MILTER_MUTE_MAIL },
		{ MILTER_RCPT, MILTER_NO_RCPT, MILTER_MUTE_RCPT },
		{ MILTER_DATA, MILTER_NO_DATA, MILTER_MUTE_DATA },
		{ MILTER_HEADER, MILTER_NO_HEADERS, MILTER_MUTE_HEADER },
		{ MILTER_HEADER_END, MILTER_NO_HEADER_END, MILTER_MUTE_HEADER_END },
		{ MILTER_BODY, MILTER_NO_BODY, MILTER_MUTE_BODY },
		{ MILTER_UNKNOWN, MILTER_NO_UNKNOWN, MILTER_MUTE_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, milter_wants(~rows[i].no, rows[i].command));
		check_at(i, !milter_wants(rows[i].no, rows[i].command));
		check_at(i, milter_answers(~rows[i].mute, rows[i].command));
		check_at(i, !milter_answers(rows[i].mute, rows[i].command));
	}
	assert_true(milter_wants(~0u, MILTER_END) && milter_answers(~0u, MILTER_END));
	assert_int_equal(milter_data_max(0), 65535);
	assert_int_equal(milter_data_max(MILTER_DATA_256K), 262143);
	assert_int_equal(milter_data_max(MILTER_DATA_1M | MILTER_DATA_256K), 1048575);
}

/* --- what is read ------------------------------------------------------------- */

static void packets_are_taken_whole(void **state)
{
	struct str two = STR("\0\0\0\1c\0\0\0\4qno\0");
	struct cur c = cur_of(two);
	struct str data;
	char command;

	(void)state;
	assert_int_equal(milter_packet_take(&c, 100, &command, &data), MILTER_PACKET);
	assert_int_equal(command, 'c');
	assert_int_equal(data.n, 0);
	for (size_t n = 5; n < two.n; n++) { /* cut: the cursor stays */
		struct cur cut = cur_of(str_sub(two, 5, n));
		const char *at = cut.p;

		assert_int_equal(milter_packet_take(&cut, 100, &command, &data), MILTER_MORE);
		assert_ptr_equal(cut.p, at);
	}
	assert_int_equal(milter_packet_take(&c, 100, &command, &data), MILTER_PACKET);
	check_str(data, STR("no\0"));
	assert_int_equal(milter_packet_take(&c, 100, &command, &data), MILTER_MORE);
}

static void lengths_lie(void **state)
{
	static const struct {
		struct str bytes;
		enum milter_packet want;
	} rows[] = {
		{ STR("\0\0\0\0c"), MILTER_BROKEN },
		{ STR("\xff\xff\xff\xff""c"), MILTER_BROKEN },
		{ STR("\0\0\0\x0b"), MILTER_BROKEN }, /* one past 10, before it has come */
		{ STR("\0\0\0\x0a"), MILTER_MORE },
		{ STR("HTTP/1.1 400 Bad Request"), MILTER_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(rows[i].bytes);
		struct str data;
		char command;

		check_at(i, milter_packet_take(&c, 10, &command, &data) == rows[i].want);
	}
}

static const struct reply_row {
	char command;
	struct str data;
	bool ok;
	struct milter_reply want;
} replies[] = {
	{ 'c', STR(""), true, { MILTER_SAYS_CONTINUE, 0, STR(""), STR("") } },
	{ 'c', STR("x"), false, { 0 } },
	{ 'a', STR(""), true, { MILTER_SAYS_ACCEPT, 0, STR(""), STR("") } },
	{ 'r', STR(""), true, { MILTER_SAYS_REJECT, 0, STR(""), STR("") } },
	{ 't', STR(""), true, { MILTER_SAYS_TEMPFAIL, 0, STR(""), STR("") } },
	{ 'd', STR(""), true, { MILTER_SAYS_DISCARD, 0, STR(""), STR("") } },
	{ 'f', STR(""), true, { MILTER_SAYS_CONN_FAIL, 0, STR(""), STR("") } },
	{ '4', STR(""), true, { MILTER_SAYS_SHUTDOWN, 0, STR(""), STR("") } },
	{ 'p', STR(""), true, { MILTER_SAYS_PROGRESS, 0, STR(""), STR("") } },
	{ 's', STR(""), true, { MILTER_SAYS_SKIP, 0, STR(""), STR("") } },
	{ 'y', STR("550 no\0"), true, { MILTER_SAYS_CODE, 0, STR(""), STR("550 no") } },
	{ 'y', STR("550 no"), false, { 0 } },
	{ 'y', STR("550 no\0x"), false, { 0 } },
	{ 'q', STR("why\0"), true, { MILTER_SAYS_QUARANTINE, 0, STR(""), STR("why") } },
	{ 'h', STR("X\0v\0"), true, { MILTER_SAYS_ADD_HEADER, 0, STR("X"), STR("v") } },
	{ 'h', STR("X\0\0"), true, { MILTER_SAYS_ADD_HEADER, 0, STR("X"), STR("") } },
	{ 'h', STR("\0v\0"), false, { 0 } },
	{ 'h', STR("X\0v"), false, { 0 } },
	{ 'h', STR("X\0"), false, { 0 } },
	{ 'i', STR("\0\0\0\2X\0v\0"), true, { MILTER_SAYS_PUT_HEADER, 2, STR("X"), STR("v") } },
	{ 'i', STR("\0\0\2X\0v\0"), false, { 0 } },
	{ 'm', STR("\0\0\0\1X\0\0"), true, { MILTER_SAYS_SET_HEADER, 1, STR("X"), STR("") } },
	{ 'm', STR("\xff\xff\xff\xffX\0v\0"), true,
	  { MILTER_SAYS_SET_HEADER, UINT32_MAX, STR("X"), STR("v") } },
	{ 'm', STR("\0\0\0\1X\0v\0w\0"), false, { 0 } },
	{ 'e', STR("<a@b>\0"), true, { MILTER_SAYS_SET_FROM, 0, STR("<a@b>"), STR("") } },
	{ 'e', STR("<a@b>\0SIZE=1\0"), true,
	  { MILTER_SAYS_SET_FROM, 0, STR("<a@b>"), STR("SIZE=1") } },
	{ '+', STR("<a@b>\0"), true, { MILTER_SAYS_ADD_RCPT, 0, STR("<a@b>"), STR("") } },
	{ '+', STR("\0"), false, { 0 } },
	{ '2', STR("<a@b>\0NOTIFY=NEVER\0"), true,
	  { MILTER_SAYS_ADD_RCPT, 0, STR("<a@b>"), STR("NOTIFY=NEVER") } },
	{ '-', STR("<a@b>\0"), true, { MILTER_SAYS_DELETE_RCPT, 0, STR("<a@b>"), STR("") } },
	{ 'b', STR("a\0b"), true, { MILTER_SAYS_BODY, 0, STR(""), STR("a\0b") } },
	{ 'b', STR(""), true, { MILTER_SAYS_BODY, 0, STR(""), STR("") } },
	{ 'Z', STR(""), false, { 0 } },
	{ '\0', STR(""), false, { 0 } },
};

static void replies_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++) {
		const struct reply_row *row = &replies[i];
		struct milter_reply got;

		check_at(i, milter_reply_parse(row->command, row->data, &got) == row->ok);
		if (!row->ok)
			continue;
		check_at(i, got.kind == row->want.kind && got.index == row->want.index);
		check_str_at(i, got.name, row->want.name);
		check_str_at(i, got.text, row->want.text);
		check_at(i, milter_reply_name(got.kind)[0] != '\0');
		/* Cut anywhere it is another reply or none, never one of more than there is. */
		for (size_t n = 0; n < row->data.n; n++)
			if (milter_reply_parse(row->command, str_sub(row->data, 0, n), &got))
				check_at(i, got.name.n + got.text.n <= n);
	}
}

static void replies_come_where_they_belong(void **state)
{
	static const struct {
		enum milter_reply_kind kind;
		char after;
		uint32_t actions;
		bool fits;
	} rows[] = {
		{ MILTER_SAYS_REJECT, MILTER_CONNECT, 0, true },
		{ MILTER_SAYS_PROGRESS, MILTER_END, 0, true },
		{ MILTER_SAYS_ADD_HEADER, MILTER_END, MILTER_CAN_ADD_HEADERS, true },
		{ MILTER_SAYS_ADD_HEADER, MILTER_BODY, MILTER_CAN_ADD_HEADERS, false },
		{ MILTER_SAYS_ADD_HEADER, MILTER_END, MILTER_CAN_CHANGE_BODY, false },
		{ MILTER_SAYS_PUT_HEADER, MILTER_END, MILTER_CAN_ADD_HEADERS, true },
		{ MILTER_SAYS_SET_HEADER, MILTER_END, MILTER_CAN_ADD_HEADERS, false },
		{ MILTER_SAYS_SET_HEADER, MILTER_END, MILTER_CAN_CHANGE_HEADERS, true },
		{ MILTER_SAYS_SET_FROM, MILTER_END, 0, false },
		{ MILTER_SAYS_ADD_RCPT, MILTER_END, MILTER_CAN_ADD_RCPTS, true },
		{ MILTER_SAYS_DELETE_RCPT, MILTER_RCPT, MILTER_CAN_ALL, false },
		{ MILTER_SAYS_BODY, MILTER_END, MILTER_CAN_CHANGE_BODY, true },
		{ MILTER_SAYS_QUARANTINE, MILTER_END, MILTER_CAN_QUARANTINE, true },
		{ MILTER_SAYS_QUARANTINE, MILTER_END, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct milter_reply r = { .kind = rows[i].kind };

		check_at(i, milter_reply_fits(&r, rows[i].after, rows[i].actions) == rows[i].fits);
	}
}

static void codes_are_read(void **state)
{
	static const struct {
		const char *text;
		unsigned code; /* 0: it is none */
		const char *enhanced, *want;
	} rows[] = {
		{ "550 5.7.1 no", 550, "5.7.1", "no" },
		{ "451 4.7.1 later", 451, "4.7.1", "later" },
		{ "550 no", 550, "5.7.1", "no" },
		{ "452 full", 452, "4.7.1", "full" },
		{ "550", 550, "5.7.1", "" },
		{ "550 4.7.1 no", 550, "5.7.1", "4.7.1 no" }, /* another class: text */
		{ "550 5.7 no", 550, "5.7.1", "5.7 no" },
		{ "550 5.7.1000 no", 550, "5.7.1", "5.7.1000 no" },
		{ "550 5.700.100 no", 550, "5.700.100", "no" },
		{ "550-5.7.1 one\r\n550 5.7.1 two", 550, "5.7.1", "one\ntwo" },
		{ "550-one\r\n550-two\n550 three\r\n", 550, "5.7.1", "one\ntwo\nthree" },
		{ "550-one\r\n551 two", 0, "", "" },
		{ "550 100%% sure", 550, "5.7.1", "100% sure" },
		{ "550 100% sure%", 550, "5.7.1", "100 sure" },
		{ "550 b\303\244d\1", 550, "5.7.1", "b??d?" },
		{ "250 ok", 0, "", "" },
		{ "350 go", 0, "", "" },
		{ "600 what", 0, "", "" },
		{ "55 no", 0, "", "" },
		{ "550no", 0, "", "" },
		{ "no", 0, "", "" },
		{ "", 0, "", "" },
		{ "\r\n550 no", 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct milter_code got;
		bool ok = milter_code_parse(str_of(rows[i].text), &a, &got);

		check_at(i, ok == (rows[i].code != 0));
		if (ok) {
			check_at(i, got.code == rows[i].code);
			check_str_at(i, got.enhanced, str_of(rows[i].enhanced));
			check_str_at(i, got.text, str_of(rows[i].want));
		}
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_put),
		cmocka_unit_test(a_nul_in_a_text_begins_no_other),
		cmocka_unit_test(a_packet_that_does_not_fit_is_told_by_the_buffer),
		cmocka_unit_test(fields_are_put_as_filters_want_them),
		cmocka_unit_test(macros_have_braces_when_their_names_are_long),
		cmocka_unit_test(options_are_offered),
		cmocka_unit_test(options_are_agreed_on),
		cmocka_unit_test(a_filter_can_ask_for_macros),
		cmocka_unit_test(steps_tell_what_is_sent_and_answered),
		cmocka_unit_test(packets_are_taken_whole),
		cmocka_unit_test(lengths_lie),
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(replies_come_where_they_belong),
		cmocka_unit_test(codes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
