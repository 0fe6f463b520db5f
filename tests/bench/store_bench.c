/* tests/bench/store_bench.c: what the store alone does on this disk.
 *
 *	store_bench [FOLDER [SECONDS]]
 *
 * One table: commits of a small row and of a delivery-like set of rows (a 4 KiB message
 * with its blob) by 1, 10, 50 and 64 writers, beside the disk's own limit, fdatasync after
 * appending 4 KiB. Bytes written are the process's own (/proc/self/io). */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "model/store/blob.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 4096, WRITERS_MAX = 64 };

struct bench {
	struct store *store;
	const char *folder;
	int64_t until_us;
	atomic_ullong done;
	atomic_uint email; /* the next id */
	bool delivers;
	size_t message_bytes;
};

/* --- The rows of a delivery ------------------------------------------------------------- */

struct delivery {
	const struct blob_draft *draft;
	atomic_uint *email;
	uint32_t id;
};

static enum err put_record(struct txn *t, enum space s, struct str key, size_t bytes)
{
	static const char record[600] = "a record of about the size that real ones have";

	return kv_put(t, s, key, str_from(record, bytes));
}

static enum err deliver(struct txn *t, void *arg)
{
	struct delivery *d = arg;
	struct blob_id id;
	struct buf key;
	enum err e = blob_put(t, d->draft, &id);

	d->id = atomic_fetch_add(d->email, 1);
	buf_init(&key, 64);
	pack_be32(&key, 1);
	if (e == OK)
		e = put_record(t, SPACE_ACCOUNT, buf_str(&key), 60);
	pack_be32(&key, 1);
	if (e == OK)
		e = put_record(t, SPACE_MAILBOX, buf_str(&key), 80);
	pack_be32(&key, d->id);
	if (e == OK)
		e = put_record(t, SPACE_UID, buf_str(&key), 24);
	buf_cut(&key, 4);
	pack_be64(&key, d->id);
	if (e == OK)
		e = put_record(t, SPACE_EMAIL, buf_str(&key), 400);
	if (e == OK)
		e = put_record(t, SPACE_CHANGE, buf_str(&key), 12);
	buf_deinit(&key);
	return e;
}

/* Compresses about as mail does: random letters of a small alphabet in lines. */
static void words(char *p, size_t n)
{
	uint64_t dice = random_u64() | 1;

	for (size_t i = 0; i < n; i++) {
		dice = dice * 6364136223846793005u + 1442695040888963407u;
		p[i] = i % 76 == 75 ? '\n' : "etaoin shrdlu cm"[dice >> 60];
	}
}

static bool one_delivery(struct bench *b, char *message, uint64_t number)
{
	struct delivery d = { .email = &b->email };
	struct blob_draft *draft = NULL;
	struct str part = str_from(message, b->message_bytes);
	enum err e;

	memcpy(message, &number, sizeof number);
	e = blob_prepare(b->store, &part, 1, &draft, NULL);
	d.draft = draft;
	if (e == OK)
		e = store_write(b->store, deliver, &d, NULL);
	blob_draft_free(&draft);
	return e == OK;
}

static enum err put_small(struct txn *t, void *arg)
{
	atomic_uint *next = arg;
	struct buf key;
	enum err e;

	buf_init(&key, 16);
	pack_be32(&key, atomic_fetch_add(next, 1));
	e = put_record(t, SPACE_LOOKUP, buf_str(&key), 32);
	buf_deinit(&key);
	return e;
}

static void *writer(void *arg)
{
	struct bench *b = arg;
	char *message = malloc(b->message_bytes);
	uint64_t number = random_u64();

	words(message, b->message_bytes);
	while (clock_mono_us() < b->until_us) {
		bool ok = b->delivers ? one_delivery(b, message, number++)
		                      : store_write(b->store, put_small, &b->email, NULL) == OK;

		if (!ok) {
			fprintf(stderr, "a write failed\n");
			exit(1);
		}
		atomic_fetch_add(&b->done, 1);
	}
	free(message);
	return NULL;
}

/* --- Measuring -------------------------------------------------------------------------- */

static unsigned long long bytes_written(void)
{
	char line[128];
	unsigned long long n = 0;
	FILE *f = fopen("/proc/self/io", "r");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "write_bytes: %llu", &n);
	if (f != NULL)
		fclose(f);
	return n;
}

/* What the whole disk took meanwhile, other programs included: the process's own figure
 * counts a large page-cache folio in full when a part of it changes. */
static double disk_kib(const char *folder)
{
	unsigned long long sectors = 0;
	char path[64];
	struct stat st;
	FILE *f;

	if (stat(folder, &st) != 0)
		return 0;
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/stat", major(st.st_dev),
	         minor(st.st_dev));
	f = fopen(path, "r");
	if (f != NULL) {
		if (fscanf(f, "%*u %*u %*u %*u %*u %*u %llu", &sectors) != 1)
			sectors = 0;
		fclose(f);
	}
	return (double)sectors / 2;
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void run(struct bench *b, const char *what, unsigned writers, double seconds)
{
	pthread_t threads[WRITERS_MAX];
	struct store_stats before, after;
	unsigned long long written = bytes_written();
	double cpu = cpu_seconds(), disk = disk_kib(b->folder), n;
	int64_t start = clock_mono_us();

	store_stats(b->store, &before);
	b->until_us = start + (int64_t)(seconds * 1e6);
	b->done = 0;
	for (unsigned i = 0; i < writers; i++)
		pthread_create(&threads[i], NULL, writer, b);
	for (unsigned i = 0; i < writers; i++)
		pthread_join(threads[i], NULL);
	store_stats(b->store, &after);
	seconds = (double)(clock_mono_us() - start) / 1e6;
	n = (double)b->done;
	printf("%-22s %3u %10.0f/s %8.0f/s %8.1f %8.2f %8.2f %6.0f us\n", what, writers,
	       n / seconds, (double)(after.commits - before.commits) / seconds,
	       n / (double)(after.commits - before.commits),
	       (double)(bytes_written() - written) / n / 1024, (disk_kib(b->folder) - disk) / n,
	       (cpu_seconds() - cpu) / n * 1e6);
}

static void run_disk(const char *folder, double seconds)
{
	char path[512], page[4096] = "x";
	int64_t start = clock_mono_us(), until = start + (int64_t)(seconds * 1e6);
	unsigned n = 0;
	int fd;

	snprintf(path, sizeof path, "%s/appends", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (fd >= 0 && clock_mono_us() < until) {
		if (write(fd, page, sizeof page) != sizeof page || fdatasync(fd) != 0)
			break;
		n++;
	}
	printf("%-22s %3u %10.0f/s\n", "fdatasync appends", 1,
	       n / ((double)(clock_mono_us() - start) / 1e6));
	close(fd);
	unlink(path);
}

int main(int argc, char **argv)
{
	static const unsigned writers[] = { 1, 10, 50, 64 };
	const char *folder = argc > 1 ? argv[1] : "store-bench.data";
	double seconds = argc > 2 ? atof(argv[2]) : 2;
	struct store_config config = { .role = STORE_SERVER, .folder = folder };
	struct bench b = { .folder = folder };
	struct why why = { "" };

	if (store_open(&b.store, &config, &why) != OK) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	printf("%-22s %3s %12s %10s %8s %8s %8s %9s\n", "what", "by", "done", "commits", "a commit",
	       "KiB each", "disk KiB", "CPU each");
	run_disk(folder, seconds);
	for (size_t i = 0; i < COUNT(writers); i++)
		run(&b, "small rows", writers[i], seconds);
	b.delivers = true;
	b.message_bytes = MESSAGE_BYTES;
	for (size_t i = 0; i < COUNT(writers); i++)
		run(&b, "messages of 4 KiB", writers[i], seconds);
	b.message_bytes = KIB(100);
	for (size_t i = 0; i < COUNT(writers); i++)
		run(&b, "messages of 100 KiB", writers[i], seconds);
	run_disk(folder, seconds);
	store_close(&b.store);
	return 0;
}
