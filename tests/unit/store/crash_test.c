/* tests/unit/store/crash_test.c: a process killed at any moment loses nothing it was told
 * is there, and leaves a store without contradictions. */
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "harness/check.h"
#include "harness/temp_store.h"
#include "model/store/blob.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 12, WRITERS = 3, BIG = 3 << 20, SMALL = 5000 };

/* --- The writing process ---------------------------------------------------------------- */

struct writer {
	struct store *store;
	int pipe; /* acknowledged numbers go there */
	bool big; /* blobs that are written ahead  */
};

struct message {
	uint32_t number;
	const struct blob_draft *draft;
};

/* queue: number -> blob. */
static enum err message_put(struct txn *t, void *arg)
{
	const struct message *m = arg;
	struct blob_id id;
	struct buf key;
	enum err e = blob_put(t, m->draft, &id);

	buf_init(&key, 16);
	pack_be32(&key, m->number);
	if (e == OK)
		e = kv_put(t, SPACE_QUEUE, buf_str(&key), blob_id_str(&id));
	buf_deinit(&key);
	return e;
}

static void *write_messages(void *arg)
{
	struct writer *w = arg;
	size_t n = w->big ? BIG : SMALL;
	char *bytes = mem_new(n);

	for (;;) {
		struct message m = { .number = (uint32_t)random_u64() };
		struct str part = str_from(bytes, n);
		struct blob_draft *d = NULL;

		random_bytes(bytes, n);
		if (blob_prepare(w->store, &part, 1, &d, NULL) != OK)
			_exit(1);
		m.draft = d;
		/* A process that is killed loses neither. */
		if ((random_below(2) == 0 ? store_write : store_write_soon)(w->store, message_put,
		                                                            &m, NULL) != OK)
			_exit(1);
		if (write(w->pipe, &m.number, sizeof m.number) != sizeof m.number)
			_exit(1);
		blob_draft_free(&d);
	}
	return NULL;
}

static void child_run(const char *folder, int pipe)
{
	/* From its first commit on in the journal, or now and then, or never. */
	static const unsigned bursts[] = { 1, 8, UINT_MAX };
	struct store_config config = { .role = STORE_SERVER,
		                       .folder = folder,
		                       .burst = bursts[random_below(COUNT(bursts))] };
	struct writer writers[WRITERS] = { { .big = true } };
	pthread_t thread;
	struct store *s = NULL;

	if (store_open(&s, &config, NULL) != OK)
		_exit(1);
	for (size_t i = 0; i < WRITERS; i++) {
		writers[i].store = s;
		writers[i].pipe = pipe;
		pthread_create(&thread, NULL, write_messages, &writers[i]);
	}
	pthread_join(thread, NULL);
}

/* --- The oracle ------------------------------------------------------------------------- */

struct oracle {
	uint32_t numbers[100000];
	size_t count;
};

static enum err find_all(struct txn *t, void *arg)
{
	const struct oracle *o = arg;

	for (size_t i = 0; i < o->count; i++) {
		struct buf key;

		buf_init(&key, 16);
		pack_be32(&key, o->numbers[i]);
		check_at(i, kv_get(t, SPACE_QUEUE, buf_str(&key), NULL) == OK);
		buf_deinit(&key);
	}
	return OK;
}

static enum err queue_refs(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_QUEUE, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct blob_id id;

		assert_true(blob_id_of(it.val, &id));
		fsck_blob_ref(r, &id);
	}
	return kv_iter_end(&it);
}

static enum err no_drafts(struct txn *t, void *arg)
{
	struct kv_iter it;

	(void)arg;
	kv_iter_prefix(&it, t, SPACE_DRAFT, STR_EMPTY);
	assert_false(kv_iter_next(&it));
	return kv_iter_end(&it);
}

static void say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_error("%s: %.*s\n", check, STR_ARG(sentence));
}

static void check_store(const char *folder, struct oracle *o)
{
	const struct fsck_check check = { .name = "test", .blob_refs = queue_refs };
	struct store_config config = { .role = STORE_SERVER, .folder = folder };
	struct fsck_report r = { .say = say };
	struct store *s = NULL;
	struct why why = { "" };

	if (store_open(&s, &config, &why) != OK)
		fail_msg("open: %s", why.text);
	assert_int_equal(store_read(s, find_all, o), OK);
	assert_int_equal(store_read(s, no_drafts, NULL), OK);
	assert_int_equal(fsck_run(s, &check, 1, &r, &why), OK);
	assert_int_equal(r.findings, 0);
	store_close(&s);
}

/* Run a child for a while, kill it, and note what it had acknowledged. */
static void kill_round(const char *folder, struct oracle *o)
{
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		child_run(folder, ends[1]);
		_exit(1);
	}
	close(ends[1]);
	usleep((useconds_t)random_below(o->count == 0 ? 1500000 : 150000));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (o->count < COUNT(o->numbers) &&
	       read(ends[0], &o->numbers[o->count], sizeof o->numbers[0]) == sizeof o->numbers[0])
		o->count++;
	close(ends[0]);
}

static void test_kill(void **state)
{
	static struct oracle o;
	struct temp_folder folder;

	(void)state;
	temp_folder_make(&folder);
	for (unsigned i = 0; i < ROUNDS; i++) {
		kill_round(folder.path, &o);
		check_store(folder.path, &o);
	}
	assert_true(o.count > 0);
	temp_folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kill) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
