/* formats/reports/xml.h: as much of XML 1.0 as reports of others are written in.
 *
 * A document comes in pieces of any size; the reader holds the names of the elements that are
 * open and the text of the innermost one, nothing else, so it takes the same memory whatever
 * comes. There are no entities but the five and characters by number (2.4, 4.1), and no document
 * types (2.8), so nothing in a document can grow. Attributes are passed over; of a name the part
 * behind the prefix counts. Encodings are UTF-8 and what looks like it: other bytes stay as they
 * are. */
#ifndef REPORTS_XML_H
#define REPORTS_XML_H
#include "foundation/base/cur.h"

enum {
	XML_DEPTH_MAX = 16,   /* elements within each other                     */
	XML_NAME_MAX = 100,   /* bytes of a name with its prefix                */
	XML_TEXT_MAX = 1024,  /* bytes of an element's text: the rest is cut    */
	XML_REF_MAX = 10,     /* bytes between "&" and ";"                      */
	XML_NAMES_MAX = XML_DEPTH_MAX * XML_NAME_MAX,
};

enum xml_event {
	XML_MORE,  /* the piece is used up                                          */
	XML_OPEN,  /* an element begins: name                                       */
	XML_CLOSE, /* and ends: name; text: what stood in it behind its last child  */
	XML_DONE,  /* the root has ended; what follows is not looked at             */
	XML_BAD,   /* no XML, or beyond what is read: for good                      */
};

struct wire_xml {
	struct str name; /* of the event, until the next call */
	struct str text; /* ends trimmed                      */
	const char *why; /* of XML_BAD                        */
	/* private */
	struct cur in;
	unsigned char state;
	char quote;       /* of an attribute's value                       */
	unsigned matched; /* bytes seen of what ends a comment and the like */
	unsigned depth;
	bool empty, ended; /* <a/>: the end follows by itself; the root is over */
	size_t starts[XML_DEPTH_MAX];
	size_t names_n, close_n, text_n, ref_n;
	char names[XML_NAMES_MAX]; /* of what is open, one behind the other */
	char close[XML_NAME_MAX];
	char chars[XML_TEXT_MAX];
	char ref[XML_REF_MAX];
};

void wire_xml_init(struct wire_xml *x);
/* The next piece; the one before is used up. Borrowed until it is. */
void wire_xml_feed(struct wire_xml *x, struct str piece);
enum xml_event wire_xml_next(struct wire_xml *x);

/* The character that a reference, without "&" and ";", stands for. False: it is none of those that
 * need no declaration. */
bool wire_xml_ref(struct str ref, uint32_t *out);

#endif
