/* nsupdate/hook.c: see hook.h. */
#include "nsupdate/hook.h"

#include "base/arena.h"
#include "base/clock.h"
#include "net/httpc.h"
#include "net/socket.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 200, LOOK_MS = 100, ANSWER_MAX = 16 << 10, LINE_BYTES = 200 };

static bool is_url(struct str hook)
{
	return str_startsi(hook, STR("https://")) || str_startsi(hook, STR("http://"));
}

enum err hook_check(struct str hook, struct why *why)
{
	if (hook.n == 0 || is_url(hook) || hook.p[0] == '/')
		return OK;
	return fail(why, ERR_SYNTAX,
	            "ROOST_DNS_UPDATE_HOOK: give the whole path of a program, or a URL");
}

static const char *action_of(const struct hook_wish *wish)
{
	return wish->add ? "add" : "remove";
}

/* --- a program ---------------------------------------------------------------------------- */

/* Start it with our end of its standard error in *said. Signals that this process blocks are
 * not blocked in it. */
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

/* Keep the first SAID_MAX bytes; false when time is over before the other end closes, or the
 * server stops. */
static bool listen_to(int fd, const struct hook *hook, struct buf *said)
{
	int64_t deadline_ms = clock_mono_ms() + HOOK_MS;

	for (;;) {
		char bytes[256];
		ssize_t n;

		while (!socket_wait(fd, POLLIN, clock_mono_ms() + LOOK_MS))
			if (clock_mono_ms() >= deadline_ms || !hook->wait(hook->arg, 0))
				return false;
		n = read(fd, bytes, sizeof bytes);
		if (n == 0 || (n < 0 && errno != EINTR))
			return true;
		for (ssize_t i = 0; i < n && said->n < SAID_MAX; i++)
			buf_byte(said, bytes[i] < ' ' ? ' ' : bytes[i]);
	}
}

static enum err program(const char *const argv[], const struct hook *hook, struct why *why)
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
	in_time = listen_to(said_fd, hook, &said);
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

/* --- a URL ------------------------------------------------------------------------------- */

/* Of what it says to us, what can go into a log. */
static struct str first_line(struct str body, struct arena *a)
{
	struct str line;
	struct buf b;

	buf_init(&b, LINE_BYTES);
	for (size_t i = 0; i < body.n && body.p[i] != '\n' && b.n < LINE_BYTES; i++)
		buf_byte(&b, body.p[i] < ' ' || body.p[i] > '~' ? ' ' : body.p[i]);
	line = str_dup(a, str_trim(buf_str(&b)));
	buf_deinit(&b);
	return line;
}

static enum err url(const struct hook *hook, const struct hook_wish *wish, struct arena *a,
                    struct why *why)
{
	struct httpc_request q = { .method = "POST",
		                   .url = hook->to,
		                   .type = "application/json",
		                   .deadline_ms = clock_mono_ms() + HOOK_MS,
		                   .answer_max = ANSWER_MAX };
	struct httpc_response r;
	struct json_writer w;
	struct buf b;
	enum err e;

	buf_init(&b, KIB(8));
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "action", str_of(action_of(wish)));
	json_put_str(&w, "type", str_of(wish->type));
	json_put_str(&w, "name", wish->name);
	json_put_str(&w, "value", wish->value);
	json_close(&w);
	q.body = buf_str(&b);
	e = httpc_ask(hook->http, &q, a, &r, why);
	buf_deinit(&b);
	if (e)
		return fail_about(why, e == ERR_IO ? ERR_RETRY : e, "ROOST_DNS_UPDATE_HOOK");
	if (r.status < 200 || r.status > 299)
		return fail(why, ERR_DENIED, "ROOST_DNS_UPDATE_HOOK: it answered %u: %.*s",
		            r.status, STR_ARG(first_line(r.body, a)));
	return OK;
}

enum err hook_run(const struct hook *hook, const struct hook_wish *wish, struct arena *a,
                  struct why *why)
{
	const char *argv[] = { str_z(a, hook->to),     action_of(wish), str_z(a, wish->name),
		               str_z(a, wish->value), wish->type,      NULL };

	return is_url(hook->to) ? url(hook, wish, a, why) : program(argv, hook, why);
}
