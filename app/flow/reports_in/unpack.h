/* flow/reports_in/unpack.h: the documents in an attachment: plain, gzipped, or in a ZIP
 * file.
 *
 * Bytes are unpacked in small pieces, and decompression bombs are stopped early: the
 * output may not exceed unpack_limits, nor a ratio to the input. A gzip file in a ZIP
 * file is unpacked too, under the same limits: the output of each step counts, against
 * the size in the ZIP file. Any other nested archive is a document, and not a report. */
#ifndef REPORTS_IN_UNPACK_H
#define REPORTS_IN_UNPACK_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct unpack_limits {
	uint64_t bytes;   /* unpacked, of all documents together              */
	uint64_t ratio;   /* unpacked to packed, once there is more than free */
	uint64_t free;    /* output allowed at any ratio                      */
	uint64_t inner;   /* of a gzip file in a ZIP file                     */
	unsigned members; /* of a ZIP file                                    */
};

/* Receives the documents. begin and end are called once for each document, piece in
 * between; a document is complete if end has whole. piece returns false to skip the
 * rest. */
struct unpack_taker {
	void (*begin)(void *arg);
	bool (*piece)(void *arg, struct str bytes);
	void (*end)(void *arg, bool whole);
	void *arg;
};

/* ERR_SYNTAX: the archive is damaged or of an unknown kind. ERR_LIMIT: it exceeds a
 * limit. why has it in words; documents completed earlier were passed on. */
enum err unpack(struct str bytes, const struct unpack_limits *limits,
                const struct unpack_taker *taker, struct why *why) MUST_USE;

#endif
