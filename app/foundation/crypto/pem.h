/* foundation/crypto/pem.h: PEM, "-----BEGIN THING-----" around base64 (RFC 7468). */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H
#include "foundation/base/buf.h"

struct arena;

enum { PEM_TEXT_MAX = 1 << 20 }; /* larger texts are refused; a CA bundle has 220 KB */

struct pem {
	struct str label; /* "CERTIFICATE", "EC PRIVATE KEY"; upper case as written */
	struct str der;
};

/* Read every block of a text; text between blocks is ignored, as in OpenSSL. blocks *count of them,
 * in a, in the order of the text; may be none. Returns false when a block is malformed (bad base64,
 * no matching end): then do not trust any part of the text. Linear. */
bool pem_read(struct str text, struct arena *a, struct pem **blocks, size_t *count);

/* Append one block with lines of 64 characters. */
void pem_put(struct buf *out, struct str label, struct str der);

#endif
