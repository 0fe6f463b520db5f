/* console/server/protocols.c: the configuration of each protocol from settings and limits; see
 * server.h. */
#include "console/server/server.h"

#include "console/api/access/attempt.h"
#include "console/api/access/audit.h"
#include "console/api/clients/client_setup.h"
#include "console/api/mail/jmap_login.h"
#include "flow/reports_in/report_intake.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/version.h"
#include "model/directory/login/login.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/watch.h"
#include "model/objects/objects.h"
#include "model/search/indexer.h"
#include "network/runtime/ratelimit.h"
#include "network/runtime/runtime.h"
#include "operations/transfer/imports.h"
#include "protocols/jmap/request/load.h"

static const struct message_limits message_limits = {
	.depth = LIMIT_mime_depth,
	.parts = LIMIT_mime_parts,
	.header_bytes = LIMIT_mime_header,
	.params = LIMIT_mime_params,
	.addresses = LIMIT_mime_address_list,
	.all_params = LIMIT_mime_params_all,
	.all_addresses = LIMIT_mime_addresses,
	.memory_bytes = LIMIT_mime_memory,
};

static void fill_smtp(struct server *v)
{
	v->smtp_in = (struct smtp_in_config){
		.store = v->store,
		.delivery = &v->delivery,
		.logins = v->logins,
		.live = v->live,
		.policy = v->policy,
	};
	v->mx = (struct smtp_in_service){ &v->smtp_in, SMTP_MX };
	v->submission = (struct smtp_in_service){ &v->smtp_in, SMTP_SUBMISSION };
	v->lmtp = (struct smtp_in_service){ &v->smtp_in, SMTP_LMTP };
}

static enum err imap_audit(struct txn *t, const struct imap_audit *entry)
{
	const struct audit audit = { .time_ms = clock_real_ms(),
		                     .who = entry->who,
		                     .from = entry->from,
		                     .what = entry->what,
		                     .target = entry->target,
		                     .before = entry->before,
		                     .after = entry->after };

	return audit_add(t, &audit);
}

static void fill_admin(struct server *v)
{
	v->admin.store = v->store;
	v->admin.logins = v->logins;
	v->admin.queue = v->queue;
	v->admin.jmap = &v->jmap;
	v->admin.jmap_logins = jmap_logins_new();
	v->admin.webhooks = v->webhooks;
	v->admin.begun_mono_ms = clock_mono_ms();
	v->admin.certs = v->certs;
	v->admin.dns = v->dns;
	v->admin.delivery = &v->delivery;
	v->admin.policy = v->policy;
	v->admin.claims = lockout_new(LIMIT_setup_tokens, (int64_t)LIMIT_setup_lock_s * 1000,
	                              LIMIT_setup_places);
	v->admin.attempts = attempts_new();
	v->admin.version = str_of(roost_version);
	v->admin.commit = str_of(roost_commit);
	v->admin.calls = ratelimit_new(LIMIT_api_calls, 60000, LIMIT_api_places);
	v->admin.calls_nobody = ratelimit_new(LIMIT_api_calls_nobody, 60000, LIMIT_api_places);
	v->admin.forms = ratelimit_new(LIMIT_form_posts, 3600000, LIMIT_api_places);
	v->admin.forms_all = ratelimit_new(LIMIT_form_all, 3600000, LIMIT_forms);
	v->admin.import_starts = ratelimit_new(LIMIT_import_starts, 3600000, LIMIT_api_places);
	v->admin.self_tests = ratelimit_new(LIMIT_self_test_starts, 3600000, LIMIT_api_places);
}

static void on_objects(void *watches, uint32_t account)
{
	watches_notify(watches, account, 0, 0);
}

/* RFC 9698: empty when no client can reach JMAP over TLS. */
static struct str jmap_url(struct server *v)
{
	struct client_setup setup;

	client_setup_make(&setup, &v->admin, &v->arena);
	return setup.https != 0 ? client_url(&setup, "/.well-known/jmap", &v->arena) : STR_EMPTY;
}

void protocols_fill(struct server *v)
{
	v->mailboxes = (struct mailboxes){ .watches = watches_new(),
		                           .leases = leases_new(),
		                           .mailboxes_max = LIMIT_mailboxes,
		                           .keywords_max = LIMIT_keywords,
		                           .name_max = LIMIT_mailbox_name,
		                           .acl_max = LIMIT_acl,
		                           .metadata_max = LIMIT_metadata,
		                           .changes_kept = LIMIT_changes_kept };
	objects_watch(on_objects, v->mailboxes.watches);
	v->logins = logins_new(v->store);
	logins_workers(v->logins, (unsigned)v->settings->workers);
	logins_cram_set(v->logins, v->settings->cram_md5);
	v->delivery = (struct delivery){ .store = v->store,
		                         .mailboxes = &v->mailboxes,
		                         .queue = v->queue,
		                         .recall = v->recall,
		                         .traces = v->traces,
		                         .webhooks = v->webhooks,
		                         .live = v->live,
		                         .limits = message_limits };
	fill_smtp(v);
	v->imap = (struct imap_server){ .store = v->store,
		                        .mailboxes = &v->mailboxes,
		                        .logins = v->logins,
		                        .delivery = &v->delivery,
		                        .pool = runtime_pool(v->runtime),
		                        .live = v->live,
		                        .version = str_of(roost_version),
		                        .message_limits = message_limits,
		                        .audit = imap_audit };
	v->pop3 = (struct pop3_server){ .store = v->store,
		                        .mailboxes = &v->mailboxes,
		                        .logins = v->logins,
		                        .live = v->live,
		                        .maildrops = maildrops_new() };
	v->managesieve = (struct managesieve_server){ .store = v->store,
		                                      .logins = v->logins,
		                                      .live = v->live };
	v->jmap = (struct jmap_server){ .store = v->store,
		                        .mailboxes = &v->mailboxes,
		                        .delivery = &v->delivery,
		                        .policy = v->policy,
		                        .queue = v->queue,
		                        .live = v->live,
		                        .load = jmap_load_new(),
		                        .login_check = jmap_login_check };
	fill_admin(v);
	v->imap.jmap_url = jmap_url(v);
}

enum err importing_start(struct server *v, struct why *why)
{
	const struct imports_config c = { .store = v->store,
		                          .mailboxes = &v->mailboxes,
		                          .limits = &v->delivery.limits,
		                          .dns = v->dns };
	enum err e = imports_open(&c, &v->imports, why);

	v->admin.imports = v->imports;
	return e;
}

enum err reports_reading_start(struct server *v, struct why *why)
{
	const struct report_desk_config c = { .store = v->store,
		                              .live = v->live,
		                              .limits = &message_limits };
	enum err e = report_desk_open(&c, &v->reports_in, why);

	v->delivery.reports = v->reports_in;
	return e;
}

enum err searching_start(struct server *v, struct why *why)
{
	const struct indexer_config c = { .store = v->store,
		                          .mailboxes = &v->mailboxes,
		                          .limits = message_limits,
		                          .batch = LIMIT_search_batch,
		                          .message_bytes = LIMIT_search_message,
		                          .message_words = LIMIT_search_words };

	return indexer_start(&c, &v->indexer, why);
}
