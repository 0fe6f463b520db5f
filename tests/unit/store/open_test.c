/* tests/unit/store/open_test.c: opening, roles, the folder and the format's version.
 * Slow: it opens and closes stores on the disk many times. */
#include "foundation/base/fault.h"
#include "foundation/base/pack.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/folder.h"
#include "model/store/kv.h"
#include "model/store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct temp_folder folder;

static int setup(void **state)
{
	(void)state;
	temp_folder_make(&folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	temp_folder_remove(&folder);
	return 0;
}

static enum err open_as(enum store_role role, bool create, struct store **s, struct why *why)
{
	struct store_config config = { .role = role,
		                       .folder = temp_path(&folder, "data"),
		                       .create = create };

	return store_open(s, &config, why);
}

static enum err put_mark(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_DOMAIN, STR("example.org"), STR("mark"));
}

static enum err see_mark(struct txn *t, void *arg)
{
	(void)arg;
	return kv_get(t, SPACE_DOMAIN, STR("example.org"), NULL);
}

static void test_create(void **state)
{
	struct store *s = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(open_as(STORE_TOOL, false, &s, NULL), ERR_MISSING);
	assert_null(s);
	assert_int_equal(open_as(STORE_VIEW, true, &s, NULL), ERR_MISSING);
	assert_int_equal(open_as(STORE_SERVER, false, &s, NULL), OK);
	assert_int_equal(store_write(s, put_mark, NULL, NULL), OK);
	store_close(&s);
	assert_null(s);
	assert_int_equal(stat(temp_path(&folder, "data"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(temp_path(&folder, "data/roost.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	for (enum store_role role = STORE_SERVER; role <= STORE_VIEW; role++) {
		check_at(role, open_as(role, false, &s, NULL) == OK);
		check_at(role, store_read(s, see_mark, NULL) == OK);
		check_at(role, store_write(s, put_mark, NULL, NULL) ==
		                       (role == STORE_VIEW ? ERR_DENIED : OK));
		store_close(&s);
	}
}

static void test_one_server(void **state)
{
	struct store *s = NULL;
	struct why why = { "" };
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		struct store *other = NULL;
		bool ok = open_as(STORE_SERVER, true, &other, NULL) == ERR_CONFLICT &&
		          open_as(STORE_TOOL, false, &other, NULL) == OK &&
		          store_write(other, put_mark, NULL, NULL) == OK;

		store_close(&other);
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(store_read(s, see_mark, NULL), OK);
	store_close(&s);
	assert_int_equal(open_as(STORE_SERVER, true, &s, &why), OK);
	store_close(&s);
}

static enum err see_alone(struct txn *t, void *arg)
{
	*(bool *)arg = txn_is_alone(t);
	return OK;
}

/* A command knows whether a server has the folder, and is in nobody's way by asking. */
static void test_alone(void **state)
{
	struct store *s = NULL;
	bool alone = true;
	int fd;

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	assert_int_equal(store_write(s, see_alone, &alone, NULL), OK);
	assert_false(alone); /* a server is not asked */
	store_close(&s);
	assert_int_equal(open_as(STORE_TOOL, false, &s, NULL), OK);
	assert_int_equal(store_write(s, see_alone, &alone, NULL), OK);
	assert_true(alone);
	assert_int_equal(folder_open(temp_path(&folder, "data"), false, &fd, NULL), OK);
	assert_int_equal(folder_lock(fd, "data", NULL), OK);
	assert_int_equal(store_write(s, see_alone, &alone, NULL), OK);
	assert_false(alone);
	folder_close(&fd);
	assert_int_equal(store_read(s, see_alone, &alone), OK);
	assert_true(alone);
	fault_arm_point("folder_is_free", 1, ENOLCK);
	assert_int_equal(store_read(s, see_alone, &alone), OK);
	assert_false(alone);
	store_close(&s);
}

/* --- What cannot be opened -------------------------------------------------------------- */

static void write_file(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void test_not_a_store(void **state)
{
	static char junk[100000];
	struct store *s = NULL;
	struct why why = { "" };

	(void)state;
	memset(junk, 'j', sizeof junk);
	assert_int_equal(mkdir(temp_path(&folder, "data"), 0700), 0);
	write_file(temp_path(&folder, "data/roost.mdb"), junk, sizeof junk);
	assert_int_equal(open_as(STORE_SERVER, true, &s, &why), ERR_CORRUPT);
	assert_null(s);
	assert_true(why.text[0] != '\0');
	assert_int_equal(open_as(STORE_VIEW, true, &s, &why), ERR_CORRUPT);
	write_file(temp_path(&folder, "file"), junk, 1);
	struct store_config config = { .role = STORE_SERVER, .folder = temp_path(&folder, "file") };
	assert_int_equal(store_open(&s, &config, &why), ERR_IO);
	config.folder = temp_path(&folder, "no/such");
	assert_int_equal(store_open(&s, &config, &why), ERR_MISSING);
}

static enum err put_many(struct txn *t, void *arg)
{
	static const char val[10000];

	(void)arg;
	for (char i = 0; i < 50; i++) {
		if (kv_put(t, SPACE_LOOKUP, str_from(&i, 1), str_from(val, sizeof val)) != OK)
			break;
	}
	return kv_failed(t);
}

/* Cut short by whatever: an error, not a SIGBUS. */
static void test_cut_short(void **state)
{
	struct store *s = NULL;
	struct why why = { "" };

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	assert_int_equal(store_write(s, put_many, NULL, NULL), OK);
	store_close(&s);
	assert_int_equal(truncate(temp_path(&folder, "data/roost.mdb"), 100000), 0);
	assert_int_equal(open_as(STORE_SERVER, true, &s, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "cut short"));
}

static enum err put_and_remove(struct txn *t, void *arg)
{
	enum err e = put_many(t, arg);

	for (char i = 0; e == OK && i < 50; i++)
		e = kv_del(t, SPACE_LOOKUP, str_from(&i, 1));
	return e;
}

/* Pages that were taken and given back in one transaction are behind the end of the file. */
static void test_free_tail(void **state)
{
	struct store *s = NULL;

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	assert_int_equal(store_write(s, put_and_remove, NULL, NULL), OK);
	store_close(&s);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
		store_close(&s);
	}
}

static void test_networks(void **state)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} rows[] = {
		{ 0x6969, "NFS" },
		{ 0xff534d42, "CIFS" },
		{ 0xef53, NULL /* ext4 */ },
		{ 0x01021994, NULL /* tmpfs */ },
		{ 0x794c7630, NULL /* overlay */ },
		{ 0x9123683e, NULL /* btrfs */ },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = folder_network_name(rows[i].magic);

		check_at(i, (name == NULL) == (rows[i].name == NULL));
		if (name != NULL)
			check_str_at(i, str_of(name), str_of(rows[i].name));
	}
}

/* --- Formats ---------------------------------------------------------------------------- */

static enum err format_set(struct txn *t, void *arg)
{
	struct buf b;
	enum err e;

	buf_init(&b, 64);
	pack_u64(&b, 1);
	pack_u64(&b, *(unsigned *)arg);
	pack_u64(&b, 0);
	if (*(unsigned *)arg > STORE_FORMAT)
		pack_str(&b, STR("9.8.7"));
	e = kv_put(t, SPACE_META, STR("format"), buf_str(&b));
	buf_deinit(&b);
	return e;
}

static void test_newer(void **state)
{
	struct store *s = NULL;
	struct why why = { "" };
	unsigned newer = STORE_FORMAT + 1;
	char want[32];

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	snprintf(want, sizeof want, "format %u", newer);
	assert_int_equal(store_write(s, format_set, &newer, NULL), OK);
	store_close(&s);
	for (enum store_role role = STORE_SERVER; role <= STORE_VIEW; role++) {
		check_at(role, open_as(role, true, &s, &why) == ERR_CONFLICT);
		check_at(role, strstr(why.text, "Roost 9.8.7 wrote this store") != NULL);
		check_at(role, strstr(why.text, want) != NULL);
		check_at(role, strstr(why.text, "Install Roost 9.8.7 or later") != NULL);
	}
}

static enum err meta_unmark(struct txn *t, void *arg)
{
	(void)arg;
	return kv_del(t, SPACE_META, STR("format"));
}

/* Rows without a format are somebody else's. */
static void test_foreign(void **state)
{
	struct store *s = NULL;

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	assert_int_equal(store_write(s, put_mark, NULL, NULL), OK);
	assert_int_equal(store_write(s, meta_unmark, NULL, NULL), OK);
	store_close(&s);
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), ERR_CORRUPT);
}

static unsigned steps_run;

static enum err step_two(struct txn *t)
{
	steps_run = steps_run * 10 + 2;
	return kv_put(t, SPACE_META, STR("two"), STR("2"));
}

static enum err step_three(struct txn *t)
{
	steps_run = steps_run * 10 + 3;
	return kv_put(t, SPACE_META, STR("three"), STR("3"));
}

static enum err step_broken(struct txn *t)
{
	assert_int_equal(kv_put(t, SPACE_META, STR("broken"), STR("x")), OK);
	return ERR_CORRUPT;
}

static const struct migration to_three[] = { { 2, step_two }, { 3, step_three }, { 0, NULL } };
static const struct migration to_broken[] = { { 2, step_two }, { 3, step_broken }, { 0, NULL } };

struct move {
	const struct migration *table;
	unsigned newest;
	struct format format;
};

static enum err move_run(struct txn *t, void *arg)
{
	struct move *m = arg;

	return format_migrate(t, m->table, m->newest, txn_why(t));
}

static enum err move_look(struct txn *t, void *arg)
{
	return format_get(t, &((struct move *)arg)->format, NULL);
}

static void test_migrate(void **state)
{
	static const struct {
		const struct migration *table;
		unsigned from, newest;
		enum err want;
		unsigned steps, version;
	} rows[] = {
		{ to_three, 1, 3, OK, 23, 3 },          { to_three, 2, 3, OK, 3, 3 },
		{ to_three, 3, 3, OK, 0, 3 },           { to_broken, 1, 3, ERR_CORRUPT, 2, 1 },
		{ to_three, 4, 3, ERR_CONFLICT, 0, 4 },
	};
	struct store *s = NULL;

	(void)state;
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct move m = { rows[i].table, rows[i].newest, { 0 } };
		unsigned from = rows[i].from;

		check_at(i, store_write(s, format_set, &from, NULL) == OK);
		steps_run = 0;
		check_at(i, store_write(s, move_run, &m, NULL) == rows[i].want);
		check_at(i, steps_run == rows[i].steps);
		check_at(i, store_read(s, move_look, &m) == OK);
		check_at(i, m.format.version == rows[i].version);
	}
	store_close(&s);
}

/* Nothing is committed before the names of the files will outlive a power cut. */
static void test_names_first(void **state)
{
	struct store *s = NULL;

	(void)state;
	fault_arm_point("folder_sync", 1, EIO);
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), ERR_IO);
	fault_arm(0);
	assert_int_equal(open_as(STORE_TOOL, false, &s, NULL), ERR_CORRUPT);
	assert_int_equal(open_as(STORE_SERVER, true, &s, NULL), OK);
	store_close(&s);
}

/* --- Faults ----------------------------------------------------------------------------- */

/* Opening fails cleanly at each point, and works the next time. */
static void test_faults(void **state)
{
	(void)state;
	for (unsigned n = 1;; n++) {
		struct store *s = NULL;
		struct why why = { "" };
		bool fired;
		enum err e;

		fault_arm(n);
		e = open_as(STORE_SERVER, true, &s, &why);
		fired = fault_fired();
		fault_arm(0);
		if (!fired) {
			check_at(n, e == OK);
			store_close(&s);
			break;
		}
		/* A reserve that cannot be had is no failure. */
		check_at(n, (e != OK && s == NULL && why.text[0] != '\0') || e == OK);
		store_close(&s);
		check_at(n, open_as(STORE_SERVER, true, &s, &why) == OK);
		store_close(&s);
		unlink(temp_path(&folder, "data/roost.mdb"));
	}
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_create),      TEST(test_one_server), TEST(test_alone),
		TEST(test_not_a_store), TEST(test_cut_short),  TEST(test_free_tail),
		TEST(test_networks),    TEST(test_newer),      TEST(test_foreign),
		TEST(test_migrate),     TEST(test_names_first), TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
