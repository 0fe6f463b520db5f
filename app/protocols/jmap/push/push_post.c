/* protocols/jmap/push/push_post.c: see push_post.h. */
#include "protocols/jmap/push/push_post.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/crypto/web_push.h"
#include "foundation/observe/event.h"
#include "foundation/text/json.h"
#include "model/remote/remote.h"
#include "network/http_client/httpc.h"
#include "network/tls/trust.h"
#include "protocols/jmap/ids.h"

enum { PUSH_ANSWER_MAX = 16 << 10, PUSH_TTL_S = 24 * 3600 };

/* 0: there is none, or it is a date. */
static int64_t retry_after_read(const struct httpc_response *r)
{
	struct cur c = cur_of(httpc_field(r, "Retry-After"));
	uint32_t s;

	return cur_u32(&c, &s) && cur_done(&c) ? (int64_t)s : 0;
}

static enum err push_exchange(const struct push_sender *p, const struct httpc_request *q,
                              const struct settings *set, struct arena *a,
                              struct httpc_response *r, struct why *why)
{
	/* The client chooses the URL. */
	struct httpc_config config = { .dns_servers = set->dns_servers,
		                       .public_only = !set->jmap_push_private,
		                       .stop = p->stop };
	struct trust *own = NULL;
	struct httpc *http;
	enum err e;

	(void)!remote_trust(set->smtp_out_ca, &own, &config.trust, why);
	http = httpc_new(&config);
	e = httpc_ask(http, q, a, r, why);
	httpc_free(&http);
	trust_free(own);
	return e;
}

/* RFC 8030 5, RFC 8620 7.2: "MUST have a content type of application/json", also when encrypted. */
static enum err push_post(const struct push_sender *p, const struct push_subscription *s,
                          struct str text, struct arena *a, int64_t *rest_s)
{
	const struct settings *set = settings_ref(p->server->live);
	struct str contact = str_fmt(a, "mailto:postmaster@%.*s", STR_ARG(set->hostname));
	const struct httpc_field fields[] = {
		{ STR("TTL"), str_fmt(a, "%d", PUSH_TTL_S) },
		{ STR("Urgency"), STR("normal") },
		{ STR("Authorization"), vapid_put(p->key, push_origin(s->url), contact,
		                                  clock_real_ms() / 1000, a) },
		{ STR("Content-Encoding"), STR("aes128gcm") },
	};
	struct httpc_request q = { .method = "POST",
		                   .url = s->url,
		                   .type = "application/json",
		                   .body = text,
		                   .deadline_ms = clock_mono_ms() + LIMIT_jmap_push_ms,
		                   .answer_max = PUSH_ANSWER_MAX,
		                   .fields = fields,
		                   .field_count = s->public.n != 0 ? 4 : 3 };
	struct httpc_response r = { .status = 0 };
	struct why why = { "" };
	struct buf sealed;
	enum err e;

	buf_init_in(&sealed, arena_alloc(a, WEB_PUSH_ROOM), WEB_PUSH_ROOM);
	if (s->public.n != 0) {
		web_push_seal(s->public, s->auth, text, &sealed);
		q.body = buf_str(&sealed);
	}
	e = push_exchange(p, &q, set, a, &r, &why);
	settings_unref(set);
	if (e == OK && r.status / 100 == 2)
		return OK;
	*rest_s = retry_after_read(&r);
	if (e == OK)
		(void)!fail(&why, ERR_RETRY, "the push service answers %u", r.status);
	event(jmap_push_failed, STR(""), ev_str(s->address), ev_str(push_origin(s->url)),
	      ev_z(why.text));
	return e == OK && (r.status == 404 || r.status == 410) ? ERR_MISSING : ERR_RETRY;
}

void push_post_verification(const struct push_sender *p, const struct push_subscription *s,
                            uint32_t account, struct arena *a)
{
	struct json_writer w;
	int64_t rest_s;
	struct buf b;

	buf_init_in(&b, arena_alloc(a, 1024), 1024);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "@type", STR("PushVerification"));
	json_put_str(&w, "pushSubscriptionId", jmap_id_text(a, ID_PUSH, account, s->id));
	json_put_str(&w, "verificationCode", s->code);
	json_close(&w);
	assert(buf_ok(&b));
	(void)!push_post(p, s, buf_str(&b), a, &rest_s);
}

static enum err account_post(const struct push_sender *p, const struct push_subscription *s,
                             const struct json_iter *member, struct arena *a, int64_t *rest_s)
{
	struct json_writer w;
	struct buf b;

	buf_init_in(&b, arena_alloc(a, WEB_PUSH_PLAIN_MAX), WEB_PUSH_PLAIN_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "@type", STR("StateChange"));
	json_open(&w, "changed", '{');
	json_put_name(&w, member->name);
	json_put_value(&w, NULL, member->value);
	json_close(&w);
	json_close(&w);
	assert(buf_ok(&b)); /* the types of one account are about 1 KB */
	return push_post(p, s, buf_str(&b), a, rest_s);
}

enum err push_post_changes(const struct push_sender *p, const struct push_subscription *s,
                           struct str text, struct arena *a, int64_t *rest_s)
{
	struct json_iter it;
	struct json all;
	enum err e = OK;

	if (text.n <= WEB_PUSH_PLAIN_MAX)
		return push_post(p, s, text, a, rest_s);
	if (!json_parse(a, text, &all))
		return ERR_CORRUPT;
	it = json_iter(json_get(all, "changed"));
	while (e == OK && json_next(&it))
		e = account_post(p, s, &it, a, rest_s);
	return e;
}
