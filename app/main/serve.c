/* main/serve.c: `roost` alone: serve until a signal ends it. */
#include "main/command.h"

#include "base/clock.h"
#include "config/value.h"
#include "main/certificate.h"
#include "main/server.h"
#include "main/version.h"
#include "observe/event.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The setting, else the machine's own name, which nobody has checked. */
static enum err hostname_find(struct server *v, struct why *why)
{
	char own[256] = "";

	v->hostname = v->settings->hostname;
	if (v->hostname.n != 0)
		return OK;
	if (gethostname(own, sizeof own - 1) != 0 || own[0] == '\0')
		v->hostname = STR("localhost");
	else
		v->hostname = str_lower(&v->arena, str_of(own));
	if (!value_is_host(v->hostname))
		return fail(why, ERR_SYNTAX,
		            "ROOST_HOSTNAME: this machine's own name \"%s\" will not do; "
		            "give a host name like mail.example.org",
		            own);
	return OK;
}

/* Blocked in every thread, taken by the main one in wait_for_stop. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Certificates that changed are noticed within this time without any signal. The self-signed
 * one only gets older. */
enum { OWN_CERTIFICATE_CHECK_S = 60, CERTIFICATE_CHECK_S = 86400 };

static void wait_for_stop(struct server *v, const sigset_t *set)
{
	struct timespec check = { .tv_sec = v->settings->tls_cert.n != 0 ? OWN_CERTIFICATE_CHECK_S
		                                                         : CERTIFICATE_CHECK_S };
	int64_t told_ms = 0;

	for (;;) {
		int got;

		certificate_expiry_check(v->certs, &told_ms);
		got = sigtimedwait(set, NULL, &check);
		if (got == SIGTERM || got == SIGINT)
			return;
		certificate_reload(v->certs);
	}
}

static enum err open_all(struct server *v, struct why *why)
{
	enum err e = hostname_find(v, why);

	event(start, STR(""), ev_z(roost_version), ev_str(v->settings->data),
	      ev_str(v->hostname));
	return e ? e : server_open(v, why);
}

int serve(const struct settings *s)
{
	struct server v = { .settings = s };
	int64_t begun = clock_mono_ms();
	enum event_level level;
	struct why why = { "" };
	sigset_t set;
	int status;
	enum err e;

	umask(077);
	if (event_level_parse(s->log_level, &level))
		event_level_set(level);
	block_signals(&set);
	if ((e = open_all(&v, &why)) == OK) {
		atomic_store(&v.serving, true);
		event(ready, STR(""), ev_int(clock_mono_ms() - begun));
		wait_for_stop(&v, &set);
		atomic_store(&v.serving, false);
		event(stopping, STR(""), ev_int((int64_t)s->stop_s * 1000));
	} else {
		event(fatal, STR(""), ev_z(why.text));
	}
	status = e == OK && !atomic_load(&v.lost) ? EXIT_SUCCESS : EXIT_FAILURE;
	server_close(&v, clock_mono_ms() + (int64_t)s->stop_s * 1000, status);
	arena_deinit(&v.arena);
	return status;
}
