/* protocols/jmap/types/header_value.h: values of header fields as JSON (RFC 8621 4.1.2). Pure.
 *
 * Malformed values never fail: they are shown as well as possible, or as null where the RFC asks
 * for that. */
#ifndef JMAP_HEADER_VALUE_H
#define JMAP_HEADER_VALUE_H
#include "formats/message/address.h"
#include "foundation/text/json.h"
#include "protocols/jmap/types/header_property.h"

struct header_field;

enum { HEADER_VALUE_ADDRESSES = 10000 }; /* of one field */

/* The property for a header (with or without its empty line), as the next value of w: a list of
 * all fields of that name, or the value of the last one (RFC 8621 4.1.3). Linear in header. */
void header_property_put(struct json_writer *w, struct str header,
                         const struct header_property *what);
/* Every field with its raw value (RFC 8621 4.1.3, "headers"), as the next value of w. */
void header_list_put(struct json_writer *w, struct str header);

/* The same forms for values of an envelope. */
void header_text_put(struct json_writer *w, struct str value);
void header_message_ids_put(struct json_writer *w, struct str value);
void header_date_put(struct json_writer *w, struct str value);
/* Null for an empty list. */
void header_addresses_put(struct json_writer *w, const struct address_list *list);

#endif
