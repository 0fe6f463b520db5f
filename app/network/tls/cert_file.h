/* network/tls/cert_file.h: reading PEM files, and detecting changes. */
#ifndef TLS_CERT_FILE_H
#define TLS_CERT_FILE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;

/* Identifies a version of a file. All-zero: no version. */
struct cert_stamp {
	uint64_t device, inode, size;
	int64_t changed_ns;
};

/* The whole file, at most PEM_TEXT_MAX bytes, in a (a secret arena for keys). ERR_MISSING,
 * ERR_IO, ERR_LIMIT, with the path in why. */
enum err cert_file_read(const char *path, struct arena *a, struct str *out,
                        struct why *why) MUST_USE;
/* The present stamp of the file; all-zero on error. Take it before reading, so that a change in
 * between is detected the next time. */
struct cert_stamp cert_file_stamp(const char *path);
bool cert_stamp_eq(struct cert_stamp a, struct cert_stamp b);

#endif
