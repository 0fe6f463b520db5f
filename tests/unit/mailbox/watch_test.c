/* tests/unit/mailbox/watch_test.c: announcements reach who watches, in order, and nobody
 * who has stopped; also while others write. */
#include "model/mailbox/url_key.h"
#include "unit/mailbox/fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static int setup(void **state)
{
	setup_new(state);
	assert_int_equal(mail_do_provision(&s, 1 + 256), OK); /* same list of watches */
	return 0;
}

struct heard {
	unsigned n;
	uint32_t mailbox;
	uint64_t modseq;
};

static void on_change(void *arg, uint32_t mailbox, uint64_t modseq)
{
	struct heard *h = arg;

	assert_true(modseq >= h->modseq);
	h->n++;
	h->mailbox = mailbox;
	h->modseq = modseq;
}

static void append(uint32_t account, uint32_t mailbox)
{
	assert_int_equal(mail_do_append(&s, account, mailbox, STR("x"), FLAGS(0), NULL), OK);
}

static void told(void **state)
{
	(void)state;
	struct heard a = { 0 }, b = { 0 }, other = { 0 };
	struct watch *wa = watch_add(s.mailboxes.watches, 1, on_change, &a);
	struct watch *wb = watch_add(s.mailboxes.watches, 1, on_change, &b);
	struct watch *wo = watch_add(s.mailboxes.watches, 257, on_change, &other);
	struct email_copy move = { .from = 2, .to = 1, .uids = &uids_all };
	struct email_copied out = { 0 };
	uint64_t modseq;

	append(1, 2);
	assert_true(a.n == 1 && b.n == 1 && other.n == 0);
	assert_int_equal(a.mailbox, 2);
	modseq = mail_box(&s, 1, "Drafts").modseq;
	assert_int_equal(a.modseq, modseq);
	watch_remove(&wb);
	assert_null(wb);
	watch_remove(&wb);
	assert_int_equal(mail_do_transfer(&s, 1, &move, true, &out), OK);
	assert_true(a.n == 3 && b.n == 1); /* both mailboxes */
	assert_int_equal(a.modseq, modseq + 1);
	/* What changes nothing, and what fails, is not told. */
	assert_int_equal(mail_do_transfer(&s, 1, &move, true, &out), OK);
	assert_int_equal(mail_do_create(&s, 1, "INBOX"), ERR_CONFLICT);
	assert_int_equal(a.n, 3);
	append(257, 1);
	assert_true(a.n == 3 && other.n == 1);
	watches_notify(s.mailboxes.watches, 257, 0, 99);
	assert_true(other.n == 2 && other.mailbox == 0);
	watches_notify(NULL, 257, 0, 99);
	email_copied_deinit(&out);
	watch_remove(&wa);
	watch_remove(&wo);
}

static void on_keys(void *arg, uint32_t who, uint32_t mailbox)
{
	struct heard *h = arg;

	h->n++;
	h->mailbox = 1000 * who + mailbox;
}

/* Person 1 of the mail of 1, and person 2 of it. */
static enum err keys_change(const struct mail_txn *m, void *arg)
{
	const uint8_t key[URL_KEY_BYTES] = { 1 };
	struct mail_txn other = *m;
	enum err e = url_key_set(m, 2, key); /* nobody is told of the first one */

	(void)arg;
	other.who = 2;
	e = e ? e : url_key_reset(m, 1, key);
	return e ? e : url_key_reset(&other, 1, key);
}

static enum err keys_erase(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return url_keys_erase(m);
}

static void keys_told(void **state)
{
	struct heard mail = { 0 }, keys = { 0 }, none = { 0 };
	struct watch *w = watch_add_keys(s.mailboxes.watches, 1, on_change, on_keys, &keys);
	struct watch *other = watch_add_keys(s.mailboxes.watches, 257, on_change, on_keys, &none);
	struct watch *plain = watch_add(s.mailboxes.watches, 1, on_change, &mail);

	(void)state;
	s.who = 1;
	assert_int_equal(mail_write(&s, 1, keys_change, NULL), OK);
	assert_int_equal(keys.n, 2);
	assert_int_equal(keys.mailbox, 2001);
	assert_int_equal(mail_write(&s, 1, keys_erase, NULL), OK);
	assert_int_equal(keys.n, 4);
	assert_int_equal(keys.mailbox, 1002);
	assert_int_equal(mail_write(&s, 1, keys_erase, NULL), OK);
	assert_true(keys.n == 4 && mail.n == 0 && none.n == 0);
	watch_remove(&w);
	watch_remove(&other);
	watch_remove(&plain);
}

/* A watch that is removed is not called again, however many write: its argument is dead. */
enum { WRITERS = 3, APPENDS = 40, ROUNDS = 300 };

static void *writer(void *arg)
{
	(void)arg;
	for (int i = 0; i < APPENDS; i++)
		append(1, 1);
	return NULL;
}

struct guarded {
	atomic_bool alive;
	atomic_uint calls;
};

static void on_guarded(void *arg, uint32_t mailbox, uint64_t modseq)
{
	struct guarded *g = arg;

	(void)mailbox, (void)modseq;
	assert_true(atomic_load(&g->alive));
	atomic_fetch_add(&g->calls, 1);
}

static void removed_under_load(void **state)
{
	(void)state;
	pthread_t threads[WRITERS];
	struct guarded always = { true, 0 };
	struct watch *w = watch_add(s.mailboxes.watches, 1, on_guarded, &always);

	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, writer, NULL), 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct guarded g = { true, 0 };
		struct watch *brief = watch_add(s.mailboxes.watches, 1, on_guarded, &g);

		watch_remove(&brief);
		atomic_store(&g.alive, false);
	}
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(always.calls, WRITERS * APPENDS);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, WRITERS * APPENDS);
	watch_remove(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(told),
		TEST(keys_told),
		TEST(removed_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
