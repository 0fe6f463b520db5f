/* The rights of a confined process: each attempt runs in a child, which is confined for good. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/fault.h"
#include "foundation/base/util.h"
#include "foundation/confine/confine.h"
#include "foundation/confine/threads.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77, SIGNALLED = 256 };

/* Exit status of a child that runs this, or SIGNALLED + the signal that ended it. */
static int in_child(void (*run)(const char *folder), const char *folder)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		run(folder);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

/* In a child: the line that is wrong is its exit status. */
#define REQUIRE(what)                                            \
	do {                                                     \
		if (!(what)) {                                   \
			dprintf(2, "%d: %s\n", __LINE__, #what); \
			_exit(1);                                \
		}                                                \
	} while (0)

#define REFUSED(call, number) REQUIRE((call) < 0 && errno == (number))

/* --- process ------------------------------------------------------------------------------ */

static void process_run(const char *folder)
{
	(void)folder;
	confine_process();
	REQUIRE(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	REQUIRE(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
}

static void test_process(void **state)
{
	(void)state;
	assert_int_equal(in_child(process_run, ""), 0);
}

/* --- threads ------------------------------------------------------------------------------ */

static sem_t ready, look;
static atomic_int told_right;

static int note_thread(void *arg)
{
	(void)arg;
	return syscall(SYS_prctl, PR_SET_NAME, "noted", 0, 0, 0) == 0 ? 0 : errno;
}

/* epoll_wait returns EINTR after any signal handler; the server's loops expect that. */
static void *wait_in_epoll(void *arg)
{
	int fd = epoll_create1(EPOLL_CLOEXEC), *end = arg;
	struct epoll_event event = { .events = EPOLLIN };
	char name[16];

	epoll_ctl(fd, EPOLL_CTL_ADD, *end, &event);
	sem_post(&ready);
	while (epoll_wait(fd, &event, 1, -1) < 0 && errno == EINTR)
		;
	prctl(PR_GET_NAME, name, 0, 0, 0);
	atomic_fetch_add(&told_right, strcmp(name, "noted") == 0);
	close(fd);
	return NULL;
}

static void *wait_in_futex(void *arg)
{
	char name[16];

	(void)arg;
	sem_post(&ready);
	while (sem_wait(&look) != 0)
		;
	prctl(PR_GET_NAME, name, 0, 0, 0);
	atomic_fetch_add(&told_right, strcmp(name, "noted") == 0);
	return NULL;
}

static void threads_run(const char *folder)
{
	pthread_t threads[8];
	char name[16];
	int ends[2];

	(void)folder;
	sem_init(&ready, 0, 0);
	sem_init(&look, 0, 0);
	REQUIRE(pipe(ends) == 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		REQUIRE(pthread_create(&threads[i], NULL, i % 2 ? wait_in_epoll : wait_in_futex,
		                       &ends[0]) == 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		sem_wait(&ready);
	REQUIRE(threads_each(note_thread, NULL, NULL) == OK);
	REQUIRE(write(ends[1], "x", 1) == 1);
	for (size_t i = 0; i < COUNT(threads); i++)
		sem_post(&look);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	REQUIRE(atomic_load(&told_right) == (int)COUNT(threads));
	prctl(PR_GET_NAME, name, 0, 0, 0);
	REQUIRE(strcmp(name, "noted") == 0);
}

static void test_threads(void **state)
{
	(void)state;
	assert_int_equal(in_child(threads_run, ""), 0);
}

static int refuse_thread(void *arg)
{
	(void)arg;
	return EPERM;
}

static void threads_fail_run(const char *folder)
{
	struct why why = { "" };

	(void)folder;
	REQUIRE(threads_each(refuse_thread, NULL, &why) == ERR_IO);
}

static void test_threads_fail(void **state)
{
	(void)state;
	assert_int_equal(in_child(threads_fail_run, ""), 0);
}

/* --- capabilities ------------------------------------------------------------------------- */

static uint32_t permitted(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	REQUIRE(syscall(SYS_capget, &header, data) == 0);
	return data[0].permitted | data[1].permitted;
}

static void *thread_permitted(void *arg)
{
	sem_post(&ready);
	while (sem_wait(&look) != 0)
		;
	*(uint32_t *)arg = permitted();
	return NULL;
}

static void capabilities_run(const char *folder)
{
	uint32_t keep = 1U << CAP_NET_BIND_SERVICE, before = permitted(), other = 0;
	pthread_t thread;

	(void)folder;
	sem_init(&ready, 0, 0);
	sem_init(&look, 0, 0);
	REQUIRE(pthread_create(&thread, NULL, thread_permitted, &other) == 0);
	sem_wait(&ready);
	REQUIRE(confine_capabilities(keep, true, NULL) == OK);
	sem_post(&look);
	pthread_join(thread, NULL);
	REQUIRE(permitted() == (before & keep));
	REQUIRE(other == (before & keep));
}

static void test_capabilities(void **state)
{
	(void)state;
	assert_int_equal(in_child(capabilities_run, ""), 0);
}

static void *block_signals(void *arg)
{
	sigset_t all;

	(void)arg;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	sem_post(&ready);
	while (sem_wait(&look) != 0)
		;
	return NULL;
}

static void capabilities_none_run(const char *folder)
{
	pthread_t thread;

	(void)folder;
	sem_init(&ready, 0, 0);
	sem_init(&look, 0, 0);
	REQUIRE(confine_capabilities(0, false, NULL) == OK);
	REQUIRE(pthread_create(&thread, NULL, block_signals, NULL) == 0);
	sem_wait(&ready);
	REQUIRE(confine_capabilities(0, true, NULL) == OK);
	sem_post(&look);
	pthread_join(thread, NULL);
}

/* No thread is signalled, as emulators have threads that take no signal. */
static void test_capabilities_none(void **state)
{
	(void)state;
	assert_int_equal(in_child(capabilities_none_run, ""), 0);
}

/* --- files -------------------------------------------------------------------------------- */

static char data_path[256], cert_path[256], sockets_path[256];

static void under(char *out, const char *folder, const char *name)
{
	REQUIRE(snprintf(out, 256, "%s/%s", folder, name) < 256);
}

static enum err files_confine(const char *folder, struct why *why)
{
	const struct confine_place places[] = {
		{ data_path, CONFINE_ALL },           { cert_path, CONFINE_READ },
		{ sockets_path, CONFINE_SOCKETS },    { "/dev/null", CONFINE_DEVICE },
		{ "/proc/net/route", CONFINE_READ },  { "/proc/net", CONFINE_READ },
		{ "/does/not/exist", CONFINE_READ },
	};
	unsigned abi;
	enum err e;

	under(data_path, folder, "data");
	under(cert_path, folder, "cert");
	under(sockets_path, folder, "sockets");
	REQUIRE(mkdir(data_path, 0700) == 0 && mkdir(cert_path, 0700) == 0 &&
	        mkdir(sockets_path, 0700) == 0);
	confine_process();
	e = confine_files(places, COUNT(places), &abi, why);
	REQUIRE((e == OK) == (abi >= 1));
	return e;
}

static void *thread_open(void *arg)
{
	sem_post(&ready);
	while (sem_wait(&look) != 0)
		;
	atomic_store((atomic_int *)arg, open("/etc/passwd", O_RDONLY) < 0 ? errno : 0);
	return NULL;
}

static int socket_make(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), e;

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	e = bind(fd, (struct sockaddr *)&at, sizeof at);
	close(fd);
	return e;
}

static void files_allowed(const char *folder)
{
	char path[256], other[256];
	int fd;

	(void)folder;
	under(path, data_path, "a");
	under(other, data_path, "b");
	REQUIRE((fd = open(path, O_RDWR | O_CREAT, 0600)) >= 0);
	REQUIRE(write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0 && close(fd) == 0);
	REQUIRE(open(data_path, O_TMPFILE | O_RDWR, 0600) >= 0);
	REQUIRE(rename(path, other) == 0 && mkdir(path, 0700) == 0);
	under(other, data_path, "a/b");
	under(path, data_path, "b");
	REQUIRE(rename(path, other) == 0 && unlink(other) == 0);
	under(path, data_path, "socket");
	REQUIRE(socket_make(path) == 0);
	under(path, sockets_path, "socket");
	REQUIRE(socket_make(path) == 0 && unlink(path) == 0);
	REQUIRE(open("/dev/null", O_RDWR) >= 0);
	for (int i = 0; i < 2; i++) { /* made anew each time where nobody uses it */
		REQUIRE((fd = open("/proc/net/route", O_RDONLY)) >= 0);
		close(fd);
	}
	REQUIRE(open(cert_path, O_RDONLY | O_DIRECTORY) >= 0);
}

static void files_refused(const char *folder)
{
	char path[256], other[256];

	REFUSED(open("/etc/passwd", O_RDONLY), EACCES);
	REFUSED(open("/proc/self/environ", O_RDONLY), EACCES);
	REFUSED(open("/", O_RDONLY | O_DIRECTORY), EACCES);
	REFUSED(open(folder, O_TMPFILE | O_RDWR, 0600), EACCES);
	under(path, folder, "outside");
	REFUSED(open(path, O_RDWR | O_CREAT, 0600), EACCES);
	REFUSED(mkdir(path, 0700), EACCES);
	REFUSED(symlink("/etc/passwd", path), EACCES);
	REFUSED(socket_make(path), EACCES);
	under(path, cert_path, "new");
	REFUSED(open(path, O_RDWR | O_CREAT, 0600), EACCES);
	under(path, sockets_path, "file");
	REFUSED(open(path, O_RDWR | O_CREAT, 0600), EACCES);
	under(path, data_path, "device");
	REFUSED(mknod(path, S_IFCHR | 0600, 0), EACCES);
	under(path, data_path, "file");
	under(other, folder, "file");
	REQUIRE(close(open(path, O_RDWR | O_CREAT, 0600)) == 0);
	REQUIRE(rename(path, other) < 0 && (errno == EACCES || errno == EXDEV));
	REQUIRE(link(path, other) < 0 && (errno == EACCES || errno == EXDEV));
	REQUIRE(symlink("/etc/passwd", (unlink(path), path)) == 0);
	REFUSED(open(path, O_RDONLY), EACCES); /* a link leads nowhere else */
}

static void files_run(const char *folder)
{
	atomic_int got = -1;
	pthread_t thread;
	struct why why = { "" };
	enum err e;

	confine_process(); /* before any thread: without it Landlock needs root */
	sem_init(&ready, 0, 0);
	sem_init(&look, 0, 0);
	REQUIRE(pthread_create(&thread, NULL, thread_open, &got) == 0);
	sem_wait(&ready);
	e = files_confine(folder, &why);
	if (e == ERR_MISSING)
		_exit(SKIPPED);
	REQUIRE(e == OK);
	files_allowed(folder);
	files_refused(folder);
	sem_post(&look); /* a thread that was there before */
	pthread_join(thread, NULL);
	REQUIRE(atomic_load(&got) == EACCES);
}

static void test_files(void **state)
{
	struct temp_folder folder;
	int got;

	(void)state;
	temp_folder_make(&folder);
	got = in_child(files_run, folder.path);
	temp_folder_remove(&folder);
	if (got == SKIPPED)
		skip();
	assert_int_equal(got, 0);
}

static void files_missing_run(const char *folder)
{
	struct why why = { "" };

	fault_arm_point("landlock", 1, ENOSYS);
	REQUIRE(files_confine(folder, &why) == ERR_MISSING);
	REQUIRE(strcmp(why.text, "the kernel has no Landlock") == 0);
	REQUIRE(open("/etc/passwd", O_RDONLY) >= 0);
}

static void test_files_missing(void **state)
{
	struct temp_folder folder;

	(void)state;
	temp_folder_make(&folder);
	assert_int_equal(in_child(files_missing_run, folder.path), 0);
	temp_folder_remove(&folder);
}

/* --- system calls ------------------------------------------------------------------------- */

static void *nothing(void *arg)
{
	return arg;
}

static void calls_confine(void)
{
	struct why why = { "" };
	enum err e;

	confine_process();
	e = confine_calls(&why);
	if (e == ERR_MISSING)
		_exit(SKIPPED);
	REQUIRE(e == OK);
}

static void calls_run(const char *folder)
{
	struct sockaddr_in loopback = { .sin_family = AF_INET,
		                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	pthread_t thread;
	void *page;
	int fd;

	(void)folder;
	calls_confine();
	REQUIRE(pthread_create(&thread, NULL, nothing, NULL) == 0);
	REQUIRE(pthread_join(thread, NULL) == 0);
	REQUIRE((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	REQUIRE(bind(fd, (struct sockaddr *)&loopback, sizeof loopback) == 0 && listen(fd, 1) == 0);
	REFUSED(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
	REFUSED(socket(AF_ALG, SOCK_SEQPACKET, 0), EPERM);
	REFUSED(socket(AF_VSOCK, SOCK_STREAM, 0), EPERM);
	REFUSED(fork(), EPERM);
	REFUSED((int)syscall(SYS_clone3, NULL, 0), ENOSYS);
	REFUSED(kill(getppid(), 0), EPERM);
	REQUIRE(kill(getpid(), 0) == 0);
	REFUSED(setuid(0), EPERM);
	REFUSED((int)syscall(SYS_capset, NULL, NULL), EPERM);
	REFUSED(ioctl(0, TIOCSTI, "x"), EPERM);
	REFUSED(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), EPERM);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(page != MAP_FAILED);
	REFUSED(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM);
	REQUIRE(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	        MAP_FAILED);
}

static void test_calls(void **state)
{
	int got = in_child(calls_run, "");

	(void)state;
	if (got == SKIPPED)
		skip();
	assert_int_equal(got, 0);
}

static void exec_try(void)
{
	char *const argv[] = { "true", NULL };

	execve("/bin/true", argv, NULL);
}

static void exec_run(const char *folder)
{
	(void)folder;
	calls_confine();
	exec_try();
}

static void ptrace_run(const char *folder)
{
	(void)folder;
	calls_confine();
	syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static void mount_run(const char *folder)
{
	(void)folder;
	calls_confine();
	syscall(SYS_mount, NULL, "/", NULL, 0, NULL);
}

static void *thread_exec(void *arg)
{
	sem_post(&ready);
	while (sem_wait(&look) != 0)
		;
	exec_try();
	return arg;
}

/* A thread that was there before has the filter too. */
static void thread_exec_run(const char *folder)
{
	pthread_t thread;

	(void)folder;
	sem_init(&ready, 0, 0);
	sem_init(&look, 0, 0);
	REQUIRE(pthread_create(&thread, NULL, thread_exec, NULL) == 0);
	sem_wait(&ready);
	calls_confine();
	sem_post(&look);
	pthread_join(thread, NULL);
}

static void test_calls_kill(void **state)
{
	void (*const runs[])(const char *) = { exec_run, ptrace_run, mount_run, thread_exec_run };

	(void)state;
	for (size_t i = 0; i < COUNT(runs); i++) {
		int got = in_child(runs[i], "");

		if (got == SKIPPED)
			skip();
		assert_int_equal(got, SIGNALLED + SIGSYS);
	}
}

static void calls_missing_run(const char *folder)
{
	struct why why = { "" };

	(void)folder;
	fault_arm_point("seccomp", 1, EINVAL);
	REQUIRE(confine_calls(&why) == ERR_MISSING);
	REQUIRE(fork() >= 0);
}

static void test_calls_missing(void **state)
{
	(void)state;
	assert_int_equal(in_child(calls_missing_run, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),       cmocka_unit_test(test_threads),
		cmocka_unit_test(test_threads_fail),  cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_capabilities_none),
		cmocka_unit_test(test_files),         cmocka_unit_test(test_files_missing),
		cmocka_unit_test(test_calls),         cmocka_unit_test(test_calls_kill),
		cmocka_unit_test(test_calls_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
