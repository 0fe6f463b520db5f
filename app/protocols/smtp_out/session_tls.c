/* protocols/smtp_out/session_tls.c: see session_steps.h. */
#include "protocols/smtp_out/session_steps.h"

#include "foundation/crypto/tlsa.h"
#include "network/runtime/stream.h"
#include "network/tls/tls.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/route_resolve.h"

enum err out_tls_broken(struct out_session *s, enum out_tls_problem p, const char *detail)
{
	s->problem = p;
	out_tls_reply(&s->demand, p, detail, &s->reply_text, &s->reply);
	s->reply.remote = s->remote;
	s->said = false;
	out_session_close(s, true);
	return ERR_RETRY;
}

/* If any certificate would do, old ciphers are better than none; the certificate is
 * checked and recorded anyway. */
static struct tls_client_config tls_wanted(const struct out_session *s)
{
	const struct trust *said = s->hop->demand.trust;
	const struct trust *trust = said != NULL ? said : s->hop->tls.trust;
	static const enum tls_verify verify[] = {
		[OUT_TLS_VERIFY] = TLS_VERIFY_PKIX,
		[OUT_TLS_DANE] = TLS_VERIFY_DANE,
		[OUT_TLS_OFF] = TLS_VERIFY_NONE,
	};
	enum out_tls_level level = s->demand.level;

	/* Never dialled (out_tls_demand) nor accepted without records. */
	if (level == OUT_TLS_DANE && s->hop->tls.records == NULL)
		level = OUT_TLS_VERIFY;
	return (struct tls_client_config){
		.trust = trust != NULL ? trust : &trust_builtin,
		.verify = s->demand.soft ? TLS_VERIFY_NONE : verify[level],
		.dane = s->hop->tls.records,
		.old_ciphers = !out_tls_binds(&s->demand),
		.binds = s->hop->relay != NULL && s->hop->relay->user.n != 0,
		.sessions = s->tls_sessions,
	};
}

static enum out_tls_problem chain_problem(enum tls_chain chain)
{
	static const enum out_tls_problem problems[] = {
		[TLS_CHAIN_UNSEEN] = OUT_TLS_UNTRUSTED, [TLS_CHAIN_GOOD] = OUT_TLS_FINE,
		[TLS_CHAIN_NAME] = OUT_TLS_OTHER_NAME,  [TLS_CHAIN_TIME] = OUT_TLS_EXPIRED,
		[TLS_CHAIN_UNTRUSTED] = OUT_TLS_UNTRUSTED,
		[TLS_CHAIN_NO_MATCH] = OUT_TLS_NO_MATCH,
	};

	return problems[chain];
}

/* Record a failed handshake: for the certificate if it was checked, else with its
 * reason. */
static enum err tls_failed(struct out_session *s, const struct tls_client_config *wanted,
                           const char *detail)
{
	enum tls_chain chain = stream_tls_chain(s->stream);
	bool shown = chain != TLS_CHAIN_UNSEEN && chain != TLS_CHAIN_GOOD;

	s->tls_detail = str_dup(&s->arena, str_of(detail));
	s->facts.failed = wanted->verify != TLS_VERIFY_NONE && shown ? chain_problem(chain)
	                                                             : OUT_TLS_HANDSHAKE;
	return out_tls_broken(s, s->facts.failed,
	                      s->facts.failed == OUT_TLS_HANDSHAKE ? detail : "");
}

/* Server and identity: a TLS session is resumed only for the same ones. */
static struct str tls_identity(struct out_session *s)
{
	const struct out_smarthost *relay = s->hop->relay;
	char text[ADDR_TEXT_MAX];

	return str_fmt(&s->arena, "%.*s %.*s %.*s %u %.*s", STR_ARG(s->route->way->name),
	               STR_ARG(s->hostname),
	               STR_ARG(addr_ip_text(stream_peer(s->stream), text)), s->hop->port,
	               STR_ARG(relay != NULL ? relay->user : STR_EMPTY));
}

enum err out_tls_start(struct out_session *s, struct str host)
{
	struct tls_client_config wanted = tls_wanted(s);
	struct why why = { "" };

	s->facts.offered = s->facts.met = true;
	wanted.identity = tls_identity(s);
	if (wanted.dane != NULL) /* RFC 7672 8.1: the TLSA base domain */
		host = wanted.dane->names[0];
	if (stream_starttls(s->stream, &wanted, host, &why) != OK)
		return tls_failed(s, &wanted, why.text);
	s->facts.open = true;
	s->facts.chain = chain_problem(stream_tls_chain(s->stream));
	s->facts.matched = stream_tls_matched(s->stream);
	s->facts.old = !stream_tls_modern(s->stream);
	return OK;
}

enum err out_starttls(struct out_session *s, struct str host)
{
	struct why detail;
	enum err e;

	s->facts.offered = true;
	if (out_command(s, STR("STARTTLS"), OUT_COMMAND_MS) != OK)
		return ERR_RETRY;
	if (s->reply.code != 220) {
		s->facts.failed = OUT_TLS_REFUSED;
		(void)fail(&detail, ERR_RETRY, "%u %.*s", s->reply.code, STR_ARG(s->reply.text));
		return out_tls_broken(s, OUT_TLS_REFUSED, detail.text);
	}
	if (out_tls_start(s, host) != OK)
		return ERR_RETRY;
	e = out_hello(s); /* RFC 3207 4.2: earlier announcements no longer count */
	s->facts.requiretls = s->ext.requiretls;
	return e;
}
