/* model/store/fsck_blobs.h: check blobs, chunks, drafts and reference counts. Only store/
 * includes this. */
#ifndef STORE_FSCK_BLOBS_H
#define STORE_FSCK_BLOBS_H
#include "foundation/base/err.h"

struct fsck_report;
struct txn;

/* refs_known: report->blob_refs has the references of all folders: compare them. */
enum err fsck_blobs(struct txn *t, struct fsck_report *r, bool refs_known) MUST_USE;

#endif
