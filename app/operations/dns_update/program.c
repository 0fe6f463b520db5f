/* operations/dns_update/program.c: see program.h. */
#include "operations/dns_update/program.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "network/runtime/socket.h"
#include "operations/dns_update/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 200, LOOK_MS = 100, REQUEST_MAX = 16 << 10, WORDS_MAX = 8 };

struct answer {
	enum err e;
	char why[WHY_MAX];
};

/* --- in the helper ------------------------------------------------------------------------ */

/* Start the program, with the read end of its standard error in *said. Signals blocked in
 * this process are unblocked in it. */
static int start(const char *const argv[], int *said, pid_t *pid)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *const environment[] = { path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int ends[2], e;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
	e = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
	                environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(ends[1]);
	*said = ends[0];
	if (e != 0)
		close(ends[0]);
	return e;
}

/* The server has cancelled or ended: its socket is readable before the response was
 * sent. */
static bool helper_cancelled(int asker)
{
	return socket_wait(asker, POLLIN, clock_mono_ms());
}

/* Read the first SAID_MAX bytes; false on a timeout before the other end closes, or if
 * the server cancels. */
static bool listen_to(int fd, int asker, struct buf *said)
{
	int64_t deadline_ms = clock_mono_ms() + HOOK_MS;

	for (;;) {
		char bytes[256];
		ssize_t n;

		while (!socket_wait(fd, POLLIN, clock_mono_ms() + LOOK_MS))
			if (clock_mono_ms() >= deadline_ms || helper_cancelled(asker))
				return false;
		n = read(fd, bytes, sizeof bytes);
		if (n == 0 || (n < 0 && errno != EINTR))
			return true;
		for (ssize_t i = 0; i < n && said->n < SAID_MAX; i++)
			buf_byte(said, bytes[i] < ' ' ? ' ' : bytes[i]);
	}
}

static enum err program(const char *const argv[], int asker, struct why *why)
{
	int said_fd, status = 0, e;
	struct buf said;
	bool in_time;
	pid_t pid;

	if ((e = start(argv, &said_fd, &pid)) != 0) {
		errno = e;
		return fail_errno(why, "ROOST_DNS_UPDATE_HOOK: %s", argv[0]);
	}
	buf_init(&said, SAID_MAX);
	in_time = listen_to(said_fd, asker, &said);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(said_fd);
	e = OK;
	if (!in_time)
		e = fail(why, ERR_RETRY, "ROOST_DNS_UPDATE_HOOK: %s takes too long", argv[0]);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		e = fail(why, ERR_DENIED, "ROOST_DNS_UPDATE_HOOK: %s failed: %.*s", argv[0],
		         STR_ARG(str_trim(buf_str(&said))));
	buf_deinit(&said);
	return (enum err)e;
}

/* Parse strings that each end with a NUL. False: malformed. */
static bool words_parse(char *bytes, size_t n, const char *words[WORDS_MAX + 1])
{
	size_t count = 0;

	if (n == 0 || bytes[n - 1] != '\0')
		return false;
	for (size_t i = 0; i < n; i += strlen(bytes + i) + 1) {
		if (count == WORDS_MAX)
			return false;
		words[count++] = bytes + i;
	}
	words[count] = NULL;
	return true;
}

static void request_answer(const char *path, int asker, char *bytes, size_t n)
{
	struct answer answer = { .e = ERR_DENIED };
	struct why why = { "" };
	const char *words[WORDS_MAX + 1];

	if (!words_parse(bytes, n, words) || strcmp(words[0], path) != 0)
		answer.e = fail(&why, ERR_DENIED,
		                "ROOST_DNS_UPDATE_HOOK: this program is not the one of the start");
	else
		answer.e = program(words, asker, &why);
	memcpy(answer.why, why.text, sizeof answer.why);
	(void)!send(asker, &answer, sizeof answer, MSG_NOSIGNAL);
}

/* Runs until the server's end of the socket closes. The server has blocked terminal
 * signals, so Ctrl-C does not end the helper first. */
static _Noreturn void helper_run(const char *path, int asker)
{
	static char bytes[REQUEST_MAX];

	prctl(PR_SET_NAME, "roost-hook", 0, 0, 0);
	for (;;) {
		ssize_t n = recv(asker, bytes, sizeof bytes, 0);

		if (n > 1)
			request_answer(path, asker, bytes, (size_t)n);
		else if (n == 0 || (n < 0 && errno != EINTR))
			_exit(0);
		/* A cancel byte that arrived too late. */
	}
}

/* --- in the server ------------------------------------------------------------------------ */

static struct {
	pthread_mutex_t lock; /* one program at a time */
	int fd;
} helper = { PTHREAD_MUTEX_INITIALIZER, -1 };

enum err program_helper_start(const char *path, enum err (*prepare)(void *arg), void *arg,
                              struct why *why)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return fail_errno(why, "the helper of ROOST_DNS_UPDATE_HOOK");
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		if (prepare(arg) != OK)
			_exit(1);
		helper_run(path, pair[1]);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return fail_errno(why, "the helper of ROOST_DNS_UPDATE_HOOK");
	}
	helper.fd = pair[0];
	return OK;
}

static bool request_send(const char *const argv[])
{
	struct buf b;
	bool sent;

	buf_init(&b, REQUEST_MAX);
	for (size_t i = 0; argv[i] != NULL; i++)
		buf_put(&b, str_from(argv[i], strlen(argv[i]) + 1));
	sent = buf_ok(&b) && send(helper.fd, b.p, b.n, MSG_NOSIGNAL) == (ssize_t)b.n;
	buf_deinit(&b);
	return sent;
}

/* The response arrives when the program ends, or soon after a cancel. */
static enum err answer_take(bool (*wait)(void *arg, int64_t ms), void *arg, struct why *why)
{
	struct answer answer;
	bool cancelled = false;

	while (!socket_wait(helper.fd, POLLIN, clock_mono_ms() + LOOK_MS)) {
		if (!cancelled && !wait(arg, 0)) {
			(void)!send(helper.fd, "", 1, MSG_NOSIGNAL);
			cancelled = true;
		}
	}
	if (recv(helper.fd, &answer, sizeof answer, 0) != sizeof answer)
		return fail(why, ERR_IO, "ROOST_DNS_UPDATE_HOOK: the helper process has ended: "
		                         "start Roost again");
	answer.why[sizeof answer.why - 1] = '\0';
	return answer.e == OK ? OK : fail(why, answer.e, "%s", answer.why);
}

enum err program_run(const char *const argv[], bool (*wait)(void *arg, int64_t ms), void *arg,
                     struct why *why)
{
	enum err e;

	if (helper.fd < 0)
		return fail(why, ERR_IO, "ROOST_DNS_UPDATE_HOOK: a program has to be set in the "
		                         "environment before the start");
	pthread_mutex_lock(&helper.lock);
	e = request_send(argv) ? answer_take(wait, arg, why)
	                       : fail_errno(why, "ROOST_DNS_UPDATE_HOOK: the helper process");
	pthread_mutex_unlock(&helper.lock);
	return e;
}
