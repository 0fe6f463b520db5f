/* Laws of domain names: the normal form is its own normal form, valid, lower case ASCII; what
 * people read of it leads back to it; Punycode comes back as it was. */
#include "foundation/base/arena.h"
#include "foundation/text/idna.h"
#include "foundation/text/punycode.h"
#include "foundation/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void names(struct str input)
{
	struct arena a = { 0 };
	struct str ascii, again;

	if (idna_ascii(&a, input, &ascii)) {
		struct buf text;

		assert(utf8_ascii(ascii) && ascii.n <= IDNA_NAME_MAX && idna_valid(ascii));
		assert(str_eq(str_lower(&a, ascii), ascii));
		assert(idna_ascii(&a, ascii, &again) && str_eq(again, ascii));
		buf_init(&text, 4 * IDNA_NAME_MAX);
		idna_unicode_put(&text, ascii);
		assert(buf_ok(&text) && idna_ascii(&a, buf_str(&text), &again));
		assert(str_eq(again, ascii));
		buf_deinit(&text);
	}
	arena_deinit(&a);
}

static void codes(struct str input)
{
	uint32_t chars[PUNYCODE_MAX], back[PUNYCODE_MAX];
	struct cur c = cur_of(input);
	struct buf out;
	size_t n = 0, m;

	while (!cur_done(&c) && n < PUNYCODE_MAX)
		chars[n++] = utf8_next(&c);
	buf_init(&out, 10000);
	punycode_put(&out, chars, n);
	if (out.n <= PUNYCODE_MAX) {
		assert(punycode_parse(buf_str(&out), back, &m) && m == n);
		for (size_t i = 0; i < n; i++)
			assert(back[i] == chars[i]);
	}
	buf_deinit(&out);
	if (punycode_parse(input, back, &m))
		assert(m <= PUNYCODE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str input = str_from((const char *)data, n);
	struct buf text;

	names(input);
	codes(input);
	buf_init(&text, 4 * n + 16);
	idna_unicode_put(&text, input); /* whatever it is */
	buf_deinit(&text);
	return 0;
}
