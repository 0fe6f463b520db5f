/* The server side of every mechanism. Input: one byte that picks the mechanism, then the
 * client's lines. Laws: an exchange ends within four lines; what is claimed is UTF-8 without NUL,
 * within the maximum; SCRAM signs nothing that was not judged good, and repeats its nonce. */
#include "formats/sasl/sasl.h"
#include "foundation/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_field(struct str field)
{
	assert(field.n <= SASL_FIELD_MAX);
	assert(str_find_byte(field, '\0') < 0);
	assert(utf8_valid(field));
}

static void check_claim(const struct sasl *s)
{
	check_field(s->authzid);
	check_field(s->authcid);
	check_field(s->password);
	switch (s->mech->claim) {
	case SASL_CLAIM_PASSWORD:
		assert(s->authcid.n != 0 && s->password.n != 0);
		break;
	case SASL_CLAIM_PROOF:
		assert(s->authcid.n != 0 && s->scram->proof.n == scram_bytes(s->scram->hash));
		assert(str_starts(s->scram->auth_message, s->scram->first_bare));
		assert(str_ends(s->scram->nonce, s->nonce));
		break;
	case SASL_CLAIM_TOKEN:
		assert(s->token.n != 0);
		break;
	case SASL_CLAIM_CERTIFICATE:
		break;
	case SASL_CLAIM_CRAM:
		assert(s->authcid.n != 0 && s->cram_digest.n == 16);
		assert(str_ends(s->cram_challenge, STR("@localhost>")));
		break;
	}
}

static enum sasl_status run(struct sasl *s, const struct str *line, bool good, struct buf *out)
{
	static const uint8_t key[SCRAM_BYTES_MAX];
	enum sasl_status status = sasl_line(s, line, out);

	if (status == SASL_SALT) {
		check_field(s->authcid);
		sasl_salt(s, STR("0123456789abcdef"), 4096);
		status = sasl_line(s, NULL, out);
		assert(status == SASL_CONTINUE);
	}
	if (status != SASL_DONE)
		return status;
	check_claim(s);
	sasl_verified(s, good, key);
	status = sasl_line(s, NULL, out);
	assert(status == SASL_CONTINUE || status == SASL_OVER);
	if (s->mech->claim == SASL_CLAIM_PROOF)
		assert((status == SASL_CONTINUE) == good);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = { (const char *)data, (const char *)data + n };
	enum sasl_status status = SASL_CONTINUE;
	struct buf out;
	struct sasl s;
	struct str line;
	char pick;

	if (!cur_any(&c, &pick) ||
	    !sasl_begin(&s, sasl_mechs[((unsigned char)pick & 0x7f) % sasl_mech_count].name,
	                (unsigned)SASL_ALL))
		return 0;
	s.nonce = STR("server");
	s.binding = STR("0123456789abcdef0123456789abcdef");
	buf_init(&out, SASL_LINE_MAX);
	for (int lines = 0; status == SASL_CONTINUE && cur_line(&c, &line); lines++) {
		assert(lines < 4);
		buf_reset(&out);
		/* An empty first line stands for a command without initial response. */
		status = run(&s, lines == 0 && line.n == 0 ? NULL : &line,
		             ((unsigned char)pick & 0x80) != 0, &out);
		assert(buf_ok(&out));
	}
	buf_deinit(&out);
	sasl_end(&s);
	return 0;
}
