/* formats/message/received.h: trace fields (RFC 5321 4.4). */
#ifndef MESSAGE_RECEIVED_H
#define MESSAGE_RECEIVED_H
#include "foundation/base/str.h"

/* The number of Received fields; RFC 5321 6.3 lets a server refuse more than 100. */
size_t received_count(struct str header);
/* Does a Delivered-To field have this address (ASCII case ignored)? Then it was delivered here
 * before. */
bool received_delivered_to(struct str header, struct str address);
/* The time of the first Received field, which is the latest. False: there is none, or its date is
 * malformed. */
bool received_time(struct str header, int64_t *time_ms);

#endif
