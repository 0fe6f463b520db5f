/* network/dnssec/data.h: the data of records as zone files write it, for people. */
#ifndef DNSSEC_DATA_H
#define DNSSEC_DATA_H
#include "network/dnssec/message.h"

struct buf;

/* Append "10 mx.example.org", "192.0.2.1"; "\# 3 0a0b0c" (RFC 3597 5) for types without a form here
 * and for data that is malformed. Printable ASCII in any case. */
void rr_data_put(struct buf *out, uint16_t type, struct str data, struct arena *a);

#endif
