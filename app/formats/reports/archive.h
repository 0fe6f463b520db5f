/* formats/reports/archive.h: the headers and trailers of gzip files (RFC 1952) and ZIP files (its
 * application note). Only the header before each member of a ZIP file is read, in the order of the
 * file; the directory at its end is not trusted. */
#ifndef REPORTS_ARCHIVE_H
#define REPORTS_ARCHIVE_H
#include "foundation/base/cur.h"

enum archive_kind { ARCHIVE_NONE, ARCHIVE_GZIP, ARCHIVE_ZIP };

/* By the first bytes. */
enum archive_kind wire_archive_kind(struct str bytes);

/* Take the header of a gzip member; deflated data follows. False: malformed. */
bool wire_gzip_head(struct cur *c);
/* Take the trailer after the data: checksum and size. False: truncated. */
bool wire_gzip_tail(struct cur *c, uint32_t *crc, uint32_t *size);

struct zip_member {
	struct str name;  /* borrowed                                                   */
	bool deflated;    /* else stored without compression */
	bool behind;      /* checksum and sizes follow the data: wire_zip_tail */
	bool longs;       /* its sizes after the data have 64 bits */
	uint32_t crc, packed, size; /* unless behind */
};
enum zip_next {
	ZIP_MEMBER, /* *out is set; c is at its data */
	ZIP_END,    /* no member is left */
	ZIP_BAD,    /* encrypted, of another method, or truncated */
};
enum zip_next wire_zip_next(struct cur *c, struct zip_member *out);
/* Take the checksum and sizes after a member's data into m. False: truncated. */
bool wire_zip_tail(struct cur *c, struct zip_member *m);

#endif
