/* foundation/text/qr.h: QR codes (ISO/IEC 18004) as SVG pictures: text that the camera of
 * a telephone reads. The code is made by qrcodegen. */
#ifndef TEXT_QR_H
#define TEXT_QR_H
#include "foundation/base/buf.h"
#include "foundation/base/str.h"

enum {
	QR_VERSION_MAX = 20,
	QR_TEXT_MAX = 666, /* bytes in that version at error correction level M */
};

/* Append text as a QR code to out: in byte mode, in the smallest version that holds it at error
 * correction level M (15 % of the code may be damaged). The picture has the quiet zone, is dark
 * on white on any background, and scales to its container; a module is one unit.
 * label  the text for screen readers
 * Returns false, and leaves out unchanged, when text is longer than QR_TEXT_MAX. */
bool qr_svg(struct buf *out, struct str text, struct str label) MUST_USE;

#endif
