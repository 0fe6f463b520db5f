/* protocols/jmap/types/email_addresses.h: lists of EmailAddress objects (RFC 8621 4.1.2.3) that a
 * client sends: { "name": a string or null, "email": a string }. */
#ifndef JMAP_EMAIL_ADDRESSES_H
#define JMAP_EMAIL_ADDRESSES_H
#include "foundation/text/json.h"

/* The list again as JSON text in a, with both members of each object. False: a member has another
 * form, an address is empty or has a control character, or there is another member. */
bool email_addresses_text(struct json list, struct arena *a, struct str *out);

#endif
