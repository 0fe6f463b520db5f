/* protocols/jmap/types/header_property.h: properties that stand for a header field (RFC 8621 4.1.2,
 * 4.1.3): "header:List-Post:asURLs:all", and the convenience properties such as "subject". Pure. */
#ifndef JMAP_HEADER_PROPERTY_H
#define JMAP_HEADER_PROPERTY_H
#include "foundation/base/str.h"

/* RFC 8621 4.1.2.1 to 4.1.2.7. */
enum header_form {
	HEADER_RAW,
	HEADER_TEXT,
	HEADER_ADDRESSES,
	HEADER_GROUPED_ADDRESSES,
	HEADER_MESSAGE_IDS,
	HEADER_DATE,
	HEADER_URLS,
	HEADER_FORMS
};

struct header_property {
	struct str field; /* its name as the client wrote it; borrowed */
	enum header_form form;
	bool all; /* a list: one value for each such field */
};

/* "header:{field}[:as{form}][:all]". False: it is none, or the field does not have that form. */
bool header_property_parse(struct str name, struct header_property *out);
/* "subject" for Subject in HEADER_TEXT, and so on. False: no convenience property of a header. */
bool header_convenience_parse(struct str name, struct header_property *out);

#endif
