/* Long lines of mail that leaves: what is converted at once, and what is only noted. */
#include "unit/delivery/town.h"

#include "flow/delivery/fit.h"
#include "formats/message/lines.h"
#include "model/store/spool.h"

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50
#define X1000 X250 X250 X250 X250
#define SIGNED \
	"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n" X1000 "\r\n--b--\r\n"

static void test_what_is_long(void **state)
{
	static const struct {
		struct str trace, body;
		unsigned flags;
	} rows[] = {
		{ STR("a: b\r\n"), STR("c: d\r\n\r\nx\r\n"), 0 },
		{ STR("a: b\r\n"), STR("c: d\r\n\r\n" X1000), ENVELOPE_LONG_BODY },
		{ STR("a: b\r\n"), STR("c: d " X1000 "\r\n\r\nx\r\n"), ENVELOPE_LONG_HEADER },
		{ STR("a: b\r\n"), STR("c: d " X1000), ENVELOPE_LONG_HEADER },
		{ STR("a: " X1000 "\r\n"), STR("c: d\r\n\r\nx\r\n"), ENVELOPE_LONG_HEADER },
		{ STR("a: " X1000 "\r\n"), STR("c: d\r\n\r\n" X1000 "x\r\n"),
		  ENVELOPE_LONG_HEADER | ENVELOPE_LONG_BODY },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct delivery_message m = { .trace = rows[i].trace, .body = rows[i].body };

		check_at(i, fit_flags(&m) == rows[i].flags);
	}
}

static void test_whose_is_converted(void **state)
{
	static const struct {
		struct str body;
		bool ours;
		unsigned flags;
		bool converted;
		const char *queued; /* what the entry is marked as, with a flag of before */
	} rows[] = {
		{ STR("a: b\r\n\r\nx\r\n"), true, 0, false, "" },
		{ STR("a: b\r\n\r\n" X1000), true, 0, true, "" },
		{ STR("a: b\r\n\r\n" X1000), false, 0, false, " long-body" },
		{ STR("a: b\r\n\r\n" X1000), true, ENVELOPE_BINARY, false, " long-body" },
		{ STR("a: " X1000 "\r\n\r\nx"), true, 0, false, " long-header" },
		{ STR(SIGNED), true, 0, false, " long-body" },
	};
	static struct envelope_rcpt to = { .address = { STR("far"), STR("remote.example") } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct delivery_message m = { .envelope.rcpts = &to,
			                      .envelope.rcpt_count = 1,
			                      .body = rows[i].body,
			                      .ours = rows[i].ours,
			                      .envelope.flags = rows[i].flags };
		struct spool room;
		struct town town;
		struct buf all;

		town_open(&town, STORE_MEMORY);
		buf_init(&all, 10000);
		m.envelope.flags |=
			ENVELOPE_LONG_HEADER * (rows[i].queued[0] == '\0'); /* of old: forgotten */
		assert_int_equal(delivery_accept(&town.delivery, &m, NULL), OK);
		town_queue(&town, &all);
		check_at(i, (str_find(buf_str(&all), STR(" long-")) >= 0) ==
		                    (rows[i].queued[0] != '\0'));
		check_at(i, str_find(buf_str(&all), str_of(rows[i].queued)) >= 0);
		spool_init(&room, town.delivery.store, 10000);
		assert_int_equal(fit_own(&town.delivery, &m, &room), OK);
		check_at(i, (m.body.p != rows[i].body.p) == rows[i].converted);
		check_at(i, !rows[i].converted || lines_text_fit(m.body));
		spool_deinit(&room);
		spool_init(&room, town.delivery.store, 5);
		m.body = rows[i].body;
		if (rows[i].converted)
			check_at(i, fit_own(&town.delivery, &m, &room) == ERR_LIMIT);
		spool_deinit(&room);
		buf_deinit(&all);
		town_close(&town);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_long),
		cmocka_unit_test(test_whose_is_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
