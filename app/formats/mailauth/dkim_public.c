/* formats/mailauth/dkim_public.c: see dkim_public.h. */
#include "formats/mailauth/dkim_public.h"

#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

#include <string.h>

enum {
	RECORDS_MAX = 5, /* read for one name */
	DER_MAX = 1024,  /* an RSA key of 4096 bits takes some 550                    */
	ED25519_BITS = 256,
};

static bool key_wrong(struct why *why, const char *what)
{
	(void)!fail(why, ERR_SYNTAX, "%s", what);
	return false;
}

static bool dkim_public_is_word(unsigned char c)
{
	return c != ':' && !ascii_space(c);
}

/* Is word in a list separated by colons? */
static bool list_has(struct str list, struct str word)
{
	struct cur c = cur_of(list);
	bool found = false;

	do {
		(void)cur_while(&c, ascii_space);
		found = found || str_eq(cur_while(&c, dkim_public_is_word), word);
		(void)cur_while(&c, ascii_space);
	} while (cur_byte(&c, ':'));
	return found;
}

/* --- the key --------------------------------------------------------------------------------- */

static unsigned bits_of(struct str modulus)
{
	unsigned bits = (unsigned)modulus.n * 8;

	for (unsigned top = (unsigned char)modulus.p[0]; top < 0x80; top <<= 1)
		bits--;
	return bits;
}

static bool rsa_read(struct str der, struct dkim_public *out, struct why *why)
{
	struct str modulus, exponent;

	if (!verify_rsa_key_read(der, &modulus, &exponent) || modulus.n == 0 || exponent.n == 0)
		return key_wrong(why, "its key is no RSA key");
	if (modulus.n > VERIFY_RSA_MOST || exponent.n > VERIFY_RSA_EXPONENT)
		return key_wrong(why, "its RSA key is too long");
	memcpy(out->bytes, modulus.p, modulus.n);
	memcpy(out->bytes + modulus.n, exponent.p, exponent.n);
	out->first_n = modulus.n;
	out->second_n = exponent.n;
	out->bits = bits_of(modulus);
	return true;
}

static bool ed25519_read(struct str raw, struct dkim_public *out, struct why *why)
{
	if (raw.n != ED25519_PUBLIC) /* RFC 8463 4.2 */
		return key_wrong(why, "its key is no Ed25519 key");
	memcpy(out->bytes, raw.p, raw.n);
	out->first_n = raw.n;
	out->bits = ED25519_BITS;
	return true;
}

static bool dkim_public_key_read(struct str value, struct dkim_public *out, struct why *why)
{
	char room[DER_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	if (!tags_base64(value, &b))
		return key_wrong(why, "its p= is no base64, or too long");
	return out->algorithm == DKIM_RSA_SHA256 ? rsa_read(buf_str(&b), out, why)
	                                         : ed25519_read(buf_str(&b), out, why);
}

/* --- the record ------------------------------------------------------------------------------ */

/* RFC 6376 3.6.1, s= */
static bool is_for(const struct tags *tags, struct str service)
{
	return list_has(tags_value(tags, STR("s"), STR("*")), service);
}

static bool is_for_mail(const struct tags *tags)
{
	return is_for(tags, STR("*")) || is_for(tags, STR("email"));
}

/* RFC 6376 3.6.1, in the order of 6.1.2; RFC 8460 3. */
static bool dkim_public_fits(const struct tags *tags, enum dkim_algorithm algorithm,
                             struct why *why)
{
	struct str type = algorithm == DKIM_RSA_SHA256 ? STR("rsa") : STR("ed25519");
	const struct tag *v = tags_find(tags, STR("v"));

	if (v != NULL && (v != tags->items || !str_eq(v->value, STR("DKIM1"))))
		return key_wrong(why, "its v= is not DKIM1, or not in front");
	if (!list_has(tags_value(tags, STR("h"), STR("sha256")), STR("sha256")))
		return key_wrong(why, "its h= does not allow sha256");
	if (!is_for_mail(tags) && !is_for(tags, STR("tlsrpt")))
		return key_wrong(why, "its s= says that it is not for mail");
	if (!str_eq(tags_value(tags, STR("k"), STR("rsa")), type))
		return key_wrong(why, "its k= is of another type than the signature");
	return true;
}

bool dkim_public_parse(struct str record, enum dkim_algorithm algorithm, struct dkim_public *out,
                       struct why *why)
{
	const struct tag *p;
	struct str flags;
	struct tags tags;

	*out = (struct dkim_public){ .algorithm = algorithm };
	if (!tags_parse(record, &tags))
		return key_wrong(why, "it is no list of tags");
	if (!dkim_public_fits(&tags, algorithm, why))
		return false;
	p = tags_find(&tags, STR("p"));
	if (p == NULL)
		return key_wrong(why, "it has no p=");
	if (p->value.n == 0)
		return key_wrong(why, "the key was revoked");
	flags = tags_value(&tags, STR("t"), STR_EMPTY);
	out->testing = list_has(flags, STR("y"));
	out->exact = list_has(flags, STR("s"));
	out->tls_reports = !is_for_mail(&tags);
	return dkim_public_key_read(p->value, out, why);
}

bool dkim_public_verify(const struct dkim_public *key, const uint8_t digest[static HASH_BYTES],
                        struct str signature)
{
	struct str first = str_from((const char *)key->bytes, key->first_n);
	struct str second = str_from((const char *)key->bytes + key->first_n, key->second_n);

	if (key->algorithm == DKIM_ED25519_SHA256) /* RFC 8463 3: the hash is signed */
		return verify_ed25519(first, str_from((const char *)digest, HASH_BYTES), signature);
	return key->bits >= DKIM_BITS_LEAST && verify_rsa_digest(first, second, digest, signature);
}

/* --- DNS ------------------------------------------------------------------------------------- */

static void records_read(struct dkim_question *q, const struct dns_text_list *list)
{
	struct dkim_public key;
	struct why why;

	q->found = DKIM_KEY_MISSING;
	for (size_t i = 0; i < list->count && i < RECORDS_MAX; i++) {
		bool ok = dkim_public_parse(list->items[i], q->algorithm, &key, &why);

		if (ok && (q->found == DKIM_KEY_MISSING || !key.tls_reports)) {
			q->found = DKIM_KEY_FOUND;
			q->key = key;
		}
		if (ok && !key.tls_reports)
			return;
		if (i == 0 && !ok)
			(void)!fail(&q->why, ERR_SYNTAX, "in the record %.*s: %s", STR_ARG(q->name),
			            why.text);
	}
}

static void answer_read(struct dkim_question *q, enum dns_status s,
                        const struct dns_text_list *list, struct arena *a)
{
	if (s == DNS_OK) {
		records_read(q, list);
	} else if (s == DNS_RETRY) {
		struct str trouble = dns_trouble_text(&list->trouble, a);

		q->found = DKIM_KEY_UNKNOWN;
		(void)!fail(&q->why, ERR_RETRY, "%.*s: %.*s", STR_ARG(q->name), STR_ARG(trouble));
	} else { /* RFC 6376 6.1.2: no key for signature */
		q->found = DKIM_KEY_MISSING;
		(void)!fail(&q->why, ERR_MISSING, "there is no key at %.*s", STR_ARG(q->name));
	}
}

void dkim_question_join(struct dkim_question **list, size_t *count, struct dkim_question *q)
{
	size_t i = 0;

	while (i < *count && !str_eq(list[i]->name, q->name))
		i++;
	q->twin = i < *count ? list[i]->twin : NULL;
	if (i < *count)
		list[i]->twin = q;
	else
		list[(*count)++] = q;
}

void dkim_question_ask(struct dkim_question *q, struct dns *dns, int64_t deadline_ms)
{
	struct dns_text_list list;
	struct arena a = { 0 };
	enum dns_status s = dns_txt(dns, &a, q->name, deadline_ms, &list);

	for (; q != NULL; q = q->twin)
		answer_read(q, s, &list, &a);
	arena_deinit(&a);
}
