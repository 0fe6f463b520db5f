/* formats/sasl/client_scram.c: the client side of SCRAM-SHA-256 (RFC 5802, RFC 7677); see client.h.
 * The password is not sent, and the server must prove that it has its keys. */
#include "formats/sasl/client_scram.h"
#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/text/base64.h"

#include <string.h>

enum {
	NONCE_BYTES = 18,
	ITERATIONS_MIN = 4096,    /* RFC 7677 4 */
	ITERATIONS_MAX = 1000000, /* bounds the CPU time that a server can demand: half a second */
	SALT_MAX = 1024,
};

static struct str encoded(struct arena *a, struct str raw)
{
	struct str text;
	struct buf b;

	buf_init(&b, SASL_LINE_MAX);
	base64_put(&b, raw);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

void client_scram_begin(struct sasl_client *c)
{
	uint8_t raw[NONCE_BYTES];
	struct buf name;

	random_bytes(raw, sizeof raw);
	c->nonce = encoded(c->arena, str_from((const char *)raw, sizeof raw));
	buf_init(&name, 3 * SASL_FIELD_MAX);
	sasl_client_name_put(&name, c->user);
	c->first = str_fmt(c->arena, "n=%.*s,r=%.*s", STR_ARG(buf_str(&name)), STR_ARG(c->nonce));
	buf_deinit(&name);
}

void client_scram_first(struct sasl_client *c, struct buf *out)
{
	base64_put(out, str_fmt(c->arena, "%.*s%.*s", STR_ARG(c->gs2), STR_ARG(c->first)));
}

struct server_first {
	struct str nonce, salt;
	uint32_t iterations;
};

/* server-first-message = nonce "," salt "," iteration-count ["," extensions]; "m=" is a mandatory
 * extension, which we do not support (RFC 5802 5.1). */
static bool first_parse(const struct sasl_client *c, struct str message, struct server_first *out)
{
	struct cur cur = cur_of(message);
	struct str salt;
	struct buf raw;
	bool good;

	if (!cur_str(&cur, STR("r=")) || !cur_until(&cur, ',', &out->nonce) ||
	    !cur_str(&cur, STR(",s=")) || !cur_until(&cur, ',', &salt) ||
	    !cur_str(&cur, STR(",i=")) || !cur_u32(&cur, &out->iterations) ||
	    !(cur_done(&cur) || cur_byte(&cur, ',')))
		return false;
	/* RFC 5802 5.1: our nonce, extended by the server. */
	if (!str_starts(out->nonce, c->nonce) || out->nonce.n == c->nonce.n ||
	    out->iterations < ITERATIONS_MIN || out->iterations > ITERATIONS_MAX)
		return false;
	buf_init(&raw, SALT_MAX);
	good = base64_parse(salt, &raw) && raw.n != 0;
	out->salt = good ? str_dup(c->arena, buf_str(&raw)) : STR_EMPTY;
	buf_deinit(&raw);
	return good;
}

/* cbind-input = gs2-header [ cbind-data ], in base64		RFC 5802 7 */
static struct str channel(const struct sasl_client *c)
{
	struct str text;
	struct buf b;

	buf_init(&b, SASL_LINE_MAX);
	buf_put(&b, c->gs2);
	buf_put(&b, c->binding);
	text = encoded(c->arena, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* client-final-message; the server's expected signature is stored in c->expected. */
static bool final_put(struct sasl_client *c, struct str message, struct buf *out)
{
	uint8_t salted[SCRAM_BYTES_MAX], bytes[SCRAM_BYTES_MAX];
	size_t n = scram_bytes(SCRAM_SHA_256);
	struct server_first first;
	struct scram_keys keys;
	struct str final, auth;

	if (!first_parse(c, message, &first))
		return false;
	final = str_fmt(c->arena, "c=%.*s,r=%.*s", STR_ARG(channel(c)), STR_ARG(first.nonce));
	auth = str_fmt(c->arena, "%.*s,%.*s,%.*s", STR_ARG(c->first), STR_ARG(message),
	               STR_ARG(final));
	scram_salted(SCRAM_SHA_256, c->password, first.salt, first.iterations, salted);
	scram_proof(SCRAM_SHA_256, salted, auth, bytes);
	base64_put(out, str_fmt(c->arena, "%.*s,p=%.*s", STR_ARG(final),
	                        STR_ARG(encoded(c->arena, str_from((const char *)bytes, n)))));
	scram_keys(SCRAM_SHA_256, salted, &keys);
	scram_signature(SCRAM_SHA_256, keys.server, auth, bytes);
	c->expected = str_fmt(c->arena, "v=%.*s",
	                      STR_ARG(encoded(c->arena, str_from((const char *)bytes, n))));
	mem_wipe(salted, sizeof salted);
	mem_wipe(&keys, sizeof keys);
	return true;
}

bool client_scram_line(struct sasl_client *c, unsigned stage, struct str line, struct buf *out)
{
	struct buf message;
	bool good;

	if (stage == 0) { /* the server requests the first message */
		client_scram_first(c, out);
		return true;
	}
	buf_init(&message, SASL_MESSAGE_MAX);
	good = base64_parse(line, &message);
	if (good && stage == 1) {
		good = final_put(c, str_dup(c->arena, buf_str(&message)), out);
	} else if (good && stage == 2) {
		struct str v = buf_str(&message);

		/* extensions may follow */
		good = c->expected.n != 0 && str_starts(v, c->expected) &&
		       (v.n == c->expected.n || v.p[c->expected.n] == ',');
		c->proven = good;
	} else {
		good = false;
	}
	buf_deinit(&message);
	return good;
}
