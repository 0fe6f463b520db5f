/* tests/unit/mailbox/thread_test.c: which thread an email belongs to (model/mailbox/thread.h). */
#include "foundation/base/arena.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/thread.h"
#include "unit/mailbox/fixture.h"

#include <string.h>

#define REPLY_TO(own, parent, subject) \
	"Message-ID: <" own ">\r\nIn-Reply-To: <" parent ">\r\nSubject: " subject "\r\n\r\n"
#define ROOT "Message-ID: <1@x>\r\nSubject: Plans\r\n\r\n"

static void of(const char *header, struct thread_keys *out)
{
	struct blob_id blob = { { 1 } };

	thread_keys_of(str_of(header), &blob, out);
}

static bool shared(const struct thread_keys *a, const struct thread_keys *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (memcmp(a->keys[i], b->keys[k], THREAD_KEY_BYTES) == 0)
				return true;
	return false;
}

static void same_or_not(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ ROOT, ROOT, true },
		{ ROOT, "Message-ID: <2@x>\r\nReferences: <1@x>\r\nSubject: Re: Plans\r\n\r\n",
		  true },
		{ ROOT,
		  "References: <1@x>\r\n <2@x>\r\nIn-Reply-To: <2@x>\r\n"
		  "Subject: AW: Re: plans\r\n\r\n",
		  false }, /* RFC 5256 2.1 knows no "AW" */
		{ ROOT,
		  "References: <1@x>\r\n <2@x>\r\nIn-Reply-To: <2@x>\r\n"
		  "Subject: [list] Fwd: Re:  PLANS (fwd)\r\n\r\n",
		  true },
		{ ROOT, "In-Reply-To: <1@x>\r\nSubject: re: Pl ans\r\n\r\n", true },
		{ ROOT, "In-Reply-To: <7@x> <1@x>\r\nSubject: Plans\r\n\r\n", true },
		{ ROOT,
		  "In-Reply-To: your letter\r\nReferences: (none)\r\n <1@x>\r\n"
		  "Subject: Plans\r\n\r\n",
		  true },
		{ ROOT, "References: <0@x> <1@x>\r\nSubject: Plans\r\n\r\n", true },
		/* Another subject, another id, no id. */
		{ ROOT, "References: <1@x>\r\nSubject: Lunch\r\n\r\n", false },
		{ ROOT, "Message-ID: <2@x>\r\nSubject: Plans\r\n\r\n", false },
		{ ROOT, "Subject: Plans\r\n\r\n", false },
		{ ROOT, "Message-ID: <1@X>\r\nSubject: Plans\r\n\r\n", false },
		/* An encoded subject. */
		{ "Message-ID: <1@x>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n",
		  "References: <1@x>\r\nSubject: Re: =?iso-8859-1?Q?GR=FC=DFe?=\r\n\r\n", true },
		/* Without an end, and without anything. */
		{ ROOT, "Message-ID: <1@x>\nSubject: Plans", true },
		{ "", "\r\n", true },
		{ "", "Subject: x\r\n\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct thread_keys a, b;

		of(rows[i].a, &a);
		of(rows[i].b, &b);
		check_at(i, shared(&a, &b) == rows[i].same);
	}
}

/* Without any message id the bytes of the message are the id. */
static void without_ids(void **state)
{
	struct blob_id one = { { 1 } }, two = { { 2 } };
	struct thread_keys a, b;

	(void)state;
	thread_keys_of(STR("Subject: x\r\n\r\n"), &one, &a);
	thread_keys_of(STR("Subject: x\r\n\r\n"), &two, &b);
	assert_false(shared(&a, &b));
	thread_keys_of(STR(ROOT), &one, &a);
	thread_keys_of(STR(ROOT), &two, &b);
	assert_true(shared(&a, &b));
}

/* Of a long list the last ones count, each once. */
static void many_references(void **state)
{
	struct thread_keys keys, first, last;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	buf_put(&b, STR("Message-ID: <own@x>\r\nReferences:"));
	for (unsigned i = 1; i <= 100; i++)
		buf_fmt(&b, " <%u@x> <%u@x>", i, i);
	buf_put(&b, STR("\r\n\r\n"));
	thread_keys_of(buf_str(&b), &(struct blob_id){ { 1 } }, &keys);
	of("Message-ID: <1@x>\r\n\r\n", &first);
	of("Message-ID: <100@x>\r\n\r\n", &last);
	assert_true(keys.n > 2 && keys.n <= THREAD_KEYS_MAX);
	assert_false(shared(&keys, &first));
	assert_true(shared(&keys, &last));
	buf_deinit(&b);
}

/* --- In an account ---------------------------------------------------------------------- */

static uint32_t append(const char *header)
{
	struct email_appended out;

	assert_int_equal(mail_do_append(&s, 1, 1, str_of(header), FLAGS(0), &out), OK);
	return out.uid;
}

static uint64_t thread_of(uint32_t uid)
{
	return mail_row(&s, 1, 1, uid).thread;
}

static void remove_row(uint32_t uid)
{
	struct uids uids = { 0 }, gone = { 0 };

	uids_add(&uids, uid, uid);
	assert_int_equal(mail_do_expunge(&s, 1, &(struct email_expunge){ 1, &uids, false }, &gone),
	                 OK);
	uids_deinit(&uids);
	uids_deinit(&gone);
}

/* A reply that names only its parent joins, and one that arrives before its root. */
static void joins(void **state)
{
	uint32_t root = append(ROOT);
	uint32_t reply = append(REPLY_TO("2@x", "1@x", "Re: Plans"));
	uint32_t next = append(REPLY_TO("3@x", "2@x", "Re: Plans"));
	uint32_t other = append(REPLY_TO("4@x", "2@x", "Lunch"));
	uint32_t early = append("Message-ID: <6@x>\r\nReferences: <5@x>\r\nSubject: Early\r\n\r\n");
	uint32_t late = append("Message-ID: <5@x>\r\nSubject: Early\r\n\r\n");

	(void)state;
	assert_int_equal(thread_of(root), mail_row(&s, 1, 1, root).email);
	assert_int_equal(thread_of(reply), thread_of(root));
	assert_int_equal(thread_of(next), thread_of(root));
	assert_int_not_equal(thread_of(other), thread_of(root));
	assert_int_equal(thread_of(late), thread_of(early));
}

/* Keys of removed emails stay as long as the thread: a late reply to one joins it. */
static void keys_pass_on(void **state)
{
	uint32_t root = append(ROOT);
	uint64_t thread = thread_of(root);
	uint32_t reply = append(REPLY_TO("2@x", "1@x", "Re: Plans"));
	uint32_t again;

	(void)state;
	remove_row(root);
	again = append(REPLY_TO("3@x", "1@x", "Re: Plans"));
	assert_int_equal(thread_of(again), thread);
	remove_row(reply);
	remove_row(again);
	assert_int_not_equal(thread_of(append(ROOT)), thread);
}

static enum err thread_has(const struct mail_txn *m, void *arg)
{
	struct thread_list list;
	struct arena a = { 0 };
	enum err e = thread_get(m, *(uint64_t *)arg, &a, &list);

	*(uint64_t *)arg = list.n;
	arena_deinit(&a);
	return e;
}

/* A copy is the same email, in the thread once; the thread ends with the last placement. */
static void copies(void **state)
{
	uint32_t root = append(ROOT);
	struct email_copy what = { .from = 1, .to = 2, .uids = &uids_all };
	struct email_copied out = { 0 };
	uint64_t n = thread_of(root), thread = n;

	(void)state;
	assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), OK);
	assert_int_equal(mail_row(&s, 1, 2, 1).thread, thread);
	remove_row(root);
	assert_int_equal(mail_read(&s, 1, thread_has, &n), OK);
	assert_int_equal(n, 1);
	what = (struct email_copy){ .from = 2, .to = 1, .uids = &uids_all };
	assert_int_equal(mail_do_transfer(&s, 1, &what, true, &out), OK);
	n = thread;
	assert_int_equal(mail_read(&s, 1, thread_has, &n), OK);
	remove_row(2);
	n = thread;
	assert_int_equal(mail_read(&s, 1, thread_has, &n), ERR_MISSING);
	email_copied_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_or_not), cmocka_unit_test(without_ids),
		cmocka_unit_test(many_references), WITH(setup_new, joins),
		WITH(setup_new, keys_pass_on), WITH(setup_new, copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
