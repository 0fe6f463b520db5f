/* main/serve.c: build every object of the server once, run until a signal, take them down.
 *
 *	settings -> listeners bound -> rights dropped -> store -> certificate -> directory,
 *	mailboxes, queue, delivery -> protocols -> accepting
 *
 * Stopping goes the other way: connections first, then deliveries, then the store, so that
 * whatever was promised is durable before the process ends. */
#include "main/command.h"

#include "admin/admin.h"
#include "base/clock.h"
#include "config/limits.h"
#include "delivery/delivery.h"
#include "directory/login.h"
#include "http/server.h"
#include "imap/imap.h"
#include "mailbox/mail.h"
#include "mailbox/watch.h"
#include "main/certificate.h"
#include "main/control.h"
#include "main/privilege.h"
#include "main/provision.h"
#include "main/version.h"
#include "net/cert.h"
#include "net/dns.h"
#include "net/runtime.h"
#include "net/tls.h"
#include "observe/event.h"
#include "queue/queue.h"
#include "smtp/in.h"
#include "smtp/out.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct server {
	const struct settings *settings;
	struct arena arena;
	struct str hostname;
	struct store *store;
	struct certs *certs;
	struct tls_server *tls;
	struct logins *logins;
	struct mailboxes mailboxes;
	struct dns *dns;
	struct queue *queue;
	struct delivery delivery;
	struct smtp_in_config smtp_in;
	struct smtp_in_service mx, submission;
	struct imap_server imap;
	struct admin admin;
	struct http_server *http;
	struct smtp_out *smtp_out;
	struct runtime *runtime;
	struct control *control;
	atomic_bool serving; /* between start and stop: what /healthz/ready says */
	atomic_bool lost;    /* the store refuses everything until it is opened anew */
};

/* --- settings to what the folders take ------------------------------------------- */

static const struct message_limits message_limits = {
	.depth = LIMIT_mime_depth,
	.parts = LIMIT_mime_parts,
	.header_bytes = LIMIT_mime_header,
	.params = 64,
	.addresses = LIMIT_mime_address_list,
};

static struct resolve_config resolve_config(const struct settings *s)
{
	return (struct resolve_config){ .separator =
		                                s->subaddress.n != 0 ? s->subaddress.p[0] : '\0' };
}

static struct schedule schedule(const struct settings *s)
{
	return (struct schedule){
		.retry_ms = (int64_t)s->queue_retry_s * 1000,
		.retry_max_ms = (int64_t)s->queue_retry_max_s * 1000,
		.expire_ms = (int64_t)s->queue_expire_s * 1000,
		.notice_ms = (int64_t)s->queue_notice_s * 1000,
	};
}

static struct str hostname(struct arena *a, const struct settings *s)
{
	char own[256] = "";

	if (s->hostname.n != 0)
		return s->hostname;
	if (gethostname(own, sizeof own - 1) != 0 || own[0] == '\0')
		return STR("localhost");
	return str_lower(a, str_of(own));
}

/* --- listeners ------------------------------------------------------------------- */

static enum err listen_list(struct server *v, const struct conn_service *service, struct str list,
                            struct why *why)
{
	struct addr_list at;
	enum err e = addr_list_parse(&v->arena, list, 0, &at, why);

	for (size_t i = 0; e == OK && i < at.count; i++)
		e = runtime_listen(v->runtime, service, &at.items[i], NULL, why);
	return e;
}

static enum err listen_all(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	const struct {
		const char *name;
		struct str list;
		const struct proto *proto;
		void *context;
		bool implicit_tls;
	} services[] = {
		{ "smtp", s->listen_smtp, &smtp_in_proto, &v->mx, false },
		{ "submission", s->listen_submission, &smtp_in_proto, &v->submission, false },
		{ "submissions", s->listen_submissions, &smtp_in_proto, &v->submission, true },
		{ "imap", s->listen_imap, &imap_proto, &v->imap, false },
		{ "imaps", s->listen_imaps, &imap_proto, &v->imap, true },
		{ "http", s->listen_http, &http_proto, v->http, false },
		{ "https", s->listen_https, &http_proto, v->http, true },
	};

	for (size_t i = 0; i < COUNT(services); i++) {
		struct conn_service service = {
			.name = services[i].name,
			.proto = services[i].proto,
			.context = services[i].context,
			.tls = v->tls,
			.implicit_tls = services[i].implicit_tls,
			.plain_auth = s->allow_plaintext_auth,
		};
		enum err e = listen_list(v, &service, services[i].list, why);

		if (e)
			return e;
	}
	return OK;
}

/* --- objects --------------------------------------------------------------------- */

static void assert_no_txn(void)
{
	assert(txns_open() == 0); /* a slow peer must never pin a snapshot */
}

static bool ready(void *arg, struct why *why)
{
	struct server *v = arg;
	struct store_stats stats;

	if (!atomic_load(&v->serving)) {
		fail(why, ERR_RETRY, "starting or stopping");
		return false;
	}
	store_stats(v->store, &stats);
	if (stats.full)
		fail(why, ERR_FULL, "the disk is full");
	return !stats.full;
}

static enum err open_http(struct server *v, struct why *why)
{
	struct http_config config = { .routes = admin_routes,
		                      .route_count = admin_route_count,
		                      .context = &v->admin,
		                      .pool = runtime_pool(v->runtime) };

	v->admin = (struct admin){ .runtime = v->runtime, .ready = ready, .arg = v };
	return http_server_new(&config, &v->http, why);
}

static enum err open_runtime(struct server *v, struct why *why)
{
	struct runtime_config config = {
		.workers_max = (unsigned)v->settings->workers,
		.connections_max = (unsigned)v->settings->connections,
		.connections_per_address = (unsigned)v->settings->connections_per_address,
		.before_wait = assert_no_txn,
	};
	enum err e;

	v->certs = certs_new();
	v->tls = tls_server_open(v->certs, (size_t)v->settings->tls_sessions);
	if ((e = runtime_new(&config, &v->runtime, why)) || (e = open_http(v, why)))
		return e;
	return listen_all(v, why);
}

/* Stop as if asked to, but fail, so that the supervisor starts us again: opening the store anew
 * finds the last commit that reached the disk, and that is all that was promised. */
static void on_store_lost(void *arg)
{
	struct server *v = arg;

	atomic_store(&v->lost, true);
	kill(getpid(), SIGTERM);
}

static enum err open_store(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	struct store_config config = { .role = STORE_SERVER,
		                       .folder = str_z(&v->arena, s->data),
		                       .on_lost = on_store_lost,
		                       .on_lost_arg = v };
	enum err e;

	if ((e = privilege_drop(config.folder, why)) || (e = store_open(&v->store, &config, why)))
		return e;
	if ((e = provision(v->store, s, why)))
		return e;
	return certificate_load(v->certs, v->store, s, v->hostname, why);
}

static void wake_smtp_out(void *arg)
{
	struct server *v = container_of(arg, struct server, delivery);

	smtp_out_wake(v->smtp_out);
}

/* The queue's reports go to delivery/, its wake-ups to the runner: one host for both, whose
 * arg is the delivery. */
static void queue_host_make(struct server *v, struct queue_host *host)
{
	delivery_host_init(host, &v->delivery);
	host->wake = wake_smtp_out;
}

static enum err open_queue(struct server *v, struct why *why)
{
	const struct settings *s = v->settings;
	struct queue_config config = { .store = v->store,
		                       .schedule = schedule(s),
		                       .hostname = v->hostname,
		                       .smarthost = s->smarthost.n != 0 };
	struct addr_list servers;
	enum err e;

	if ((e = smtp_out_check(s->smarthost, s->smarthost_ca, why)))
		return e;
	if ((e = addr_list_parse(&v->arena, s->dns_servers, 53, &servers, why)))
		return e;
	if ((e = dns_new(&servers, 0, &v->dns, why)))
		return e;
	queue_host_make(v, &config.host);
	return queue_open(&v->queue, &config, why);
}

static void fill_protocols(struct server *v)
{
	const struct settings *s = v->settings;

	v->mailboxes = (struct mailboxes){ .watches = watches_new(),
		                           .mailboxes_max = LIMIT_mailboxes,
		                           .keywords_max = LIMIT_keywords,
		                           .name_max = LIMIT_mailbox_name,
		                           .changes_kept = LIMIT_changes_kept };
	v->logins = logins_new(v->store);
	v->delivery = (struct delivery){ .store = v->store,
		                         .mailboxes = &v->mailboxes,
		                         .queue = v->queue,
		                         .resolve = resolve_config(s),
		                         .limits = message_limits,
		                         .hostname = v->hostname };
	v->smtp_in = (struct smtp_in_config){ .store = v->store,
		                              .delivery = &v->delivery,
		                              .logins = v->logins,
		                              .resolve = resolve_config(s),
		                              .hostname = v->hostname,
		                              .message_size = s->message_size };
	v->mx = (struct smtp_in_service){ &v->smtp_in, SMTP_MX };
	v->submission = (struct smtp_in_service){ &v->smtp_in, SMTP_SUBMISSION };
	v->imap = (struct imap_server){ .store = v->store,
		                        .mailboxes = &v->mailboxes,
		                        .logins = v->logins,
		                        .hostname = v->hostname,
		                        .version = str_of(roost_version),
		                        .message_max = s->message_size,
		                        .message_limits = message_limits };
}

static void on_control(void *arg, enum control_what what)
{
	struct server *v = arg;

	if (what == CONTROL_QUEUE)
		smtp_out_wake(v->smtp_out);
}

static enum err start_all(struct server *v, struct why *why)
{
	struct smtp_out_config out = { .store = v->store,
		                       .queue = v->queue,
		                       .dns = v->dns,
		                       .hostname = v->hostname,
		                       .smarthost = v->settings->smarthost,
		                       .smarthost_ca = v->settings->smarthost_ca,
		                       .port = (uint16_t)v->settings->smtp_out_port };
	enum err e;

	if ((e = smtp_out_start(&out, &v->smtp_out, why)))
		return e;
	if ((e = control_open(&v->control, v->settings->data, on_control, v, why)))
		return e;
	return runtime_start(v->runtime, why);
}

static enum err open_all(struct server *v, struct why *why)
{
	enum err e;

	if ((e = open_runtime(v, why)) || (e = open_store(v, why)) || (e = open_queue(v, why)))
		return e;
	fill_protocols(v);
	return start_all(v, why);
}

/* A delivery that is stuck with a slow remote uses everything below it: then nothing is freed
 * and the process just ends, which the store is made for. */
static void close_all(struct server *v, int64_t deadline_ms, int status)
{
	unsigned cut = 0;

	if (v->runtime != NULL)
		cut = runtime_stop(v->runtime, MAX(deadline_ms - clock_mono_ms(), 0));
	control_close(&v->control);
	if (!smtp_out_stop(&v->smtp_out, deadline_ms)) {
		event(stopped, STR(""), ev_int(cut + 1));
		_exit(status);
	}
	runtime_free(&v->runtime);
	http_server_free(&v->http);
	queue_close(&v->queue);
	dns_free(&v->dns);
	logins_free(&v->logins);
	watches_free(&v->mailboxes.watches);
	tls_server_close(v->tls);
	certs_free(v->certs);
	store_close(&v->store);
	event(stopped, STR(""), ev_int(cut));
	arena_deinit(&v->arena);
}

/* --- signals --------------------------------------------------------------------- */

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
	v.hostname = hostname(&v.arena, s);
	event(start, STR(""), ev_z(roost_version), ev_str(s->data), ev_str(v.hostname));
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
	close_all(&v, clock_mono_ms() + (int64_t)s->stop_s * 1000, status);
	return status;
}
