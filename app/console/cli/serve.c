/* console/cli/serve.c: `roost` alone: serve until a signal ends it. */
#include "console/cli/command.h"

#include "console/api/settings/settings_trial.h"
#include "console/server/certificate.h"
#include "console/server/client_ca.h"
#include "console/server/privilege.h"
#include "console/server/server.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/confine/confine.h"
#include "foundation/observe/event.h"
#include "operations/dns_update/program.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Until certificates have to be looked at, or a change to be undone: a change that goes on trial
 * sends SIGHUP. */
static struct timespec pause_of(struct server *v)
{
	bool files = v->settings->tls_cert.n != 0 || client_ca_is_file(&v->client_ca);
	int64_t check_ms = 1000 * (int64_t)(files ? OWN_CERTIFICATE_CHECK_S : CERTIFICATE_CHECK_S);
	int64_t trial_ms = settings_trial_check(&v->changes);

	if (trial_ms >= 0 && trial_ms < check_ms)
		check_ms = trial_ms;
	return (struct timespec){ .tv_sec = check_ms / 1000, .tv_nsec = check_ms % 1000 * 1000000 };
}

static void wait_for_stop(struct server *v, const sigset_t *set)
{
	int64_t told_ms = 0;

	for (;;) {
		struct timespec pause;
		int got;

		certificate_expiry_check(v->certs, &told_ms);
		pause = pause_of(v);
		got = sigtimedwait(set, NULL, &pause);
		if (got == SIGTERM || got == SIGINT)
			return;
		certificate_reload(v->certs);
		client_ca_reload(&v->client_ca, v->tls);
	}
}

/* As the settings are by now. */
static int64_t stop_seconds(const struct server *v)
{
	const struct settings *s = v->live != NULL ? settings_ref(v->live) : NULL;
	int64_t seconds = (int64_t)(s != NULL ? s : v->settings)->stop_s;

	settings_unref(s);
	return seconds;
}

static enum err helper_prepare(void *arg)
{
	const struct settings *s = arg;
	struct arena a = { 0 };
	enum err e = privilege_drop(str_z(&a, s->data), NULL);

	arena_deinit(&a);
	confine_process();
	return e;
}

/* Work that needs a process of one thread and no open files. */
static enum err process_prepare(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	enum err e = privilege_user(s->user, str_z(&v->arena, s->data), why);

	if (e == OK && str_starts(s->dns_update_hook, STR("/")))
		e = program_helper_start(str_z(&v->arena, s->dns_update_hook), helper_prepare,
		                         (void *)(uintptr_t)s, why);
	return e;
}

int serve(const struct settings *s)
{
	struct server v = { .settings = s };
	int64_t begun = clock_mono_ms();
	enum event_level level;
	struct why why = { "" };
	int64_t stop_s;
	sigset_t set;
	int status;
	enum err e;

	umask(077);
	if (event_level_parse(s->log_level, &level))
		event_level_set(level);
	block_signals(&set);
	if ((e = process_prepare(&v, &why)) == OK && (e = server_open(&v, &why)) == OK) {
		atomic_store(&v.serving, true);
		event(server_ready, STR(""), ev_int(clock_mono_ms() - begun));
		wait_for_stop(&v, &set);
		atomic_store(&v.serving, false);
		event(server_stopping, STR(""), ev_int(stop_seconds(&v) * 1000));
	} else {
		event(server_failed, STR(""), ev_z(why.text));
	}
	stop_s = stop_seconds(&v);
	status = e == OK && !atomic_load(&v.lost) ? EXIT_SUCCESS : EXIT_FAILURE;
	server_close(&v, clock_mono_ms() + stop_s * 1000, status);
	arena_deinit(&v.arena);
	return status;
}
