/* model/directory/row_form.h: helpers for all records and keys of this folder.
 *
 * A record begins with the version of its form. A newer minor form appends fields, which the reader
 * takes only if present; an unknown version is an error. Numbers in keys are big-endian, on the
 * stack. */
#ifndef DIRECTORY_ROW_FORM_H
#define DIRECTORY_ROW_FORM_H
#include "formats/message/mailaddr.h"
#include "foundation/base/pack.h"
#include "model/store/kv.h"

enum {
	ROW_VERSION = 1,
	ROW_MAX = 256 << 10, /* an alias with the most targets, and a reserve */
	ROW_KEY = 4,         /* bytes of an account's id, or of a number after it */
};

/* Begin to read a record; check its fields: OK or ERR_CORRUPT. */
struct unpack row_open(struct str record);
enum err row_done(const struct unpack *u) MUST_USE;

/* Begin a record; row_put stores and frees it. */
struct buf row_new(void) MUST_USE;
enum err row_put(struct txn *t, enum space space, struct str key, struct buf *row) MUST_USE;

/* An address within a record. */
void row_pack_address(struct buf *b, const struct mailaddr *address);
struct mailaddr row_unpack_address(struct unpack *u, struct arena *a);

/* Keys, which live in to. */
struct str row_key(char to[static ROW_KEY], uint32_t n);
struct str row_key_two(char to[static 2 * ROW_KEY], uint32_t account, uint32_t number);
uint32_t row_key_read(struct str key, size_t at);

#endif
