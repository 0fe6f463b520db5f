/* Questions that are given up when the server stops, and those that are not. */
#include "harness/check.h"

#include "base/clock.h"
#include "report/out_dns.h"

#include <pthread.h>

/* Answers so many milliseconds after it was first asked. */
static int64_t begun_ms, takes_ms;
static enum dns_status says;
static unsigned asked;

static enum dns_status slow_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	(void)a;
	(void)name;
	asked++;
	*out = (struct dns_text_list){ .count = 0 };
	while (clock_mono_ms() < begun_ms + takes_ms) {
		if (clock_mono_ms() >= deadline_ms)
			return DNS_RETRY;
		clock_sleep_ms(5);
	}
	return says;
}

static const struct dns_ops slow_ops = { .txt = slow_txt };
static struct dns slow = { &slow_ops };
static atomic_bool stop;

/* The answer, and how long it took. */
static enum dns_status ask(int64_t takes, enum dns_status answer, int64_t patience_ms,
                           int64_t *took_ms)
{
	struct dns_text_list list;
	struct arena a = { 0 };
	struct out_dns o;
	enum dns_status s;

	begun_ms = clock_mono_ms();
	takes_ms = takes;
	says = answer;
	asked = 0;
	out_dns_init(&o, &slow, &stop);
	s = dns_txt(&o.dns, &a, STR("a.example"), begun_ms + patience_ms, &list);
	*took_ms = clock_mono_ms() - begun_ms;
	arena_deinit(&a);
	return s;
}

static void *stop_soon(void *arg)
{
	clock_sleep_ms(50);
	atomic_store(&stop, true);
	return arg;
}

static void test_answers(void **state)
{
	int64_t took_ms;

	(void)state;
	atomic_store(&stop, false);
	assert_int_equal(ask(0, DNS_NODATA, 60000, &took_ms), DNS_NODATA);
	assert_int_equal(asked, 1);
	assert_int_equal(ask(0, DNS_RETRY, 60000, &took_ms), DNS_RETRY); /* it has answered so */
	assert_int_equal(asked, 1);
	assert_int_equal(ask(600, DNS_OK, 60000, &took_ms), DNS_OK);
	assert_true(took_ms >= 600 && asked > 1);
	assert_int_equal(ask(60000, DNS_OK, 400, &took_ms), DNS_RETRY);
	assert_true(took_ms >= 400);
}

static void test_stop(void **state)
{
	pthread_t thread;
	int64_t took_ms;

	(void)state;
	atomic_store(&stop, false);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
	assert_int_equal(ask(60000, DNS_OK, 60000, &took_ms), DNS_RETRY);
	assert_true(took_ms < 20000);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
