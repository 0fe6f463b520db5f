/* protocols/jmap/blobs/upload.h: the record of an upload (OBJECT_UPLOAD, model/objects/objects.h),
 * for blobs/ only. */
#ifndef JMAP_UPLOAD_H
#define JMAP_UPLOAD_H
#include "model/store/blob.h"

struct upload {
	struct blob_id blob;
	uint64_t size_bytes;
	uint32_t who; /* the account that uploaded it */
	struct str type;
};

void upload_pack(struct buf *out, const struct upload *u);
/* type is borrowed from the record. */
bool upload_unpack(struct str record, struct upload *out);

#endif
