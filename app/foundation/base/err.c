/* foundation/base/err.c: see err.h. */
#include "foundation/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum err fail(struct why *why, enum err e, const char *fmt, ...)
{
	va_list args;

	if (why == NULL)
		return e;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, args);
	va_end(args);
	return e;
}

static enum err err_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case ENOENT:
		return ERR_MISSING;
	default:
		return ERR_IO;
	}
}

enum err fail_errno(struct why *why, const char *fmt, ...)
{
	int number = errno;
	va_list args;
	size_t n;

	if (why != NULL) {
		va_start(args, fmt);
		vsnprintf(why->text, sizeof why->text, fmt, args);
		va_end(args);
		n = strlen(why->text);
		snprintf(why->text + n, sizeof why->text - n, ": %s", strerror(number));
	}
	return err_of_errno(number);
}

enum err fail_about(struct why *why, enum err e, const char *about)
{
	struct why said;

	if (why == NULL)
		return e;
	said = *why;
	return fail(why, e, "%s: %s", about, err_words(e, &said));
}

const char *err_words(enum err e, const struct why *why)
{
	return why->text[0] != '\0' ? why->text : err_name(e);
}

const char *err_name(enum err e)
{
	static const char *const names[] = {
		[OK] = "ok",
		[ERR_SYNTAX] = "syntax",
		[ERR_LIMIT] = "limit",
		[ERR_MISSING] = "missing",
		[ERR_DENIED] = "denied",
		[ERR_CONFLICT] = "conflict",
		[ERR_RETRY] = "retry",
		[ERR_FULL] = "full",
		[ERR_IO] = "io",
		[ERR_CORRUPT] = "corrupt",
	};

	return (size_t)e < COUNT(names) ? names[e] : "unknown";
}
