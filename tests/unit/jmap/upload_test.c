/* tests/unit/jmap/upload_test.c: uploads share blobs with mail; an expired one drops
 * one reference. */
#include "harness/check.h"
#include "harness/jmap_todo.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/blobs/blob.h"

#define MESSAGE "Subject: kept\r\n\r\nbytes that are uploaded and stored\r\n"

static struct str upload(struct todo_server *s)
{
	struct why why;
	struct str id;

	assert_int_equal(jmap_upload_add(&s->jmap, &s->caller, STR(MESSAGE), STR("message/rfc822"),
	                                 &s->arena, &id, &why),
	                 OK);
	return id;
}

static enum err read_back(struct todo_server *s, struct str id)
{
	struct buf out;
	enum err e;

	buf_init(&out, 1000);
	e = jmap_blob_read(&s->jmap, &s->caller, id, &s->arena, &out, NULL);
	if (e == OK)
		check_str(buf_str(&out), STR(MESSAGE));
	buf_deinit(&out);
	return e;
}

static void expiry(void **state)
{
	int64_t later = clock_real_ms() + 2 * LIMIT_jmap_upload_s * (int64_t)1000, next_ms = 0;
	struct email_appended out;
	struct todo_server s;
	struct str one, two, stored;

	(void)state;
	todo_server_open(&s);
	assert_int_equal(mail_do_provision(&s.mail, 1), OK);
	one = upload(&s);
	two = upload(&s);
	assert_int_equal(mail_do_append(&s.mail, 1, mail_box(&s.mail, 1, "INBOX").id, STR(MESSAGE),
	                                FLAGS(0), &out),
	                 OK);
	stored = jmap_blob_of_email(&s.arena, 1, out.email);
	assert_int_equal(jmap_uploads_expire(s.jmap.store, clock_real_ms(), &next_ms), OK);
	assert_true(next_ms > clock_real_ms());
	assert_int_equal(read_back(&s, one), OK);
	assert_int_equal(jmap_uploads_expire(s.jmap.store, later, &next_ms), OK);
	assert_int_equal(next_ms, 0);
	assert_int_equal(read_back(&s, one), ERR_MISSING);
	assert_int_equal(read_back(&s, two), ERR_MISSING);
	assert_int_equal(read_back(&s, stored), OK);
	mail_store_fsck(&s.mail);
	todo_server_close(&s);
}

static void of_others(void **state)
{
	struct todo_server s;
	struct str id;

	(void)state;
	todo_server_open(&s);
	id = upload(&s);
	s.caller.account = 2;
	assert_int_equal(read_back(&s, id), ERR_MISSING);
	s.caller.account = 1;
	assert_int_equal(read_back(&s, id), OK);
	todo_server_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expiry),
		cmocka_unit_test(of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
