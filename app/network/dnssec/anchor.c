/* network/dnssec/anchor.c: see anchor.h. */
#include "network/dnssec/anchor.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"

enum { RULES_MAX = 1000 };

/* From https://data.iana.org/root-anchors/root-anchors.xml: 20326 signs since 2018, 38696 was added
 * to the zone in January 2025 and signs from October 2026 on. For a Roost that is older than the
 * present keys, set ROOST_DNSSEC_ANCHORS. */
static const char builtin[] =
	". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
	". DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n";

/* Names that local name servers resolve themselves; the root would prove that they do not exist. */
static const char *const special[] = {
	"alt",       "corp",      "home",     "home.arpa", "internal", "intranet", "invalid",
	"lan",       "local",     "localdomain", "localhost", "onion", "private",  "test",
	"10.in-addr.arpa",        "127.in-addr.arpa",      "254.169.in-addr.arpa",
	"16.172.in-addr.arpa",    "17.172.in-addr.arpa",   "18.172.in-addr.arpa",
	"19.172.in-addr.arpa",    "20.172.in-addr.arpa",   "21.172.in-addr.arpa",
	"22.172.in-addr.arpa",    "23.172.in-addr.arpa",   "24.172.in-addr.arpa",
	"25.172.in-addr.arpa",    "26.172.in-addr.arpa",   "27.172.in-addr.arpa",
	"28.172.in-addr.arpa",    "29.172.in-addr.arpa",   "30.172.in-addr.arpa",
	"31.172.in-addr.arpa",    "168.192.in-addr.arpa",  "d.f.ip6.arpa",
	"8.e.f.ip6.arpa",
};

/* --- rules ---------------------------------------------------------------------------------- */

static bool anchor_is_word(unsigned char b)
{
	return b != ' ' && b != '\t' && b != '\r';
}

static struct str word_take(struct cur *c)
{
	struct str word;

	cur_blank(c);
	word = cur_while(c, anchor_is_word);
	while (cur_byte(c, '\r')) {
	}
	return word;
}

static int anchor_hex_value(char c)
{
	c = ascii_lower(c);
	if (ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits, maybe with blanks, as in zone files. */
static bool digest_take(struct cur *c, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, cur_left(c) / 2 + 1);
	size_t digits = 0;
	char byte;

	while (cur_any(c, &byte)) {
		int value = anchor_hex_value(byte);

		if (!anchor_is_word((unsigned char)byte))
			continue;
		if (value < 0)
			return false;
		p[digits / 2] = (char)((unsigned char)p[digits / 2] << 4 | value);
		digits++;
	}
	*out = str_from(p, digits / 2);
	return digits % 2 == 0 && digits != 0;
}

static bool anchor_number_take(struct cur *c, uint32_t max, uint32_t *out)
{
	struct str word = word_take(c);
	struct cur number = cur_of(word);

	return cur_u32(&number, out) && cur_done(&number) && *out <= max;
}

static bool ds_rule(struct cur *c, struct arena *a, struct dnssec_ds *out)
{
	uint32_t tag, algorithm, type;

	if (!anchor_number_take(c, UINT16_MAX, &tag) ||
	    !anchor_number_take(c, UINT8_MAX, &algorithm) ||
	    !anchor_number_take(c, UINT8_MAX, &type) || !digest_take(c, a, &out->digest))
		return false;
	out->tag = (uint16_t)tag;
	out->algorithm = (uint8_t)algorithm;
	out->digest_type = (uint8_t)type;
	return dnssec_ds_known(out, true) &&
	       out->digest.n == (type == DIGEST_SHA256 ? HASH_BYTES : HASH_SHA384_BYTES);
}

static bool rule_take(struct str rule, struct dnssec_anchors *t)
{
	struct cur c = cur_of(rule);
	struct str word = word_take(&c);
	struct dnssec_anchor *anchor = &t->items[t->count];

	if (word.n == 0)
		return true;
	if (str_eqi(word, STR("insecure"))) {
		word = word_take(&c);
		return word.n != 0 && word_take(&c).n == 0 &&
		       dname_from_text(word, &t->arena, &t->unsigned_names[t->unsigned_count++]);
	}
	if (!dname_from_text(word, &t->arena, &anchor->zone))
		return false;
	word = word_take(&c);
	if (str_eqi(word, STR("IN")))
		word = word_take(&c);
	if (!str_eqi(word, STR("DS")) || !ds_rule(&c, &t->arena, &anchor->ds))
		return false;
	t->count++;
	return true;
}

static bool is_rule_byte(unsigned char b)
{
	return b != '\n' && b != ';' && b != '#';
}

static bool is_line_byte(unsigned char b)
{
	return b != '\n';
}

/* Returns the number of the first malformed rule; 0: none. */
static unsigned anchor_rules_take(struct str text, struct dnssec_anchors *t)
{
	struct cur c = cur_of(text);
	char separator;
	unsigned n = 0;

	do {
		struct str rule = cur_while(&c, is_rule_byte);

		if (++n > RULES_MAX || !rule_take(rule, t))
			return n;
		if (cur_peek(&c) == '#')
			(void)cur_while(&c, is_line_byte);
	} while (cur_any(&c, &separator));
	return 0;
}

static bool declared_unsigned(const struct dnssec_anchors *t, struct str name)
{
	for (size_t i = 0; i < t->unsigned_count; i++)
		if (str_eq(t->unsigned_names[i], name))
			return true;
	return false;
}

enum err dnssec_anchors_new(struct str text, struct dnssec_anchors **out, struct why *why)
{
	struct dnssec_anchors *t = NEW(struct dnssec_anchors);
	size_t room = RULES_MAX + 2;
	unsigned wrong;

	*out = NULL;
	t->items = arena_array(&t->arena, struct dnssec_anchor, room);
	t->unsigned_names = arena_array(&t->arena, struct str, room);
	wrong = anchor_rules_take(str_dup(&t->arena, text), t);
	if (wrong != 0) {
		dnssec_anchors_free(t);
		return fail(why, ERR_SYNTAX,
		            "rule %u is neither \"ZONE DS tag algorithm type digest\" nor "
		            "\"insecure NAME\"",
		            wrong);
	}
	if (!dnssec_anchors_have(t, DNAME_ROOT) && !declared_unsigned(t, DNAME_ROOT)) {
		wrong = anchor_rules_take(str_from(builtin, sizeof builtin - 1), t);
		assert(wrong == 0);
	}
	*out = t;
	return OK;
}

void dnssec_anchors_free(struct dnssec_anchors *t)
{
	if (t == NULL)
		return;
	arena_deinit(&t->arena);
	mem_free(t);
}

/* --- queries
 * ----------------------------------------------------------------------------------- */

bool dnssec_anchors_have(const struct dnssec_anchors *t, struct str zone)
{
	for (size_t i = 0; i < t->count; i++)
		if (str_eq(t->items[i].zone, zone))
			return true;
	return false;
}

static bool is_special(struct str name)
{
	struct arena a = { 0 };
	struct str text = dname_text(name, &a);
	bool found = false;

	for (size_t i = 0; i < COUNT(special) && !found; i++)
		found = str_eq(text, str_of(special[i]));
	arena_deinit(&a);
	return found;
}

bool dnssec_anchors_waive(const struct dnssec_anchors *t, struct str name)
{
	for (size_t i = 0; i < t->count; i++)
		if (dname_within(t->items[i].zone, name))
			return false;
	return declared_unsigned(t, name) || is_special(name);
}
