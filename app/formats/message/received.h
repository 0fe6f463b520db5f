/* formats/message/received.h: what the trace fields of a message tell (RFC 5321 4.4): loops. */
#ifndef MESSAGE_RECEIVED_H
#define MESSAGE_RECEIVED_H
#include "foundation/base/str.h"

/* How many Received fields the header has; RFC 5321 6.3 lets a server refuse past 100. */
size_t received_count(struct str header);
/* A Delivered-To field names this address (ASCII case ignored): it was here before. */
bool received_delivered_to(struct str header, struct str address);

#endif
