/* operations/transfer/lines.c: see lines.h. */
#include "operations/transfer/lines.h"

void lines_put_mail(struct buf *out, struct str file)
{
	ptrdiff_t at = str_find_byte(file, '\n');

	if (at < 0 || (at > 0 && file.p[at - 1] == '\r')) {
		buf_put(out, file);
		return;
	}
	while ((at = str_find_byte(file, '\n')) >= 0) {
		size_t n = (size_t)at;

		buf_put(out, str_sub(file, 0, n != 0 && file.p[n - 1] == '\r' ? n - 1 : n));
		buf_put(out, STR("\r\n"));
		file = str_sub(file, n + 1, file.n);
	}
	buf_put(out, file);
}
