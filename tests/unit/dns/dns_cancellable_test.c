/* Questions that are given up when the gate is closed, and those that are not. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "network/dns/cancellable.h"

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
static atomic_bool closed;

/* The answer, and how long it took. */
static enum dns_status ask(int64_t takes, enum dns_status answer, int64_t patience_ms,
                           int64_t *took_ms)
{
	struct dns_text_list list;
	struct arena a = { 0 };
	struct dns_cancellable g;
	enum dns_status s;

	begun_ms = clock_mono_ms();
	takes_ms = takes;
	says = answer;
	asked = 0;
	dns_cancellable_init(&g, &slow, &closed);
	s = dns_txt(&g.dns, &a, STR("a.example"), begun_ms + patience_ms, &list);
	*took_ms = clock_mono_ms() - begun_ms;
	arena_deinit(&a);
	return s;
}

static void *close_soon(void *arg)
{
	clock_sleep_ms(50);
	atomic_store(&closed, true);
	return arg;
}

static void test_answers(void **state)
{
	int64_t took_ms;

	(void)state;
	atomic_store(&closed, false);
	assert_int_equal(ask(0, DNS_NODATA, 60000, &took_ms), DNS_NODATA);
	assert_int_equal(asked, 1);
	assert_int_equal(ask(0, DNS_RETRY, 60000, &took_ms), DNS_RETRY); /* it has answered so */
	assert_int_equal(asked, 1);
	assert_int_equal(ask(600, DNS_OK, 60000, &took_ms), DNS_OK);
	assert_true(took_ms >= 600 && asked > 1);
	assert_int_equal(ask(60000, DNS_OK, 400, &took_ms), DNS_RETRY);
	assert_true(took_ms >= 400);
}

static void test_closed(void **state)
{
	pthread_t thread;
	int64_t took_ms;

	(void)state;
	atomic_store(&closed, false);
	assert_int_equal(pthread_create(&thread, NULL, close_soon, NULL), 0);
	assert_int_equal(ask(60000, DNS_OK, 60000, &took_ms), DNS_RETRY);
	assert_true(took_ms < 20000);
	pthread_join(thread, NULL);
	assert_int_equal(ask(0, DNS_OK, 60000, &took_ms), DNS_RETRY);
	assert_int_equal(asked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
