/* foundation/text/qr.h: QR codes (ISO/IEC 18004:2015): text that a telephone's camera reads.
 *
 * Byte mode, error correction level M (15 % of the code may be damaged), the smallest of the
 * versions 1 to 20 that holds the text, the mask that reads best. */
#ifndef TEXT_QR_H
#define TEXT_QR_H
#include "foundation/base/buf.h"
#include "foundation/base/str.h"

enum {
	QR_VERSION_MAX = 20,
	QR_SIDE_MAX = 17 + 4 * QR_VERSION_MAX, /* modules */
	QR_TEXT_MAX = 666,                     /* bytes   */
};

struct qr {
	unsigned side; /* modules on a side, without the quiet zone          */
	bool dark[QR_SIDE_MAX][QR_SIDE_MAX]; /* [row][column] */
};

/* False: text is longer than QR_TEXT_MAX. Some 100 microseconds for a short text. */
bool qr_encode(struct qr *out, struct str text) MUST_USE;

/* Append the code as an SVG picture with its quiet zone, dark on white whatever surrounds it,
 * one unit a module; it scales to its container. label: what a screen reader says. */
void qr_svg(struct buf *out, const struct qr *q, struct str label);

#endif
