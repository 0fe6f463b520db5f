/* DER: the reader's strictness, and that it reads what the writer wrote. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/der.h"

#include <string.h>

static void elements(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		size_t left;
	} rows[] = {
		{ { "\x04\x00", 2 }, true, 0 },
		{ { "\x04\x02" "ab" "c", 5 }, true, 1 },
		{ { "\x04\x03" "ab", 4 }, false, 4 },           /* runs past the end       */
		{ { "\x05\x00", 2 }, false, 2 },                /* another tag             */
		{ { "\x04\x81\x01" "a", 4 }, false, 4 },        /* X.690 10.1: not shortest */
		{ { "\x04\x82\x00\x80", 4 }, false, 4 },
		{ { "\x04\x80" "a\0\0", 5 }, false, 5 },        /* indefinite              */
		{ { "\x04\x85\0\0\0\0\1", 7 }, false, 7 },
		{ { "\x04\x84\xff\xff\xff\xff", 6 }, false, 6 },
		{ { "\x1f\x81\x01\x00", 4 }, false, 4 },        /* long tag                */
		{ { "\x04", 1 }, false, 1 },
		{ { "", 0 }, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(rows[i].in);
		struct str contents;

		check_at(i, der_take(&c, DER_OCTET_STRING, &contents) == rows[i].ok);
		check_at(i, cur_left(&c) == rows[i].left);
	}
}

static void integers(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		struct str magnitude;
	} rows[] = {
		{ { "\x02\x01\x00", 3 }, true, { "", 0 } },
		{ { "\x02\x01\x7f", 3 }, true, { "\x7f", 1 } },
		{ { "\x02\x02\x00\x80", 4 }, true, { "\x80", 1 } },
		{ { "\x02\x01\x80", 3 }, false, { "", 0 } }, /* negative */
		{ { "\x02\x00", 2 }, false, { "", 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(rows[i].in);
		struct str n;

		check_at(i, der_unsigned(&c, &n) == rows[i].ok);
		if (rows[i].ok)
			check_str_at(i, n, rows[i].magnitude);
	}
}

static void times(void **state)
{
	static const struct {
		const char *in;
		int64_t s; /* -1: refused */
	} rows[] = {
		{ "\x17\x0d" "700101000000Z", 0 },
		{ "\x17\x0d" "000229235959Z", 951868799 },
		{ "\x17\x0d" "491231235959Z", 2524607999 },
		{ "\x17\x0d" "991231235959Z", 946684799 },
		{ "\x18\x0f" "20500101000000Z", 2524608000 },
		{ "\x18\x0f" "99991231235959Z", 253402300799 }, /* RFC 5280 4.1.2.5: no end */
		{ "\x18\x0f" "19000101000000Z", -1 },
		{ "\x17\x0d" "701301000000Z", -1 },
		{ "\x17\x0d" "700100000000Z", -1 },
		{ "\x17\x0d" "700101240000Z", -1 },
		{ "\x17\x0c" "70010100000Z", -1 },
		{ "\x17\x0b" "7001010000Z", -1 },               /* without seconds */
		{ "\x17\x11" "700101000000+0100", -1 },
		{ "\x17\x0d" "70010100000xZ", -1 },
		{ "\x04\x0d" "700101000000Z", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		int64_t ms = 0;

		check_at(i, der_time(&c, &ms) == (rows[i].s >= 0));
		check_at(i, rows[i].s < 0 || ms == rows[i].s * 1000);
	}
}

/* Every day from 1970 to 2150 is written in its form and read back. */
static void times_come_back(void **state)
{
	char room[32];

	(void)state;
	for (int64_t day = 0; day < 366 * 180; day++) {
		struct der_writer w = der_writer_of(room, sizeof room);
		int64_t ms = (day * 86400 + day % 86400) * 1000, back = 0;
		struct cur c;

		der_put_time(&w, ms);
		c = cur_of(der_written(&w));
		check_at(day, der_time(&c, &back) && back == ms);
		check_at(day, cur_done(&c));
	}
}

/* Lengths around each change of form: 127/128, 255/256, 65535/65536. */
static void written_is_read(void **state)
{
	static const size_t rows[] = { 0, 1, 127, 128, 129, 255, 256, 257, 65535, 65536, 70000 };
	struct arena a = { 0 };
	char *room = arena_alloc(&a, 80000);
	char *bytes = arena_alloc(&a, 80000);

	(void)state;
	memset(bytes, 0xc3, 80000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str data = str_from(bytes, rows[i]), got;
		struct der_writer w = der_writer_of(room, 80000);
		struct cur c, in;

		der_put_bits(&w, data);
		der_put_unsigned(&w, data);
		der_put(&w, DER_OCTET_STRING, data.n > 20000 ? STR_EMPTY : data);
		der_wrap(&w, DER_SEQUENCE, 0);
		if (rows[i] * 2 > 79000) {
			check_at(i, w.over && der_written(&w).n == 0);
			continue;
		}
		c = cur_of(der_written(&w));
		check_at(i, der_enter(&c, DER_SEQUENCE, &in) && cur_done(&c));
		check_at(i, der_take(&in, DER_OCTET_STRING, &got));
		check_at(i, der_unsigned(&in, &got) && str_eq(got, data));
		check_at(i, der_bits(&in, &got) && str_eq(got, data));
		check_at(i, cur_done(&in));
	}
	arena_deinit(&a);
}

/* Whatever room there is, the writer stays inside and says when it did not do. */
static void writer_overflows_cleanly(void **state)
{
	char room[24] = { 0 };

	(void)state;
	for (size_t n = 0; n < 20; n++) {
		struct der_writer w = der_writer_of(room + 2, n);

		der_put(&w, DER_OCTET_STRING, STR("0123456789"));
		der_wrap(&w, DER_SEQUENCE, 0);
		check_at(n, w.over == (n < 14));
		check_at(n, der_written(&w).n == (n < 14 ? 0 : 14));
		check_at(n, room[1] == 0 && room[2 + n] == 0);
		memset(room, 0, sizeof room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements),          cmocka_unit_test(integers),
		cmocka_unit_test(times),             cmocka_unit_test(times_come_back),
		cmocka_unit_test(written_is_read),   cmocka_unit_test(writer_overflows_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
