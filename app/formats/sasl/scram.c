/* formats/sasl/scram.c: SCRAM-SHA-256, SCRAM-SHA-1 and their -PLUS (RFC 5802, RFC 7677): the client
 * proves that it has the password, and the server that it has the stored keys; neither reveals
 * them.
 *
 *	C: n,,n=user,r=NONCE                         NAMED   needs the salt
 *	S: r=NONCEnonce,s=SALT,i=16384               SALTED
 *	C: c=biws,r=NONCEnonce,p=PROOF               PROVEN  needs the verification
 *	S: v=SIGNATURE                               TOLD
 *	C:                                           over
 *
 * -PLUS binds the exchange to the TLS connection by the server's certificate: a machine in the
 * middle has another certificate, so it cannot relay the proof. The only type of binding here is
 * tls-server-end-point (RFC 5929 4): tls-exporter (RFC 9266) requires TLS 1.3 or the extended
 * master secret, and tls-unique is unsafe without it; our TLS has neither. */
#include "formats/sasl/mechs.h"
#include "foundation/text/base64.h"

#include <string.h>

enum { SCRAM_START, SCRAM_ASKED, SCRAM_NAMED, SCRAM_SALTED, SCRAM_PROVEN, SCRAM_TOLD };

/* printable = %x21-2B / %x2D-7E */
static bool printable(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != ',';
}

/* value = 1*value-char, and ALPHA "=" before it */
static bool extension(struct cur *c)
{
	char name;
	struct str value;

	if (!cur_any(c, &name) || !ascii_alpha(name) || !cur_byte(c, '='))
		return false;
	if (!cur_until(c, ',', &value)) {
		value = cur_rest(c);
		cur_skip(c, value.n);
	}
	return value.n != 0;
}

/* Compare the client's binding flag with this mechanism. RFC 5802 6: "y" states that the server did
 * not offer -PLUS; if it did, an attacker has removed it from the list. */
static enum sasl_status binding_check(const struct sasl *s, const struct gs2 *gs2)
{
	bool plus = (s->mech->flags & SASL_BINDING) != 0;

	if (plus != (gs2->flag == 'p'))
		return SASL_BAD;
	if (gs2->flag == 'y' && (s->allowed & SASL_BINDING) != 0)
		return SASL_DENIED;
	if (plus && (!str_eq(gs2->binding, STR("tls-server-end-point")) || s->binding.n == 0))
		return SASL_DENIED;
	return SASL_CONTINUE;
}

/* client-first-message = gs2-header [reserved-mext ","] username "," nonce ["," extensions] */
static enum sasl_status first_parse(struct sasl *s, struct str message)
{
	struct sasl_scram *m = s->scram;
	struct cur c = cur_of(message);
	struct gs2 gs2;
	struct str nonce;
	enum sasl_status status;

	if (!gs2_parse(&c, &s->arena, &gs2))
		return SASL_BAD;
	status = binding_check(s, &gs2);
	if (status != SASL_CONTINUE)
		return status;
	m->gs2 = str_dup(&s->arena, str_sub(message, 0, message.n - cur_left(&c)));
	m->first_bare = str_dup(&s->arena, cur_rest(&c));
	/* "m=" is not the start of a name: unknown extensions must fail (RFC 5802 5.1). */
	if (!cur_str(&c, STR("n=")) || !gs2_name_parse(&c, &s->arena, &s->authcid) ||
	    !cur_str(&c, STR(",r=")))
		return SASL_BAD;
	nonce = cur_while(&c, (bool (*)(unsigned char))printable);
	if (nonce.n == 0 || nonce.n > SASL_NONCE_MAX)
		return SASL_BAD;
	while (!cur_done(&c))
		if (!cur_byte(&c, ',') || !extension(&c))
			return SASL_BAD;
	s->authzid = gs2.authzid;
	m->nonce = str_fmt(&s->arena, "%.*s%.*s", STR_ARG(nonce), STR_ARG(s->nonce));
	s->stage = SCRAM_NAMED;
	return SASL_SALT;
}

/* server-first-message = nonce "," salt "," iteration-count */
static enum sasl_status salted_put(struct sasl *s, struct buf *out)
{
	struct sasl_scram *m = s->scram;

	buf_put(out, STR("r="));
	buf_put(out, m->nonce);
	buf_put(out, STR(",s="));
	base64_put(out, m->salt);
	buf_fmt(out, ",i=%" PRIu32, m->iterations);
	m->server_first = str_dup(&s->arena, buf_str(out));
	s->stage = SCRAM_SALTED;
	return SASL_CONTINUE;
}

/* Is base64 the encoding of what? */
static bool base64_is(struct str base64, struct str what, size_t max)
{
	struct buf had;
	bool same;

	buf_init(&had, max);
	same = base64_parse(base64, &had) && buf_ok(&had) && str_eq_secret(buf_str(&had), what);
	buf_deinit(&had);
	return same;
}

/* channel-binding = "c=" base64 of gs2-header [ cbind-data ] */
static bool binding_same(struct sasl *s, struct str base64)
{
	struct sasl_scram *m = s->scram;
	bool plus = (s->mech->flags & SASL_BINDING) != 0;
	struct buf want;
	bool same;

	buf_init(&want, SASL_MESSAGE_MAX);
	buf_put(&want, m->gs2);
	if (plus)
		buf_put(&want, s->binding);
	same = buf_ok(&want) && base64_is(base64, buf_str(&want), SASL_MESSAGE_MAX);
	buf_deinit(&want);
	return same;
}

static bool proof_parse(struct sasl *s, struct str base64)
{
	struct buf proof;
	bool good;

	buf_init(&proof, SCRAM_BYTES_MAX);
	good = base64_parse(base64, &proof) && buf_ok(&proof) &&
	       proof.n == scram_bytes(s->scram->hash);
	if (good)
		s->scram->proof = str_dup(&s->arena, buf_str(&proof));
	buf_deinit(&proof);
	return good;
}

/* client-final-message = channel-binding "," nonce ["," extensions] "," proof */
static enum sasl_status final_parse(struct sasl *s, struct str message)
{
	struct sasl_scram *m = s->scram;
	ptrdiff_t at = str_rfind_byte(message, ',');
	struct str without_proof = str_sub(message, 0, at < 0 ? 0 : (size_t)at);
	struct cur c = cur_of(without_proof);
	struct cur proof = cur_of(str_sub(message, without_proof.n, message.n));
	struct str binding, nonce;

	if (!cur_str(&c, STR("c=")) || !cur_until(&c, ',', &binding) || !cur_str(&c, STR(",r=")))
		return SASL_BAD;
	nonce = cur_while(&c, (bool (*)(unsigned char))printable);
	while (!cur_done(&c))
		if (!cur_byte(&c, ',') || !extension(&c))
			return SASL_BAD;
	if (!cur_str(&proof, STR(",p=")) || !proof_parse(s, cur_rest(&proof)))
		return SASL_BAD;
	if (!str_eq(nonce, m->nonce) || !binding_same(s, binding))
		return SASL_DENIED;
	m->auth_message = str_fmt(&s->arena, "%.*s,%.*s,%.*s", STR_ARG(m->first_bare),
	                          STR_ARG(m->server_first), STR_ARG(without_proof));
	s->stage = SCRAM_PROVEN;
	return SASL_DONE;
}

/* server-final-message = verifier: only after a success. RFC 5802 5.1 allows us to omit the error,
 * which the protocol's reply states. */
static enum sasl_status verdict_put(struct sasl *s, struct buf *out)
{
	struct sasl_scram *m = s->scram;
	uint8_t signature[SCRAM_BYTES_MAX];

	if (!s->good)
		return SASL_OVER;
	scram_signature(m->hash, m->server_key, m->auth_message, signature);
	buf_put(out, STR("v="));
	base64_put(out, str_from((const char *)signature, scram_bytes(m->hash)));
	s->stage = SCRAM_TOLD;
	return SASL_CONTINUE;
}

static enum sasl_status scram_step(struct sasl *s, enum scram_hash hash, const struct str *in,
                             struct buf *out)
{
	switch (s->stage) {
	case SCRAM_START:
		s->scram->hash = hash;
		if (in == NULL) {
			s->stage = SCRAM_ASKED;
			return SASL_CONTINUE;
		}
		return first_parse(s, *in);
	case SCRAM_ASKED:
		return in != NULL ? first_parse(s, *in) : SASL_BAD;
	case SCRAM_NAMED:
		return in == NULL && s->scram->iterations != 0 ? salted_put(s, out) : SASL_BAD;
	case SCRAM_SALTED:
		return in != NULL ? final_parse(s, *in) : SASL_BAD;
	case SCRAM_PROVEN:
		return in == NULL && s->verified ? verdict_put(s, out) : SASL_BAD;
	default:
		/* RFC 4954 and RFC 9051 have no data with success, so the signature was a
		 * challenge, and its response is empty (RFC 4422 3.6). */
		return in != NULL && in->n == 0 ? SASL_OVER : SASL_BAD;
	}
}

enum sasl_status scram_sha256_step(struct sasl *s, const struct str *in, struct buf *out)
{
	return scram_step(s, SCRAM_SHA_256, in, out);
}

enum sasl_status scram_sha1_step(struct sasl *s, const struct str *in, struct buf *out)
{
	return scram_step(s, SCRAM_SHA_1, in, out);
}
