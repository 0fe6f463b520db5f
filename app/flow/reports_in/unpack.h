/* flow/reports_in/unpack.h: the documents in an attachment: as it is, gzipped, or in a ZIP file.
 *
 * Bytes are unpacked in small pieces, and archives that are made to hurt are given up early: what
 * comes out may not be longer than unpack_limits say, nor much longer than what went in. A
 * gzip file in a ZIP file is unpacked too, by the same limits: all that comes out counts, at each
 * step, and is measured by what the ZIP file has of it. Any other archive in an archive is a
 * document, and no report. */
#ifndef REPORTS_IN_UNPACK_H
#define REPORTS_IN_UNPACK_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct unpack_limits {
	uint64_t bytes;   /* unpacked, of all documents together                          */
	uint64_t ratio;   /* unpacked to packed, once there is more than free             */
	uint64_t free;    /* bytes that may come out whatever the ratio                   */
	uint64_t inner;   /* of a gzip file in a ZIP file                                 */
	unsigned members; /* of a ZIP file                                                */
};

/* Who takes them. begin and end come once for each document, piece in between; a document is whole
 * when end says so. piece says false when it wants no more of it. */
struct unpack_taker {
	void (*begin)(void *arg);
	bool (*piece)(void *arg, struct str bytes);
	void (*end)(void *arg, bool whole);
	void *arg;
};

/* ERR_SYNTAX: the archive is damaged, or of a kind that is not read. ERR_LIMIT: it would pass a
 * limit. why has it in words; documents that ended before it have been told of. */
enum err unpack(struct str bytes, const struct unpack_limits *limits,
                const struct unpack_taker *taker, struct why *why) MUST_USE;

#endif
