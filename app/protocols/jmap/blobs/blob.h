/* protocols/jmap/blobs/blob.h: blobs: what their ids mean, reading them, uploads (RFC 8620 6).
 *
 *	B1-55      the message of email 55 of account 1
 *	B1-55-3    its part 3 (an index of model's structure, formats/message/structure.h), decoded
 *	U1-7       upload 7 to account 1
 *	U1-7-2     part 2 of the message that was uploaded
 *	B1-55-3-1  part 1 of the message that part 3 is
 *	Z1-99      the text of Sieve script 99 of account 1
 *
 * So an id is no secret: the caller may read a blob if it may read the email, or if the upload is
 * its own. An upload that nothing has used is removed after LIMIT_jmap_upload_s. */
#ifndef JMAP_BLOB_H
#define JMAP_BLOB_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct jmap_caller;
struct jmap_server;
struct blob_draft;
struct store;

enum { JMAP_BLOB_LEVELS = 4, JMAP_BLOB_ID_ROOM = 80 };

struct jmap_blob {
	bool upload, script;
	uint32_t account;
	uint64_t number; /* of the email, upload or script */
	uint32_t parts[JMAP_BLOB_LEVELS];
	size_t levels; /* 0: the whole message or upload */
};
bool jmap_blob_parse(struct str id, struct jmap_blob *out);
/* In a. */
struct str jmap_blob_text(struct arena *a, const struct jmap_blob *b);
struct str jmap_blob_of_email(struct arena *a, uint32_t account, uint64_t email);
/* The id of a part of that blob; empty: it would be nested deeper than JMAP_BLOB_LEVELS. */
struct str jmap_blob_of_part(struct arena *a, const struct jmap_blob *of, uint32_t part);

/* Append the bytes of a blob. Opens its own transactions; not inside one.
 * type        where not NULL: its media type, in a; "application/octet-stream" if unknown
 * ERR_MISSING there is no such blob, or the caller may not read it
 * ERR_LIMIT   out has no room for it */
enum err jmap_blob_read(const struct jmap_server *s, const struct jmap_caller *c, struct str id,
                        struct arena *a, struct buf *out, struct str *type) MUST_USE;
/* The size of a blob of level 0, without reading it. Errors as above. */
enum err jmap_blob_size(const struct jmap_server *s, const struct jmap_caller *c, struct str id,
                        uint64_t *size) MUST_USE;

/* Store an upload. Its id is that of an upload to the account of the caller, whichever account the
 * request names: nobody fills the account of another. *id in a. ERR_LIMIT: the account has
 * LIMIT_jmap_uploads_kept of them, or LIMIT_jmap_uploads_bytes. */
enum err jmap_upload_add(const struct jmap_server *s, const struct jmap_caller *c,
                         struct str bytes, struct str type, struct arena *a, struct str *id,
                         struct why *why) MUST_USE;
/* Remove uploads that have expired; *next_ms is when the next one does, 0: none. */
enum err jmap_uploads_expire(struct store *s, int64_t now_ms, int64_t *next_ms) MUST_USE;

#endif
