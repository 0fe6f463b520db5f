/* operations/transfer/import_record.h: an import as a record of the store: a version, 1, then
 * the members in the order of import_pack. */
#ifndef TRANSFER_IMPORT_RECORD_H
#define TRANSFER_IMPORT_RECORD_H
#include "foundation/base/buf.h"
#include "operations/transfer/import.h"

enum { IMPORT_RECORD_MAX = 16 << 20 };

/* All but the id, which is in the key. b, with the maximum above, overflows if it is too
 * small. */
void import_pack(struct buf *b, const struct import *i);
/* Into a. False: the record is damaged. */
bool import_unpack(struct str record, struct arena *a, struct import *out);

#endif
