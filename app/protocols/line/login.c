/* protocols/line/login.c: see login.h. */
#include "protocols/line/login.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/x509_client.h"
#include "foundation/observe/event.h"
#include "network/runtime/conn.h"

bool login_allowed(const struct conn *c)
{
	return conn_is_tls(c) || conn_service(c)->plain_auth;
}

unsigned login_mechs(const struct conn *c, struct logins *logins)
{
	unsigned allowed = SASL_PLAINTEXT | SASL_CLIENT_FIRST;

	if (!login_allowed(c))
		return 0;
	if (logins_scram(logins))
		allowed |= SASL_SCRAM;
	if (logins_cram(logins))
		allowed |= SASL_CRAM;
	if (logins_tokens(logins))
		allowed |= SASL_TOKENS;
	if (conn_tls_client(c) != NULL)
		allowed |= SASL_CERTIFICATE;
	if (conn_tls_bound(c))
		allowed |= SASL_BINDING;
	return allowed;
}

static enum login_result login_failed_count(struct login_session *s, enum login_result result)
{
	if (++s->failures >= LIMIT_login_tries)
		return LOGIN_TOO_MANY;
	return result;
}

static struct certificate_claim login_shown(const struct conn *c)
{
	const struct x509_client *who = conn_tls_client(c);

	if (who == NULL)
		return (struct certificate_claim){ 0 };
	return (struct certificate_claim){ who->addresses, who->count, who->not_after_ms };
}

static enum err claim_check(struct login_session *s, struct conn *c, struct logins *logins,
                            struct login_try *try, uint8_t server_key[SCRAM_BYTES_MAX])
{
	const struct sasl *claim = &s->sasl;
	const struct certificate_claim certificate = login_shown(c);
	const struct login_cram cram = { claim->cram_challenge, claim->cram_digest };
	struct arena *a = conn_arena(c);
	const struct token_claim token = { claim->token, claim->authcid, claim->host, claim->port,
		                           try->service };
	struct login_scram scram;

	switch (claim->mech->claim) {
	case SASL_CLAIM_PROOF:
		scram = (struct login_scram){ claim->scram->hash, claim->scram->salt,
			                      claim->scram->auth_message, claim->scram->proof };
		return login_scram(logins, try, &scram, a, &s->login, server_key, NULL);
	case SASL_CLAIM_TOKEN:
		try->name = STR_EMPTY;
		return login_token(logins, try, &token, a, &s->login, NULL);
	case SASL_CLAIM_CERTIFICATE:
		try->name = STR_EMPTY;
		return login_certificate(logins, try, &certificate, a, &s->login, NULL);
	case SASL_CLAIM_CRAM:
		return login_cram(logins, try, &cram, a, &s->login, NULL);
	case SASL_CLAIM_PASSWORD:
		break;
	}
	return login_check(logins, try, a, &s->login, NULL);
}

/* Verify the claim of s->sasl. The mechanism receives the result, and may send a final
 * message. */
static enum login_result login_judge(struct login_session *s, struct conn *c, struct logins *logins)
{
	uint8_t server_key[SCRAM_BYTES_MAX] = { 0 };
	struct login_try try = {
		.id = conn_id(c),
		.service = str_of(conn_service(c)->name),
		.peer = conn_peer(c),
		.name = s->sasl.authcid,
		.password = s->sasl.password,
		.authzid = s->sasl.authzid,
		.client = s->client,
	};
	enum err e = claim_check(s, c, logins, &try, server_key);

	sasl_verified(&s->sasl, e == OK, server_key);
	mem_wipe(server_key, sizeof server_key);
	if (e == OK) {
		s->mechanism = s->sasl.mech->name;
		return LOGIN_OK;
	}
	return login_failed_count(s, e == ERR_DENIED ? LOGIN_DENIED : LOGIN_BUSY);
}

static void salt(struct login_session *s, struct logins *logins)
{
	uint8_t bytes[SCRAM_SALT_BYTES];
	uint32_t iterations;

	login_salt(logins, s->sasl.authcid, s->sasl.scram->hash, bytes, &iterations);
	sasl_salt(&s->sasl, str_from((const char *)bytes, sizeof bytes), iterations);
}

/* End the exchange. A client that was accepted but did not finish it (it rejected the
 * server's signature, for example) is not logged in. */
static enum login_result over(struct login_session *s, struct conn *c, struct logins *logins,
                              enum login_result result)
{
	sasl_end(&s->sasl);
	if (result == LOGIN_OK) {
		s->failures = 0;
		conn_trust_set(c, CONN_TRUST_LOGIN);
		live_login_add(logins_live(logins), &s->live, &s->login, conn_waker(c));
	} else {
		s->login = (struct login){ 0 };
	}
	return result;
}

static enum login_result login_sasl_step(struct login_session *s, struct conn *c,
                                         struct logins *logins, const struct str *line,
                                         struct buf *challenge)
{
	for (;;) {
		switch (sasl_line(&s->sasl, line, challenge)) {
		case SASL_CONTINUE:
			return LOGIN_CHALLENGE;
		case SASL_SALT:
			salt(s, logins);
			break;
		case SASL_DONE:
			s->verdict = login_judge(s, c, logins);
			break;
		case SASL_OVER:
			return over(s, c, logins, s->verdict);
		case SASL_DENIED:
			return over(s, c, logins, login_failed_count(s, LOGIN_DENIED));
		case SASL_CANCELLED:
			return over(s, c, logins, LOGIN_CANCELLED);
		case SASL_BAD:
			return over(s, c, logins, login_failed_count(s, LOGIN_BAD));
		}
		line = NULL;
	}
}

/* The line is in the connection's own input buffer, which nothing else reads. */
static void line_wipe(struct str line)
{
	if (line.n != 0)
		mem_wipe((char *)(uintptr_t)line.p, line.n);
}

enum login_result login_begin(struct login_session *s, struct conn *c, struct logins *logins,
                              struct str mech, const struct str *initial, struct buf *challenge)
{
	enum login_result result;

	sasl_end(&s->sasl);
	if (!sasl_begin(&s->sasl, mech, login_mechs(c, logins)))
		return LOGIN_UNKNOWN;
	if ((s->sasl.mech->flags & SASL_BINDING) != 0)
		s->sasl.binding = conn_tls_end_point(c, &s->sasl.arena);
	s->sasl.server = s->hostname;
	result = login_sasl_step(s, c, logins, initial, challenge);
	if (initial != NULL)
		line_wipe(*initial);
	return result;
}

enum login_result login_line(struct login_session *s, struct conn *c, struct logins *logins,
                             struct str line, struct buf *challenge)
{
	enum login_result result = login_sasl_step(s, c, logins, &line, challenge);

	line_wipe(line);
	return result;
}

enum login_result login_password(struct login_session *s, struct conn *c, struct logins *logins,
                                 struct str name, struct str password)
{
	enum login_result result;

	sasl_end(&s->sasl);
	(void)sasl_begin(&s->sasl, STR("PLAIN"), login_mechs(c, logins));
	s->sasl.authcid = name;
	s->sasl.password = password;
	result = login_judge(s, c, logins);
	return over(s, c, logins, result);
}

void login_named(struct login_session *s, struct conn *c, struct logins *logins, struct str client)
{
	if (s->client.n != 0 || client.n == 0)
		return;
	s->client = str_dup(conn_arena(c), client);
	if (s->login.account != 0)
		login_client(logins, &s->login, str_of(conn_service(c)->name), conn_peer(c),
		             client);
}

bool login_ended(const struct login_session *s, struct conn *c)
{
	if (!live_login_ended(&s->live))
		return false;
	event(login_ended, conn_id(c), ev_z(conn_service(c)->name), ev_str(conn_peer_text(c)),
	      ev_str(s->login.address));
	return true;
}

void login_end(struct login_session *s, struct conn *c)
{
	conn_trust_set(c, CONN_TRUST_NONE);
	sasl_end(&s->sasl);
	live_login_remove(&s->live);
	s->login.account = 0;
}
