/* tests/unit/server/certificate_test.c: a certificate about to expire is told once a day. */
#include "console/server/certificate.h"
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "network/tls/cert.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const int64_t day_ms = 86400 * 1000;

/* The lines of the log so far that have this in them. */
static unsigned logged(int fd, const char *what)
{
	char text[8192];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	unsigned count = 0;

	assert_true(n >= 0);
	text[n] = '\0';
	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		count++;
	return count;
}

static void test_expiry(void **state)
{
	static const struct {
		int shift_days;  /* from the row before */
		unsigned warned; /* times so far */
		const char *last;
	} rows[] = {
		{ 0, 0, NULL },      { 3652 - 15, 0, NULL }, /* x509_self_signed's ten years */
		{ 3, 1, " days=1" }, { 0, 1, NULL },         /* the same day */
		{ 1, 2, NULL },      { 20, 3, " days=0" },   /* expired */
	};
	struct settings settings = { 0 };
	struct certs *certs = certs_new();
	int log_fd = memfd_create("log", MFD_CLOEXEC);
	struct temp_store ts;
	int64_t told_ms = 0, shift_ms = 0;

	(void)state;
	event_fd_set(log_fd);
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(
		certificate_load(certs, ts.store, &settings, STR("mail.example.org"), NULL), OK);
	assert_int_equal(logged(log_fd, " certificate_loaded from=self-signed expires=20"), 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		clock_shift_real(rows[i].shift_days * day_ms);
		shift_ms += rows[i].shift_days * day_ms;
		certificate_expiry_check(certs, &told_ms);
		certificate_expiry_check(certs, &told_ms);
		check_at(i, logged(log_fd, " warn certificate_expiring ") == rows[i].warned);
		if (rows[i].last != NULL)
			check_at(i, logged(log_fd, rows[i].last) != 0);
	}
	clock_shift_real(-shift_ms);
	event_fd_set(STDERR_FILENO);
	certs_free(certs);
	close(log_fd);
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
