/* The socket by which a command pokes the running server. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "console/server/control.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static bool count(void *arg, enum control_what what, uint32_t account, struct why *why)
{
	(void)account, (void)why;
	if (what == CONTROL_MAIL)
		atomic_fetch_add((atomic_uint *)arg, 1);
	return true;
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
	assert_false(control_poke_mail(str_of(folder.path), 1)); /* no server runs */
	for (unsigned life = 1; life <= 2; life++) {
		assert_int_equal(control_open(&c, str_of(folder.path), count, &pokes, NULL), OK);
		assert_true(control_poke_mail(str_of(folder.path), 1));
		assert_true(comes_to(&pokes, life));
		control_close(&c);
		assert_null(c);
		control_close(&c);
	}
	assert_int_not_equal(access(temp_path(&folder, "control.sock"), F_OK), 0);
	temp_folder_remove(&folder);
}

static bool note(void *arg, enum control_what what, uint32_t account, struct why *why)
{
	(void)why;
	if (what == CONTROL_MAIL)
		atomic_store((atomic_uint *)arg, account);
	return true;
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
	assert_true(control_poke_mail(str_of(folder.path), 0x01020304));
	assert_true(comes_to(&account, 0x01020304));
	control_close(&c);
	temp_folder_remove(&folder);
}

/* Done when the answer is read; the second change is refused. */
static bool do_slowly(void *arg, enum control_what what, uint32_t account, struct why *why)
{
	bool second;

	(void)what, (void)account;
	usleep(100 * 1000);
	second = atomic_fetch_add((atomic_uint *)arg, 1) == 1;
	if (second)
		(void)fail(why, ERR_IO, "there is no authority");
	return !second;
}

static unsigned open_files(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_ask(void **state)
{
	struct why why = { "" };
	struct temp_folder folder;
	struct control *c = NULL;
	atomic_uint done = 0;
	struct str path;
	unsigned open;

	(void)state;
	temp_folder_make(&folder);
	path = str_of(folder.path);
	assert_int_equal(control_ask(path, CONTROL_SETTINGS, &why), CONTROL_NOBODY);
	assert_int_equal(control_open(&c, path, do_slowly, &done, NULL), OK);
	open = open_files();
	assert_int_equal(control_ask(path, CONTROL_SETTINGS, &why), CONTROL_DONE);
	assert_int_equal(atomic_load(&done), 1);
	assert_int_equal(control_ask(path, CONTROL_SETTINGS, &why), CONTROL_REFUSED);
	assert_string_equal(why.text, "there is no authority");
	assert_int_equal(atomic_load(&done), 2);
	assert_true(control_poke_mail(path, 1)); /* without an answer */
	assert_true(comes_to(&done, 3));
	assert_int_equal(open_files(), open);
	control_close(&c);
	temp_folder_remove(&folder);
}

static void *read_two(void *arg)
{
	const int *fd = arg;
	char byte;

	for (int i = 0; i < 2; i++)
		assert(recv(*fd, &byte, 1, 0) == 1);
	return NULL;
}

/* One that runs and does not read, as a stopped process; one that reads and knows of no
 * answers, as an older server; one that was killed. */
static void test_ask_one_that_does_not_answer(void **state)
{
	struct why why = { "" };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct temp_folder folder;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct str path;
	pthread_t reader;
	time_t began;

	(void)state;
	temp_folder_make(&folder);
	path = str_of(folder.path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s",
	         temp_path(&folder, "control.sock"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	began = time(NULL);
	assert_int_equal(control_ask(path, CONTROL_SETTINGS, &why), CONTROL_SILENT);
	assert_in_range(time(NULL) - began, 1, 10);
	assert_int_equal(pthread_create(&reader, NULL, read_two, &fd), 0);
	began = time(NULL);
	assert_int_equal(control_ask(path, CONTROL_SETTINGS, &why), CONTROL_SILENT);
	assert_in_range(time(NULL) - began, 0, 1);
	pthread_join(reader, NULL);
	close(fd);
	assert_int_equal(control_ask(path, CONTROL_SETTINGS, &why), CONTROL_NOBODY);
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
	assert_true(control_poke_mail(str_of(folder.path), 1));
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
	assert_false(control_poke_mail(str_of(path), 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poke),
		cmocka_unit_test(test_poke_about_mail),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_ask_one_that_does_not_answer),
		cmocka_unit_test(test_socket_gone_or_left_behind),
		cmocka_unit_test(test_folder_that_does_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
