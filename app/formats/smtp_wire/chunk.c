/* formats/smtp_wire/chunk.c: see chunk.h. */
#include "formats/smtp_wire/chunk.h"

#include "foundation/base/cur.h"

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
