/* network/dnssec/data.h: the data of records in the form of zone files, for people. */
#ifndef DNSSEC_DATA_H
#define DNSSEC_DATA_H
#include "network/dnssec/message.h"

struct buf;

/* Append "10 mx.example.org", "192.0.2.1"; "\# 3 0a0b0c" (RFC 3597 5) for other types and for
 * malformed data. Always printable ASCII. */
void rr_data_put(struct buf *out, uint16_t type, struct str data, struct arena *a);

#endif
