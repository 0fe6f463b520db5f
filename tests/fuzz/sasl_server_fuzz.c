/* The server side of every mechanism. Input: one byte that picks the mechanism, then the
 * client's lines. Law: an exchange ends within three lines, and what a finished one hands
 * over is UTF-8 without NUL, within the maximum. */
#include "sasl/sasl.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_field(struct str field)
{
	assert(field.n <= SASL_FIELD_MAX);
	assert(str_find_byte(field, '\0') < 0);
	assert(utf8_valid(field));
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
	    !sasl_begin(&s, sasl_mechs[(unsigned char)pick % sasl_mech_count].name,
	                (unsigned)SASL_ALL))
		return 0;
	buf_init(&out, 64);
	for (int lines = 0; status == SASL_CONTINUE && cur_line(&c, &line); lines++) {
		assert(lines < 3);
		buf_reset(&out);
		/* An empty first line stands for a command without initial response. */
		status = sasl_line(&s, lines == 0 && line.n == 0 ? NULL : &line, &out);
		assert(buf_ok(&out));
	}
	if (status == SASL_DONE) {
		assert(s.authcid.n != 0 && s.password.n != 0);
		check_field(s.authzid);
		check_field(s.authcid);
		check_field(s.password);
	}
	buf_deinit(&out);
	sasl_end(&s);
	return 0;
}
