/* flow/policy/stages/stage_host.c: see stage_host.h. */
#include "flow/policy/stages/stage_host.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/network.h"
#include "flow/policy/run.h"
#include "formats/message/dsn.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/version.h"

#include <string.h>

/* ENVID and ORCPT have at most 500 bytes (RFC 3461 4.2, 4.4), an item of environment is cut. */
enum { VALUE_MAX = 4096, VALUES_MAX = 512 << 10 };

/* Append a value; false: there is none. */
typedef bool item_fn(const struct stage_host *h, struct buf *out);

static const struct policy_session *session_of(const struct stage_host *h)
{
	return policy_of(h->run);
}

static struct str kept(struct stage_host *h, const struct buf *b)
{
	char *p = arena_try(&h->values, b->n);

	h->full |= p == NULL;
	if (p == NULL || b->n == 0)
		return STR_EMPTY;
	memcpy(p, b->p, b->n);
	return str_from(p, b->n);
}

/* --- the envelope ----------------------------------------------------------------------------- */

static bool param_get(const struct policy_param *params, size_t n, struct str keyword,
                      struct str *out)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(params[i].keyword, keyword)) {
			*out = params[i].value;
			return true;
		}
	return false;
}

static bool mail_param(const struct stage_host *h, struct str keyword, struct str *out)
{
	return param_get(session_of(h)->params, session_of(h)->param_count, keyword, out);
}

static bool part_envid(const struct stage_host *h, struct buf *out)
{
	struct str value;

	if (!mail_param(h, STR("ENVID"), &value))
		return false;
	dsn_xtext_decode(out, value);
	return true;
}

static bool part_ret(const struct stage_host *h, struct buf *out)
{
	struct str value;

	if (!mail_param(h, STR("RET"), &value))
		return false;
	buf_put(out, value);
	return true;
}

static bool part_auth(const struct stage_host *h, struct buf *out)
{
	buf_put(out, session_of(h)->login);
	return session_of(h)->account != 0;
}

static bool part_from(const struct stage_host *h, struct buf *out)
{
	mailaddr_put(out, &session_of(h)->envelope.sender);
	return true;
}

static const struct {
	const char *name;
	item_fn *put;
} mail_parts[] = {
	{ "from", part_from },
	{ "auth", part_auth },
	{ "ret", part_ret },
	{ "envid", part_envid },
};

/* At RCPT the recipient in question, and then all that were accepted. Conditions of NOTIFY are one
 * value. */
static bool rcpt_part(const struct stage_host *h, struct str part, size_t i, struct buf *out)
{
	const struct policy_session *s = session_of(h);
	const struct envelope_rcpt *rcpt;
	struct str value;

	if (h->stage == SIEVE_RCPT) {
		bool orcpt = str_eq(part, STR("orcpt"));

		if (i != 0)
			return false;
		if (str_eq(part, STR("to"))) {
			mailaddr_put(out, &s->rcpt);
			return true;
		}
		if (!param_get(s->rcpt_params, s->rcpt_param_count,
		               orcpt ? STR("ORCPT") : STR("NOTIFY"), &value))
			return false;
		if (orcpt)
			dsn_xtext_decode(out, value);
		else
			buf_put(out, value);
		return true;
	}
	if (i >= s->envelope.rcpt_count)
		return false;
	rcpt = &s->envelope.rcpts[i];
	if (str_eq(part, STR("to")))
		mailaddr_put(out, envelope_rcpt_written(rcpt));
	else if (str_eq(part, STR("orcpt")))
		dsn_xtext_decode(out, rcpt->orcpt);
	else
		dsn_notify_put(out, rcpt->notify);
	return true;
}

static bool stage_envelope(void *arg, struct str part, size_t i, struct str *out)
{
	struct stage_host *h = arg;
	char room[VALUE_MAX];
	struct buf b;
	bool known = false;
	size_t at = 0;

	buf_init_in(&b, room, sizeof room);
	while (at < COUNT(mail_parts) && !str_eq(part, str_of(mail_parts[at].name)))
		at++;
	if (at < COUNT(mail_parts))
		known = i == 0 && mail_parts[at].put(h, &b);
	else if (str_eq(part, STR("to")) || str_eq(part, STR("orcpt")) ||
	         str_eq(part, STR("notify")))
		known = rcpt_part(h, part, i, &b);
	*out = kept(h, &b);
	return known;
}

/* --- environment ------------------------------------------------------------------------------ */

#define TEXT_ITEM(name, text)                                                                  \
	static bool item_##name(const struct stage_host *h, struct buf *out)                   \
	{                                                                                      \
		buf_put(out, (text));                                                          \
		(void)h;                                                                       \
		return true;                                                                   \
	}
TEXT_ITEM(name, STR("Roost"))
TEXT_ITEM(version, str_of(roost_version))
TEXT_ITEM(location, STR("MTA"))
TEXT_ITEM(phase, STR("pre"))
TEXT_ITEM(host, session_of(h)->hostname)
TEXT_ITEM(remote_ip, session_of(h)->peer_text)
TEXT_ITEM(remote_host, session_of(h)->peer_name)
TEXT_ITEM(stage, str_of(sieve_stage_name(h->stage)))
TEXT_ITEM(service, session_of(h)->service)
TEXT_ITEM(helo, session_of(h)->helo)
TEXT_ITEM(tls, session_of(h)->tls)
TEXT_ITEM(user, session_of(h)->login)
TEXT_ITEM(listed, session_of(h)->listed)

static bool item_domain(const struct stage_host *h, struct buf *out)
{
	struct str name = session_of(h)->hostname;
	ptrdiff_t dot = str_find_byte(name, '.');

	buf_put(out, dot < 0 ? STR_EMPTY : str_sub(name, (size_t)dot + 1, name.n));
	return true;
}

static bool item_network(const struct stage_host *h, struct buf *out)
{
	char room[ADDR_TEXT_MAX];

	buf_put(out, peer_network(&session_of(h)->peer, room));
	return true;
}

static bool item_size(const struct stage_host *h, struct buf *out)
{
	const struct policy_session *s = session_of(h);

	buf_u64(out, h->stage == SIEVE_END ? s->message.n : s->size);
	return true;
}

static bool item_recipients(const struct stage_host *h, struct buf *out)
{
	buf_u64(out, session_of(h)->envelope.rcpt_count);
	return true;
}

static bool item_iprev(const struct stage_host *h, struct buf *out)
{
	buf_put(out, str_of(session_of(h)->iprev));
	return true;
}

static bool item_spf(const struct stage_host *h, struct buf *out)
{
	const struct policy_verified *v = session_of(h)->verified;

	if (v != NULL && v->spf)
		buf_put(out, spf_result_text(v->spf_mail.result));
	return true;
}

static bool item_spf_helo(const struct stage_host *h, struct buf *out)
{
	const struct policy_verified *v = session_of(h)->verified;

	if (v != NULL && v->spf)
		buf_put(out, spf_result_text(v->spf_helo.result));
	return true;
}

static bool item_dkim(const struct stage_host *h, struct buf *out)
{
	const struct policy_verified *v = session_of(h)->verified;

	for (size_t i = 0; v != NULL && i < v->signature_count; i++)
		if (v->signatures[i].result == DKIM_PASS && !v->signatures[i].testing)
			buf_fmt(out, "%s%.*s", out->n != 0 ? " " : "",
			        STR_ARG(v->signatures[i].domain));
	return true;
}

static bool item_arc(const struct stage_host *h, struct buf *out)
{
	const struct policy_verified *v = session_of(h)->verified;

	if (v != NULL && v->dkim)
		buf_put(out, arc_result_text(v->arc));
	return true;
}

static bool item_dmarc(const struct stage_host *h, struct buf *out)
{
	const struct policy_verified *v = session_of(h)->verified;

	if (v != NULL && v->dmarc)
		buf_put(out, str_of(dmarc_result_name(v->dmarc_verdict.result)));
	return true;
}

static const struct {
	const char *name;
	item_fn *put;
} items[] = {
	{ "name", item_name },
	{ "version", item_version },
	{ "host", item_host },
	{ "domain", item_domain },
	{ "location", item_location },
	{ "phase", item_phase },
	{ "remote-ip", item_remote_ip },
	{ "remote-host", item_remote_host },
	{ "vnd.roost.stage", item_stage },
	{ "vnd.roost.service", item_service },
	{ "vnd.roost.network", item_network },
	{ "vnd.roost.helo", item_helo },
	{ "vnd.roost.tls", item_tls },
	{ "vnd.roost.user", item_user },
	{ "vnd.roost.size", item_size },
	{ "vnd.roost.recipients", item_recipients },
	{ "vnd.roost.iprev", item_iprev },
	{ "vnd.roost.spf", item_spf },
	{ "vnd.roost.spf-helo", item_spf_helo },
	{ "vnd.roost.dkim", item_dkim },
	{ "vnd.roost.arc", item_arc },
	{ "vnd.roost.dmarc", item_dmarc },
	{ "vnd.roost.dnsbl", item_listed },
};

/* A verdict about another recipient is not one about the recipient in question. */
static enum policy_kind notes_strictest(const struct stage_host *h, const struct list *notes,
                                        struct str check)
{
	char room[VALUE_MAX];
	struct buf rcpt;
	enum policy_kind kind = POLICY_PASS;

	buf_init_in(&rcpt, room, sizeof room);
	mailaddr_put(&rcpt, &session_of(h)->rcpt);
	list_each(it, notes)
	{
		const struct policy_note *n = container_of(it, struct policy_note, link);

		if (str_eq(str_of(n->check), check) && !n->unknown &&
		    (h->stage != SIEVE_RCPT || n->who.n == 0 || str_eq(n->who, buf_str(&rcpt))))
			kind = MAX(kind, n->kind);
	}
	return kind;
}

/* The verdict of a check; empty: it passed or did not run. */
static bool check_put(const struct stage_host *h, struct str check, struct buf *out)
{
	const struct policy_session *s = session_of(h);
	enum policy_kind session = notes_strictest(h, &s->notes, check);
	enum policy_kind kind = MAX(session, notes_strictest(h, &s->mail_notes, check));

	if (kind != POLICY_PASS)
		buf_put(out, str_of(policy_kind_name(kind)));
	for (size_t i = 0; i < policy_check_count; i++)
		if (str_eq(check, str_of(policy_checks[i].name)))
			return true;
	return false;
}

static bool stage_environment(void *arg, struct str item, struct str *out)
{
	static const struct str check = { "vnd.roost.check.", sizeof "vnd.roost.check." - 1 };
	struct stage_host *h = arg;
	char room[VALUE_MAX];
	struct buf b;
	bool known = false;
	size_t i = 0;

	buf_init_in(&b, room, sizeof room);
	while (i < COUNT(items) && !str_eq(item, str_of(items[i].name)))
		i++;
	if (i < COUNT(items))
		known = items[i].put(h, &b);
	else if (str_starts(item, check))
		known = check_put(h, str_sub(item, check.n, item.n), &b);
	*out = kept(h, &b);
	return known;
}

/* --- memory ------------------------------------------------------------------------------ */

/* A clock that was set back does not make anybody wait longer. */
static bool stage_seen(void *arg, const struct sieve_seen *seen)
{
	const struct stage_host *h = arg;
	struct recall *memory = h->run->policy->recall;
	uint64_t expire_s = MIN(seen->expire, (uint64_t)INT32_MAX);
	int64_t now_ms = clock_real_ms(), until_ms = now_ms + (int64_t)expire_s * 1000, first_ms;

	if (memory == NULL)
		return false;
	if (!recall_get(memory, RECALL_SEEN, seen->key, &first_ms)) {
		recall_put(memory, RECALL_SEEN, seen->key, now_ms, until_ms);
		return false;
	}
	if (first_ms <= now_ms && (uint64_t)(now_ms - first_ms) / 1000 < seen->seconds)
		return false;
	recall_put(memory, RECALL_SEEN, seen->key, first_ms, until_ms);
	return true;
}

static int64_t stage_clock(void *arg)
{
	(void)arg;
	return clock_mono_ms();
}

void stage_host_init(struct stage_host *h, struct policy_run *r, enum sieve_stage stage)
{
	*h = (struct stage_host){ .sieve = { .envelope = stage_envelope,
		                             .environment = stage_environment,
		                             .seen = stage_seen,
		                             .clock_ms = stage_clock,
		                             .arg = h,
		                             .now_ms = clock_real_ms() },
		                  .run = r,
		                  .stage = stage };
	arena_cap(&h->values, VALUES_MAX);
}

void stage_host_deinit(struct stage_host *h)
{
	arena_deinit(&h->values);
}
