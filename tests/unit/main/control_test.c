/* The socket by which a command pokes the running server. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "main/control.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static void count(void *arg, enum control_what what, uint32_t account)
{
	assert(account == 0);
	if (what == CONTROL_QUEUE)
		atomic_fetch_add((atomic_uint *)arg, 1);
}

static bool comes_to(atomic_uint *pokes, unsigned n)
{
	for (int i = 0; i < 1000 && atomic_load(pokes) < n; i++)
		usleep(1000);
	return atomic_load(pokes) == n;
}

static void test_poke(void **state)
{
	struct temp_folder folder;
	struct control *c = NULL;
	atomic_uint pokes = 0;

	(void)state;
	temp_folder_make(&folder);
	control_poke(str_of(folder.path), CONTROL_QUEUE); /* nobody is there */
	for (unsigned life = 1; life <= 2; life++) {
		assert_int_equal(control_open(&c, str_of(folder.path), count, &pokes, NULL), OK);
		control_poke(str_of(folder.path), CONTROL_QUEUE);
		assert_true(comes_to(&pokes, life));
		control_close(&c);
		assert_null(c);
		control_close(&c);
	}
	assert_int_not_equal(access(temp_path(&folder, "control.sock"), F_OK), 0);
	temp_folder_remove(&folder);
}

static void note(void *arg, enum control_what what, uint32_t account)
{
	if (what == CONTROL_MAIL)
		atomic_store((atomic_uint *)arg, account);
}

static void test_poke_about_mail(void **state)
{
	struct temp_folder folder;
	struct control *c = NULL;
	atomic_uint account = 0;

	(void)state;
	temp_folder_make(&folder);
	assert_false(control_poke_mail(str_of(folder.path), 7)); /* nobody is there */
	assert_int_equal(control_open(&c, str_of(folder.path), note, &account, NULL), OK);
	control_poke(str_of(folder.path), CONTROL_MAIL); /* of nobody: passed over */
	assert_true(control_poke_mail(str_of(folder.path), 0x01020304));
	assert_true(comes_to(&account, 0x01020304));
	control_close(&c);
	temp_folder_remove(&folder);
}

/* A server can be stopped when its folder was emptied under it, and opens in place of one that
 * was killed. */
static void test_socket_gone_or_left_behind(void **state)
{
	struct temp_folder folder;
	struct control *c = NULL, *second = NULL;
	atomic_uint pokes = 0;

	(void)state;
	temp_folder_make(&folder);
	assert_int_equal(control_open(&c, str_of(folder.path), count, &pokes, NULL), OK);
	unlink(temp_path(&folder, "control.sock"));
	control_close(&c);
	assert_int_equal(control_open(&c, str_of(folder.path), count, &pokes, NULL), OK);
	assert_int_equal(control_open(&second, str_of(folder.path), count, &pokes, NULL), OK);
	control_poke(str_of(folder.path), CONTROL_QUEUE);
	assert_true(comes_to(&pokes, 1));
	control_close(&c);
	control_close(&second);
	temp_folder_remove(&folder);
}

static void test_folder_that_does_not_do(void **state)
{
	static char path[200];
	struct control *c;
	struct why why = { "" };

	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[0] = '/';
	assert_int_equal(control_open(&c, str_of(path), count, NULL, &why), ERR_LIMIT);
	assert_null(c);
	assert_true(strstr(why.text, "too long") != NULL);
	assert_int_not_equal(control_open(&c, STR("/nowhere/at/all"), count, NULL, &why), OK);
	assert_null(c);
	control_poke(str_of(path), CONTROL_QUEUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poke),
		cmocka_unit_test(test_poke_about_mail),
		cmocka_unit_test(test_socket_gone_or_left_behind),
		cmocka_unit_test(test_folder_that_does_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
