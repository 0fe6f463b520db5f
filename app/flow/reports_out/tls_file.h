/* flow/reports_out/tls_file.h: the JSON of a TLS report (RFC 8460 4.4). For this folder
 * only. */
#ifndef REPORTS_OUT_TLS_FILE_H
#define REPORTS_OUT_TLS_FILE_H
#include "foundation/base/buf.h"
#include "model/remote/evidence.h"

/* Head of a report. */
struct out_tls_about {
	struct str organization, contact, id;
	int64_t begin_s, end_s;
};

/* Append the report (RFC 8460 4.4). buf_ok is false if it did not fit. */
void out_tls_put(struct buf *out, const struct out_tls_about *about, const struct tls_day *day);

#endif
