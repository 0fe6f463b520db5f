/* foundation/text/charset.c: see charset.h.
 *
 * label -> normalised name -> struct charset: how to decode, and with which table or iconv
 * name. Stateful 7-bit East Asian charsets are first rewritten into the 8-bit form of the
 * same characters (charset_shift.c), which both libcs decode. */
#include "foundation/text/charset.h"

#include "foundation/text/charset_tables.h"
#include "foundation/text/charset_wide.h"
#include "foundation/text/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum method { GUESS, UTF8, TABLE, ICONV, UTF7, WIDE, SHIFTED };

struct charset {
	enum method method;
	const struct charset_table *table;
	const struct charset_row *row;
};

/* Names are normalised and between spaces, as in charset_tables. */
struct charset_row {
	const char *names;
	enum method method;
	const char *iconv_name; /* known to glibc and musl, or a close superset */
	const char *iconv_next;
	int variant;
};

static const struct charset_row rows[] = {
	{ " utf8 unicode11utf8 utf8mb4 csutf8 ", UTF8, NULL, NULL, 0 },
	{ " usascii ascii ansix341968 ansix341986 iso646us us 646 ", GUESS, NULL, NULL, 0 },
	/* GB 18030 extends GBK, which extends GB 2312; senders confuse the labels. */
	{ " gb18030 gbk gb2312 cp936 windows936 euccn gb231280 chinese ms936 ", ICONV, "GB18030",
	  NULL, 0 },
	{ " big5 big5hkscs cnbig5 cp950 big5eten ", ICONV, "BIG5-HKSCS", "BIG5", 0 },
	{ " shiftjis sjis mskanji cp932 windows31j ms932 ", ICONV, "CP932", "SHIFT_JIS", 0 },
	{ " eucjp ujis eucjpms ", ICONV, "EUC-JP-MS", "EUC-JP", 0 },
	{ " euckr ksc56011987 ksc5601 cp949 windows949 uhc korean ksc56011989 ", ICONV, "CP949",
	  "EUC-KR", 0 },
	{ " iso2022jp iso2022jp1 iso2022jp2 iso2022jpms cp50220 cp50221 jis csiso2022jp ", SHIFTED,
	  "EUC-JP-MS", "EUC-JP", SHIFT_JP },
	{ " iso2022kr csiso2022kr ", SHIFTED, "CP949", "EUC-KR", SHIFT_KR },
	{ " hzgb2312 hz ", SHIFTED, "GB18030", NULL, SHIFT_HZ },
	{ " utf7 unicode11utf7 ", UTF7, NULL, NULL, 0 },
	{ " utf16 utf16be ucs2 unicode ucs2be iso10646ucs2 unicodefffe ", WIDE, NULL, NULL,
	  WIDE_16_BE },
	{ " utf16le ucs2le ", WIDE, NULL, NULL, WIDE_16_LE },
	{ " utf32 utf32be ucs4 ucs4be iso10646ucs4 ", WIDE, NULL, NULL, WIDE_32_BE },
	{ " utf32le ucs4le ", WIDE, NULL, NULL, WIDE_32_LE },
};

/* --- labels ---------------------------------------------------------------------- */

enum { NAME_MAX_LENGTH = 24 };

/* Lower case, letters and digits only, without "x-" before and ":1987" after, between
 * spaces. False when no known name is that long. */
static bool normalise(struct str label, char name[NAME_MAX_LENGTH + 3])
{
	size_t n = 1;

	label = str_trim(label);
	if (str_startsi(label, STR("x-")))
		label = str_sub(label, 2, label.n);
	name[0] = ' ';
	for (size_t i = 0; i < label.n && label.p[i] != ':'; i++) {
		if (!ascii_alnum(label.p[i]))
			continue;
		if (n > NAME_MAX_LENGTH)
			return false;
		name[n++] = ascii_lower(label.p[i]);
	}
	name[n++] = ' ';
	name[n] = '\0';
	return n > 2;
}

static bool charset_find(struct str label, struct charset *out)
{
	char name[NAME_MAX_LENGTH + 3];

	*out = (struct charset){ GUESS, NULL, NULL };
	if (!normalise(label, name))
		return false;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strstr(rows[i].names, name) != NULL) {
			*out = (struct charset){ rows[i].method, NULL, &rows[i] };
			return true;
		}
	}
	for (size_t i = 0; i < charset_table_count; i++) {
		if (strstr(charset_tables[i].names, name) != NULL) {
			*out = (struct charset){ TABLE, &charset_tables[i], NULL };
			return true;
		}
	}
	return false;
}

bool charset_known(struct str label)
{
	struct charset charset;

	return charset_find(label, &charset);
}

bool charset_is_wide(struct str label)
{
	struct charset charset;

	return charset_find(label, &charset) && charset.method == WIDE;
}

/* --- decoding -------------------------------------------------------------------- */

static bool ascii(unsigned char c)
{
	return c < 0x80;
}

static void table_decode(struct buf *out, const struct charset_table *table, struct str in)
{
	struct cur c = cur_of(in);
	char byte;

	for (;;) {
		buf_put(out, cur_while(&c, ascii));
		if (!cur_any(&c, &byte))
			return;
		uint16_t ch = table->upper[(unsigned char)byte & 0x7f];

		utf8_put(out, ch != 0 ? ch : UTF8_REPLACEMENT);
	}
}

static void guess_decode(struct buf *out, struct str in)
{
	if (utf8_valid(in))
		buf_put(out, in);
	else
		table_decode(out, &charset_tables[0], in);
}

/* iconv_open tries the names in order; false when the libc has none of them. */
static bool converter_open(const struct charset_row *row, iconv_t *out)
{
	*out = iconv_open("UTF-8", row->iconv_name);
	if (*out == (iconv_t)-1 && row->iconv_next != NULL)
		*out = iconv_open("UTF-8", row->iconv_next);
	return *out != (iconv_t)-1;
}

static void iconv_decode(struct buf *out, const struct charset_row *row, struct str in)
{
	char piece[1024];
	iconv_t converter;
	char *from = (char *)(uintptr_t)in.p; /* iconv's const is missing; it only reads */
	size_t left = in.n;

	if (!converter_open(row, &converter)) {
		guess_decode(out, in);
		return;
	}
	while (left != 0 && buf_ok(out)) {
		char *to = piece;
		size_t room = sizeof piece;
		size_t result = iconv(converter, &from, &left, &to, &room);
		int error = errno;

		buf_bytes(out, piece, sizeof piece - room);
		if (result != (size_t)-1 || error == E2BIG)
			continue;
		/* Skip one byte only: the byte after a broken lead byte is often ASCII. */
		utf8_put(out, UTF8_REPLACEMENT);
		from++;
		left--;
	}
	iconv_close(converter);
}

static void shifted_decode(struct buf *out, const struct charset_row *row, struct str in)
{
	struct buf plain;

	buf_init(&plain, 2 * in.n + 1);
	charset_unshift(&plain, (enum charset_shift)row->variant, in);
	iconv_decode(out, row, buf_str(&plain));
	buf_deinit(&plain);
}

void charset_decode(struct buf *out, struct str label, struct str in)
{
	struct charset charset;

	charset_find(label, &charset);
	switch (charset.method) {
	case GUESS:
		guess_decode(out, in);
		break;
	case UTF8:
		utf8_put_clean(out, in);
		break;
	case TABLE:
		table_decode(out, charset.table, in);
		break;
	case ICONV:
		iconv_decode(out, charset.row, in);
		break;
	case UTF7:
		charset_utf7_decode(out, in);
		break;
	case WIDE:
		charset_wide_decode(out, (enum charset_wide)charset.row->variant, in);
		break;
	case SHIFTED:
		shifted_decode(out, charset.row, in);
		break;
	}
}
