/* tests/harness/check.h: what cmocka lacks: include this instead of cmocka.h. */
#ifndef HARNESS_CHECK_H
#define HARNESS_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foundation/base/str.h"

/* cmocka's macro would swallow fail() of foundation/base/err.h. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

/* Fail with the row's index, so that a table test says which row. */
#define check_at(i, condition)                                              \
	do {                                                                \
		if (!(condition))                                           \
			fail_msg("row %zu: %s", (size_t)(i), #condition);   \
	} while (0)

/* Compare two strs and print both when they differ. */
#define check_str(got, want) check_str_at(0, got, want)
#define check_str_at(i, got, want)                                                        \
	do {                                                                              \
		struct str got_ = (got), want_ = (want);                                  \
		if (!str_eq(got_, want_))                                                 \
			fail_msg("row %zu: got \"%.*s\", want \"%.*s\"", (size_t)(i),     \
			         STR_ARG(got_), STR_ARG(want_));                          \
	} while (0)

#endif
