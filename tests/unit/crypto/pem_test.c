/* PEM texts, whole and broken. */
#include "harness/check.h"

#include "foundation/base/arena.h"
#include "foundation/base/random.h"
#include "foundation/crypto/pem.h"

#define BLOCK "-----BEGIN THING-----\naGVsbG8=\n-----END THING-----\n"

static void texts(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		size_t count;
	} rows[] = {
		{ "", true, 0 },
		{ "no block here\n", true, 0 },
		{ BLOCK, true, 1 },
		{ "subject=/CN=x\n" BLOCK "\n" BLOCK, true, 2 },   /* openssl s_client -showcerts */
		{ "-----BEGIN THING-----\r\naGVs\r\nbG8=\r\n-----END THING-----", true, 1 },
		{ "-----BEGIN THING-----  \n aGVsbG8= \n-----END THING-----\t\n", true, 1 },
		{ "-----BEGIN THING-----\n-----END THING-----\n", true, 1 },
		{ "-----BEGIN THING-----\naGVsbG8=\n", false, 0 },
		{ "-----BEGIN THING-----\naGVsbG8=\n-----END OTHER-----\n", false, 0 },
		{ "-----BEGIN THING-----\naGV*bG8=\n-----END THING-----\n", false, 0 },
		{ "-----BEGIN THING-----\naGVsbG8\n-----END THING-----\n", false, 0 },
		{ "-----BEGIN THING-----\na=\n-----END THING-----\n", false, 0 },
		{ "-----BEGIN THING-----\n" BLOCK, false, 0 },
		{ BLOCK "-----BEGIN THING-----\n", false, 1 },
		{ "-----BEGIN THING----- x\naGVsbG8=\n", true, 0 },
		{ "-----BEGIN-----\n", true, 0 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pem *blocks;
		size_t count;

		check_at(i, pem_read(str_of(rows[i].in), &a, &blocks, &count) == rows[i].ok);
		check_at(i, count == rows[i].count);
		if (count > 0)
			check_str_at(i, blocks[0].label, STR("THING"));
		if (count > 0 && blocks[0].der.n > 0)
			check_str_at(i, blocks[0].der, STR("hello"));
	}
	arena_deinit(&a);
}

static void truncated_at_every_length(void **state)
{
	struct str text = STR(BLOCK BLOCK);
	struct arena a = { 0 };

	(void)state;
	for (size_t n = 0; n < text.n; n++) {
		struct pem *blocks;
		size_t count;
		bool ok = pem_read(str_sub(text, 0, n), &a, &blocks, &count);

		check_at(n, count <= 2);
		check_at(n, !ok || count < 2 || n == text.n - 1);
	}
	arena_deinit(&a);
}

static void written_is_read(void **state)
{
	char bytes[200];
	struct arena a = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, KIB(16));
	random_bytes(bytes, sizeof bytes);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct str der = str_from(bytes, n);
		struct pem *blocks;
		size_t count;

		buf_reset(&out);
		pem_put(&out, STR("EC PRIVATE KEY"), der);
		check_at(n, pem_read(buf_str(&out), &a, &blocks, &count) && count == 1);
		check_str_at(n, blocks[0].label, STR("EC PRIVATE KEY"));
		check_at(n, str_eq(blocks[0].der, der));
	}
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(truncated_at_every_length),
		cmocka_unit_test(written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
