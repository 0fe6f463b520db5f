/* smtp/wire_chunk.c: see wire_chunk.h. */
#include "smtp/wire_chunk.h"

#include "base/cur.h"

/* bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF	RFC 3030 2 */
bool smtp_bdat_parse(struct str args, struct smtp_bdat *out)
{
	struct cur c = cur_of(args);

	*out = (struct smtp_bdat){ 0 };
	if (!cur_u64(&c, &out->size))
		return false;
	if (cur_done(&c))
		return true;
	out->last = cur_blank(&c) && cur_stri(&c, STR("LAST"));
	return out->last && cur_done(&c);
}

void smtp_lines_next(struct smtp_lines *l, struct str bytes)
{
	if (bytes.n == 0)
		return;
	if (str_find_byte(bytes, '\0') >= 0)
		l->lone = true;
	while (bytes.n != 0 && !l->lone) {
		ptrdiff_t lf = str_find_byte(bytes, '\n');
		size_t text = lf >= 0 ? (size_t)lf : bytes.n;
		ptrdiff_t cr = str_find_byte(str_sub(bytes, 0, text), '\r');

		/* A CR of before has its LF here or nowhere; one within has it right after. */
		if (l->cr ? text != 0 : (lf >= 0 && cr < 0))
			l->lone = true;
		if (cr >= 0 && (size_t)cr + 1 != text)
			l->lone = true;
		l->cr = cr >= 0 && lf < 0;
		bytes = str_sub(bytes, text + (lf >= 0), bytes.n);
	}
}

bool smtp_lines_strict(const struct smtp_lines *l)
{
	return !l->lone && !l->cr;
}

bool smtp_text_strict(struct str text)
{
	struct smtp_lines l = { 0 };

	smtp_lines_next(&l, text);
	return smtp_lines_strict(&l);
}
