/* tests/unit/mailbox/thread_id_test.c: which conversation an email belongs to
 * (model/mailbox/thread_id.h). */
#include "harness/check.h"
#include "harness/mail_store.h"
#include "model/mailbox/thread_id.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "model/mailbox/records.h"
#include "model/store/store.h"

#include <string.h>

#define ROOT "Message-ID: <1@x>\r\nSubject: Plans\r\n\r\n"

static void of(const char *header, uint8_t id[THREAD_ID_BYTES])
{
	struct blob_id blob = { { 1 } };

	thread_id_of(str_of(header), &blob, id);
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
		{ ROOT,
		  "In-Reply-To: your letter\r\nReferences: (none)\r\n <1@x>\r\n"
		  "Subject: Plans\r\n\r\n",
		  true },
		/* Another subject, another root, an empty one. */
		{ ROOT, "References: <1@x>\r\nSubject: Lunch\r\n\r\n", false },
		{ ROOT, "References: <0@x> <1@x>\r\nSubject: Plans\r\n\r\n", false },
		{ ROOT, "Message-ID: <2@x>\r\nSubject: Plans\r\n\r\n", false },
		{ ROOT, "Subject: Plans\r\n\r\n", false },
		{ ROOT, "Message-ID: <1@X>\r\nSubject: Plans\r\n\r\n", false },
		/* In words of others, encoded or not. */
		{ "Message-ID: <1@x>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n",
		  "References: <1@x>\r\nSubject: Re: =?iso-8859-1?Q?GR=FC=DFe?=\r\n\r\n", true },
		/* Without an end, and without anything. */
		{ ROOT, "Message-ID: <1@x>\nSubject: Plans", true },
		{ "", "\r\n", true },
		{ "", "Subject: x\r\n\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t a[THREAD_ID_BYTES], b[THREAD_ID_BYTES];

		of(rows[i].a, a);
		of(rows[i].b, b);
		check_at(i, (memcmp(a, b, sizeof(a)) == 0) == rows[i].same);
	}
}

/* Without any message id the bytes of the message are the root. */
static void without_ids(void **state)
{
	struct blob_id one = { { 1 } }, two = { { 2 } };
	uint8_t a[THREAD_ID_BYTES], b[THREAD_ID_BYTES];

	(void)state;
	thread_id_of(STR("Subject: x\r\n\r\n"), &one, a);
	thread_id_of(STR("Subject: x\r\n\r\n"), &two, b);
	assert_memory_not_equal(a, b, sizeof(a));
	thread_id_of(STR(ROOT), &one, a);
	thread_id_of(STR(ROOT), &two, b);
	assert_memory_equal(a, b, sizeof(a));
}

/* A record of the form without threads has the thread of its bytes. */
struct compared {
	uint64_t email;
	uint8_t kept[THREAD_ID_BYTES], made[THREAD_ID_BYTES];
};

static enum err compare(const struct mail_txn *m, void *arg)
{
	struct compared *x = arg;
	struct email email, old;
	struct arena a = { 0 };
	struct buf record;
	enum err e = email_get(m, x->email, &email);

	if (e || (e = email_describe(m, &a, &email)) || (e = thread_id_get(m, &email, x->kept)))
		return e;
	assert_int_equal(email.thread.n, THREAD_ID_BYTES);
	buf_init(&record, 4096);
	email.packed = STR_EMPTY;
	email_pack(&record, &email);
	record.p[0] = 1;
	buf_cut(&record, record.n - 1 - THREAD_ID_BYTES);
	assert_true(email_unpack(buf_str(&record), &old));
	assert_int_equal(old.thread.n, 0);
	e = thread_id_get(m, &old, x->made);
	buf_deinit(&record);
	arena_deinit(&a);
	return e;
}

static void of_an_old_record(void **state)
{
	struct email_appended out = { 0 };
	struct compared x = { 0 };
	struct mail_store s;
	uint32_t inbox;

	(void)state;
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(mail_do_provision(&s, 7), OK);
	inbox = mail_box(&s, 7, "INBOX").id;
	assert_int_equal(
		mail_do_append(&s, 7, inbox, STR(ROOT "References: <no@x>\r\n"), FLAGS(0), &out),
		OK);
	x.email = out.email;
	assert_int_equal(mail_read(&s, 7, compare, &x), OK);
	assert_memory_equal(x.kept, x.made, sizeof(x.kept));
	mail_store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_or_not),
		cmocka_unit_test(without_ids),
		cmocka_unit_test(of_an_old_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
