/* block: the release binary's memcpy, memmove and memcmp, against libc's. */
#include "harness/check.h"

#include "foundation/base/block.h"
#include "foundation/base/mem.h"

#include <string.h>

enum { LONGEST = 300, SHIFTS = 9 };

static void fill(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(7 * i + 1);
}

/* The memory is as long as it must be, so that the sanitizer sees one byte too many. */
static void copies_every_length(void **state)
{
	(void)state;
	for (size_t n = 0; n <= LONGEST; n++) {
		for (size_t at = 0; at < SHIFTS; at++) {
			unsigned char *from = mem_new(at + n), *to = mem_new(at + n);

			fill(from, at + n);
			assert_ptr_equal(block_copy(to + at, from + at, n), to + at);
			assert_memory_equal(to + at, from + at, n);
			for (size_t i = 0; i < at; i++)
				assert_int_equal(to[i], 0);
			mem_free(from);
			mem_free(to);
		}
	}
}

static void moves_over_itself(void **state)
{
	unsigned char want[2 * LONGEST], got[2 * LONGEST];

	(void)state;
	for (size_t n = 0; n <= LONGEST; n++) {
		for (size_t from = 0; from + n <= sizeof got && from < 140; from += 3) {
			for (size_t to = 0; to + n <= sizeof got && to < 140; to += 7) {
				fill(want, sizeof want);
				fill(got, sizeof got);
				memmove(want + to, want + from, n);
				assert_ptr_equal(block_move(got + to, got + from, n), got + to);
				assert_memory_equal(got, want, sizeof got);
			}
		}
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void compares_as_unsigned_bytes(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };

	(void)state;
	for (size_t n = 0; n <= 70; n++) {
		unsigned char *a = mem_new(n), *b = mem_new(n);

		fill(a, n);
		fill(b, n);
		assert_int_equal(block_compare(a, b, n), 0);
		for (size_t i = 0; i < n; i++) {
			for (size_t v = 0; v < sizeof values; v++) {
				unsigned char was = b[i], last = b[n - 1];

				b[n - 1] = (unsigned char)~a[n - 1]; /* the first one counts */
				b[i] = values[v];
				assert_int_equal(sign(block_compare(a, b, n)),
				                 sign(memcmp(a, b, n)));
				b[n - 1] = last;
				b[i] = was;
			}
		}
		mem_free(a);
		mem_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_every_length),
		cmocka_unit_test(moves_over_itself),
		cmocka_unit_test(compares_as_unsigned_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
