/* formats/reports/archive.h: what stands before and behind packed bytes in a gzip file (RFC
 * 1952) and in a ZIP file (its application note). Of ZIP only what lies before each member is
 * read, in the order of the file: the directory at its end may say anything. */
#ifndef REPORTS_ARCHIVE_H
#define REPORTS_ARCHIVE_H
#include "foundation/base/cur.h"

enum archive_kind { ARCHIVE_NONE, ARCHIVE_GZIP, ARCHIVE_ZIP };

/* By its first bytes. */
enum archive_kind wire_archive_kind(struct str bytes);

/* Take the header of a gzip member: what is behind it is deflated. False: it is none. */
bool wire_gzip_head(struct cur *c);
/* Take what stands behind that: the sum of all bytes, and their number. False: it is cut off. */
bool wire_gzip_tail(struct cur *c, uint32_t *crc, uint32_t *size);

struct zip_member {
	struct str name;  /* borrowed                                                   */
	bool deflated;    /* else it is stored as it is                                 */
	bool behind;      /* sum and sizes stand behind the bytes: wire_zip_tail        */
	bool longs;       /* its sizes have 64 bits where they stand behind             */
	uint32_t crc, packed, size; /* unless behind */
};
enum zip_next {
	ZIP_MEMBER, /* *out is one; c is at its bytes            */
	ZIP_END,    /* there is none more                        */
	ZIP_BAD,    /* encrypted, of another method, or cut off  */
};
enum zip_next wire_zip_next(struct cur *c, struct zip_member *out);
/* Take the sum and sizes behind the bytes of a member into it. False: they are not there. */
bool wire_zip_tail(struct cur *c, struct zip_member *m);

#endif
