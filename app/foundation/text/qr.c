/* foundation/text/qr.c: see qr.h. */
#include "foundation/text/qr.h"

#include "foundation/text/markup.h"

#include <qrcodegen.h>
#include <string.h>

enum {
	QUIET = 4, /* light modules on each side (ISO/IEC 18004 6.3.8) */
	CODE_BYTES = qrcodegen_BUFFER_LEN_FOR_VERSION(QR_VERSION_MAX),
};

/* One row as rectangles, one for each run of dark modules. */
static void qr_row_put(struct buf *out, const uint8_t *code, int y)
{
	int side = qrcodegen_getSize(code);

	for (int x = 0, run; x < side; x += run) {
		bool dark = qrcodegen_getModule(code, x, y);

		for (run = 1; x + run < side && qrcodegen_getModule(code, x + run, y) == dark;)
			run++;
		if (dark)
			buf_fmt(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
	}
}

bool qr_svg(struct buf *out, struct str text, struct str label)
{
	uint8_t data[CODE_BYTES], code[CODE_BYTES];
	int all;

	if (text.n > QR_TEXT_MAX)
		return false;
	memcpy(data, text.n != 0 ? text.p : "", text.n);
	if (!qrcodegen_encodeBinary(data, text.n, code, qrcodegen_Ecc_MEDIUM, 1, QR_VERSION_MAX,
	                            qrcodegen_Mask_AUTO, true))
		return false;
	all = qrcodegen_getSize(code) + 2 * QUIET;
	buf_fmt(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	        "shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"",
	        all, all);
	markup_text(out, label);
	buf_fmt(out, "\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"", all, all);
	for (int y = 0; y < all - 2 * QUIET; y++)
		qr_row_put(out, code, y);
	buf_put(out, STR("\"/></svg>"));
	return true;
}
