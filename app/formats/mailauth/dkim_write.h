/* formats/mailauth/dkim_write.h: writing our signatures. Private to mailauth. */
#ifndef MAILAUTH_DKIM_WRITE_H
#define MAILAUTH_DKIM_WRITE_H
#include "formats/mailauth/dkim.h"

/* A field being written, folded at 76 columns. */
struct dkim_writer {
	struct buf *out;
	size_t column;
};
void dkim_put(struct dkim_writer *w, struct str s);
/* "; name=value" on one line. */
void dkim_tag_put(struct dkim_writer *w, const char *name, struct str value);
/* Bytes in base64, which may be folded anywhere. At most DKIM_SIGNATURE_MAX. */
void dkim_base64_put(struct dkim_writer *w, struct str bytes);

/* The tag h= for our signature of these fields. */
void dkim_names_put(struct dkim_writer *w, const struct dkim_fields *fields);
/* Append one more name to h=. */
void dkim_name_put(struct dkim_writer *w, struct str name);

/* The bytes of the signature, in a. */
struct str dkim_signature_make(const struct dkim_signer *s, const uint8_t *digest, struct arena *a);

#endif
