/* Charsets, encodings and HTML never fail, stay within their promised growth, and give valid
 * UTF-8. The first byte chooses the charset. */
#include "foundation/text/base64.h"
#include "foundation/text/charset.h"
#include "foundation/text/fold.h"
#include "foundation/text/html.h"
#include "foundation/text/qp.h"
#include "foundation/text/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const labels[] = {
	"",           "utf-8",    "iso-8859-1", "utf-7",     "iso-2022-jp", "iso-2022-kr",
	"hz-gb-2312", "gb18030",  "big5",       "shift_jis", "euc-jp",      "euc-kr",
	"utf-16",     "utf-16le", "utf-32",     "koi8-r",    "windows-874", "us-ascii",
};

static void charset_law(struct str label, struct str in)
{
	struct buf text, nfc, folded;

	buf_init(&text, CHARSET_GROWTH * in.n + 1);
	buf_init(&nfc, 3 * CHARSET_GROWTH * in.n + 1);
	buf_init(&folded, FOLD_GROWTH * CHARSET_GROWTH * in.n + 1);
	charset_decode(&text, label, in);
	fold_nfc_put(&nfc, buf_str(&text));
	fold_put(&folded, buf_str(&text));
	assert(buf_ok(&text) && utf8_valid(buf_str(&text)));
	assert(buf_ok(&nfc) && utf8_valid(buf_str(&nfc)));
	assert(buf_ok(&folded) && utf8_valid(buf_str(&folded)));
	buf_deinit(&text);
	buf_deinit(&nfc);
	buf_deinit(&folded);
}

/* What an encoder writes, its decoder reads; what is no such text is decoded somehow. */
static void codec_law(struct str in)
{
	struct buf text, back;

	buf_init(&text, 4 * in.n + 16);
	buf_init(&back, 2 * in.n + 16);
	base64_put_lines(&text, in);
	base64_decode(buf_str(&text), &back);
	assert(str_eq(buf_str(&back), in));
	buf_reset(&text);
	buf_reset(&back);
	qp_word_put(&text, in);
	qp_word_decode(buf_str(&text), &back);
	assert(str_eq(buf_str(&back), in));
	buf_reset(&back);
	base64_decode(in, &back);
	qp_decode(in, &back);
	assert(buf_ok(&back));
	buf_deinit(&text);
	buf_deinit(&back);
}

/* Stopping early is a prefix of not stopping. */
static void html_law(struct str in)
{
	struct buf all, some;

	buf_init(&all, 8 * in.n + 16);
	buf_init(&some, 16);
	html_text_put(&all, in);
	html_text_put(&some, in);
	assert(buf_ok(&all));
	assert(str_starts(buf_str(&all), buf_str(&some)));
	buf_deinit(&all);
	buf_deinit(&some);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);

	if (n == 0)
		return 0;
	in = str_sub(in, 1, n);
	charset_law(str_of(labels[data[0] % COUNT(labels)]), in);
	codec_law(in);
	html_law(in);
	return 0;
}
