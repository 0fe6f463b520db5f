/* foundation/confine/threads.c: see threads.h.
 *
 * Capabilities and Landlock domains belong to a thread, and the kernel has no call that sets
 * them for the process (Landlock gets one in version 8). So each thread receives a signal and
 * makes the calls itself, as the C library does for setuid(2).
 *
 *	list /proc/self/task -> signal a thread that is not done -> wait for it -> next
 *
 * A thread that is not done may start another one meanwhile. So the list is read again until it has
 * no new thread. */
#include "foundation/confine/threads.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"

#include <dirent.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A running thread, or one in a system call, handles the signal at once. */
enum { THREADS_MAX = 1024, WAIT_MS = 10000, LOOK_MS = 50 };

static struct {
	threads_fn *fn;
	void *arg;
	sem_t done;
	atomic_int failed; /* an errno; 0: success in all threads */
} job;

/* SIGRTMAX is a function in libc, so no enumerator can hold it. */
static int signal_number(void)
{
	return SIGRTMAX;
}

static void on_signal(int number)
{
	int before = errno;
	int failed = job.fn(job.arg);

	(void)number;
	if (failed != 0)
		atomic_store(&job.failed, failed);
	sem_post(&job.done);
	errno = before;
}

static bool thread_lives(pid_t tid)
{
	return syscall(SYS_tgkill, getpid(), tid, 0) == 0;
}

/* False: it does not respond. A thread that has ended counts as done. */
static bool threads_run_one(pid_t tid)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	if (syscall(SYS_tgkill, getpid(), tid, signal_number()) != 0)
		return errno == ESRCH;
	while (clock_mono_ms() < until_ms) {
		struct timespec look;

		clock_gettime(CLOCK_REALTIME, &look);
		look.tv_nsec += LOOK_MS * 1000000L;
		look.tv_sec += look.tv_nsec / 1000000000;
		look.tv_nsec %= 1000000000;
		if (sem_timedwait(&job.done, &look) == 0 || !thread_lives(tid))
			return true;
	}
	return false;
}

struct known {
	pid_t tids[THREADS_MAX];
	size_t count;
};

static bool known_has(const struct known *k, pid_t tid)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->tids[i] == tid)
			return true;
	return false;
}

/* One reading of the list; *fresh: it had unknown threads. */
static enum err pass(DIR *tasks, struct known *k, bool *fresh, struct why *why)
{
	struct dirent *entry;

	*fresh = false;
	rewinddir(tasks);
	while ((entry = readdir(tasks)) != NULL) {
		struct cur c = cur_of(str_of(entry->d_name));
		uint32_t number;
		pid_t tid;

		if (!cur_u32(&c, &number)) /* "." and ".." */
			continue;
		tid = (pid_t)number;
		if (tid == gettid() || known_has(k, tid))
			continue;
		if (k->count == THREADS_MAX)
			return fail(why, ERR_IO, "there are more than %d threads", THREADS_MAX);
		*fresh = true;
		k->tids[k->count++] = tid;
		if (!threads_run_one(tid))
			return fail(why, ERR_IO,
			            "thread %d takes no signal (in an emulator of another "
			            "processor start with ROOST_CONFINE=off)",
			            (int)tid);
	}
	return OK;
}

static enum err others(DIR *tasks, struct why *why)
{
	struct known known = { .count = 0 };
	bool fresh = true;
	enum err e = OK;

	while (e == OK && fresh)
		e = pass(tasks, &known, &fresh, why);
	return e;
}

enum err threads_each(threads_fn *fn, void *arg, struct why *why)
{
	struct sigaction now = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, before;
	DIR *tasks = opendir("/proc/self/task");
	int own;
	enum err e;

	if (tasks == NULL)
		return fail(why, ERR_MISSING, "/proc is not mounted");
	job.fn = fn;
	job.arg = arg;
	sem_init(&job.done, 0, 0);
	atomic_store(&job.failed, 0);
	sigfillset(&now.sa_mask);
	sigaction(signal_number(), &now, &before);
	e = others(tasks, why);
	closedir(tasks); /* before fn, which may forbid it */
	own = fn(arg);
	if (own != 0)
		atomic_store(&job.failed, own);
	if (e == OK)
		sigaction(signal_number(), &before, NULL);
	errno = atomic_load(&job.failed);
	return e == OK && errno != 0 ? fail_errno(why, "a thread") : e;
}
