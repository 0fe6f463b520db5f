/* formats/sasl/sasl.c: see sasl.h. */
#include "formats/sasl/sasl.h"

#include "formats/sasl/mechs.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/text/base64.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum { NONCE_CHARS = 26 /* 130 bits */ };

#define NAME(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

enum { PROOF = SASL_CLIENT_FIRST | SASL_SCRAM, TOKEN = SASL_CLIENT_FIRST | SASL_TOKENS };

const struct sasl_mech sasl_mechs[] = {
	{ NAME("SCRAM-SHA-256-PLUS"), PROOF | SASL_BINDING, SASL_CLAIM_PROOF, scram_sha256_step },
	{ NAME("SCRAM-SHA-256"), PROOF, SASL_CLAIM_PROOF, scram_sha256_step },
	{ NAME("SCRAM-SHA-1-PLUS"), PROOF | SASL_BINDING, SASL_CLAIM_PROOF, scram_sha1_step },
	{ NAME("SCRAM-SHA-1"), PROOF, SASL_CLAIM_PROOF, scram_sha1_step },
	{ NAME("EXTERNAL"), SASL_CLIENT_FIRST | SASL_CERTIFICATE, SASL_CLAIM_CERTIFICATE,
	  external_step },
	{ NAME("OAUTHBEARER"), TOKEN, SASL_CLAIM_TOKEN, oauthbearer_step },
	{ NAME("XOAUTH2"), TOKEN, SASL_CLAIM_TOKEN, xoauth2_step },
	{ NAME("PLAIN"), SASL_PLAINTEXT | SASL_CLIENT_FIRST, SASL_CLAIM_PASSWORD, plain_step },
	{ NAME("LOGIN"), SASL_PLAINTEXT, SASL_CLAIM_PASSWORD, login_step },
	{ NAME("CRAM-MD5"), SASL_CRAM, SASL_CLAIM_CRAM, cram_md5_step },
};
const size_t sasl_mech_count = COUNT(sasl_mechs);

const struct sasl_mech *sasl_mech_find(struct str name, unsigned allowed)
{
	for (size_t i = 0; i < sasl_mech_count; i++) {
		const struct sasl_mech *m = &sasl_mechs[i];

		if (str_eqi(name, m->name))
			return (m->flags & ~allowed) == 0 ? m : NULL;
	}
	return NULL;
}

void sasl_mechs_put(struct buf *out, unsigned allowed, struct str prefix, char separator)
{
	bool first = true;

	for (size_t i = 0; i < sasl_mech_count; i++) {
		if ((sasl_mechs[i].flags & ~allowed) != 0)
			continue;
		if (!first && separator != '\0')
			buf_byte(out, separator);
		first = false;
		buf_put(out, prefix);
		buf_put(out, sasl_mechs[i].name);
	}
}

bool sasl_field_check(struct str field)
{
	return field.n != 0 && field.n <= SASL_FIELD_MAX && str_find_byte(field, '\0') < 0 &&
	       utf8_valid(field);
}

bool sasl_begin(struct sasl *s, struct str name, unsigned allowed)
{
	*s = (struct sasl){ .mech = sasl_mech_find(name, allowed), .allowed = allowed };
	arena_init(&s->arena, true);
	if (s->mech != NULL)
		s->nonce = random_name(&s->arena, NONCE_CHARS);
	if (s->mech != NULL && s->mech->claim == SASL_CLAIM_PROOF)
		s->scram = arena_new(&s->arena, struct sasl_scram);
	return s->mech != NULL;
}

void sasl_end(struct sasl *s)
{
	arena_deinit(&s->arena);
	mem_wipe(s, sizeof *s);
}

void sasl_salt(struct sasl *s, struct str salt, uint32_t iterations)
{
	assert(iterations > 0);
	s->scram->salt = str_dup(&s->arena, salt);
	s->scram->iterations = iterations;
}

void sasl_verified(struct sasl *s, bool good, const uint8_t *server_key)
{
	s->verified = true;
	s->good = good;
	if (good && s->mech->claim == SASL_CLAIM_PROOF)
		memcpy(s->scram->server_key, server_key, scram_bytes(s->scram->hash));
}

enum sasl_status sasl_step(struct sasl *s, const struct str *in, struct buf *out)
{
	enum sasl_claim claim = s->mech->claim;

	if (in != NULL && in->n > SASL_MESSAGE_MAX)
		return SASL_BAD;
	/* Only these have a final message. */
	if (s->verified && claim != SASL_CLAIM_PROOF && claim != SASL_CLAIM_TOKEN)
		return SASL_OVER;
	return s->mech->step(s, in, out);
}

/* Secrets pass through these two buffers, which are wiped completely. */
static void buf_wipe(struct buf *b)
{
	if (b->p != NULL)
		mem_wipe(b->p, b->cap);
	buf_deinit(b);
}

enum sasl_status sasl_line(struct sasl *s, const struct str *line, struct buf *out)
{
	enum sasl_status status = SASL_BAD;
	struct buf in, challenge;
	struct str response;

	if (line != NULL && str_eq(*line, STR("*")))
		return SASL_CANCELLED;
	buf_init(&in, SASL_MESSAGE_MAX);
	buf_init(&challenge, SASL_MESSAGE_MAX);
	if (line == NULL) {
		status = sasl_step(s, NULL, &challenge);
	} else if (s->stage == 0 && str_eq(*line, STR("="))) {
		/* Only an initial response can be marked as empty (RFC 4954 4). */
		response = STR_EMPTY;
		status = sasl_step(s, &response, &challenge);
	} else if (line->n <= SASL_LINE_MAX && buf_room(&in, SASL_MESSAGE_MAX) != NULL &&
	           base64_parse(*line, &in) && buf_ok(&in)) {
		response = buf_str(&in);
		status = sasl_step(s, &response, &challenge);
	}
	if (status == SASL_CONTINUE)
		base64_put(out, buf_str(&challenge));
	buf_wipe(&in);
	buf_wipe(&challenge);
	return status;
}
