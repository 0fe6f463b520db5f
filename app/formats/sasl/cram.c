/* formats/sasl/cram.c: CRAM-MD5 (RFC 2195): the server sends a challenge, the client answers with
 * its name and the HMAC-MD5 of the challenge under its password. */
#include "formats/sasl/mechs.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/cram.h"

enum { CRAM_START, CRAM_ASKED };

/* The syntax of a msg-id: random digits or letters, the time, and the server's name (2). */
static void cram_challenge_make(struct sasl *s, struct buf *out)
{
	struct str server = s->server.n != 0 ? s->server : STR("localhost");

	s->cram_challenge = str_fmt(&s->arena, "<%.*s.%" PRId64 "@%.*s>", STR_ARG(s->nonce),
	                            clock_real_ms() / 1000, STR_ARG(server));
	buf_put(out, s->cram_challenge);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool digest_parse(struct sasl *s, struct str hex)
{
	char *to = arena_alloc(&s->arena, CRAM_BYTES);

	if (hex.n != 2 * (size_t)CRAM_BYTES)
		return false;
	for (size_t i = 0; i < CRAM_BYTES; i++) {
		int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (char)(high << 4 | low);
	}
	s->cram_digest = str_from(to, CRAM_BYTES);
	return true;
}

/* The name, a space, the digest; a name may contain spaces. */
enum sasl_status cram_md5_step(struct sasl *s, const struct str *in, struct buf *out)
{
	ptrdiff_t space;

	if (s->stage == CRAM_START && in == NULL) {
		s->stage = CRAM_ASKED;
		cram_challenge_make(s, out);
		return SASL_CONTINUE;
	}
	if (s->stage != CRAM_ASKED || in == NULL || (space = str_rfind_byte(*in, ' ')) <= 0)
		return SASL_BAD;
	s->authcid = str_dup(&s->arena, str_sub(*in, 0, (size_t)space));
	return sasl_field_check(s->authcid) &&
	                       digest_parse(s, str_sub(*in, (size_t)space + 1, in->n))
	               ? SASL_DONE
	               : SASL_BAD;
}
