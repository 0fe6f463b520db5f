/* formats/reports/xml.h: a streaming parser of the part of XML 1.0 that reports use.
 *
 * A document arrives in pieces of any size. The reader stores the names of the open elements and
 * the text of the innermost one, so its memory is constant. The only entities are the five
 * predefined ones and character references (2.4, 4.1), and document types (2.8) are refused, so
 * nothing in a document can expand. Attributes are ignored; of a name the part after the prefix
 * counts. The encoding is UTF-8 or similar: other bytes are unchanged. */
#ifndef REPORTS_XML_H
#define REPORTS_XML_H
#include "foundation/base/cur.h"

enum {
	XML_DEPTH_MAX = 16,   /* nesting of elements */
	XML_NAME_MAX = 100,   /* bytes of a name with its prefix                */
	XML_TEXT_MAX = 1024,  /* bytes of an element's text: the rest is dropped */
	XML_REF_MAX = 10,     /* bytes between "&" and ";"                      */
	XML_NAMES_MAX = XML_DEPTH_MAX * XML_NAME_MAX,
};

enum xml_event {
	XML_MORE,  /* the piece is consumed */
	XML_OPEN,  /* an element begins: name                                       */
	XML_CLOSE, /* it ends: name; text: its text after the last child */
	XML_DONE,  /* the root has ended; later bytes are ignored */
	XML_BAD,   /* malformed or unsupported: final */
};

struct wire_xml {
	struct str name; /* of the event, until the next call */
	struct str text; /* trimmed */
	const char *why; /* of XML_BAD                        */
	/* private */
	struct cur in;
	unsigned char state;
	char quote;       /* of an attribute's value                       */
	unsigned matched; /* bytes matched of the end of a comment and the like */
	unsigned depth;
	bool empty, ended; /* <a/>: the end follows by itself; the root has ended */
	size_t starts[XML_DEPTH_MAX];
	size_t names_n, close_n, text_n, ref_n;
	char names[XML_NAMES_MAX]; /* of the open elements, concatenated */
	char close[XML_NAME_MAX];
	char chars[XML_TEXT_MAX];
	char ref[XML_REF_MAX];
};

void wire_xml_init(struct wire_xml *x);
/* Set the next piece, after the previous one is consumed. Borrowed until it is consumed. */
void wire_xml_feed(struct wire_xml *x, struct str piece);
enum xml_event wire_xml_next(struct wire_xml *x);

/* The character of a reference, without "&" and ";". False: it would need a declaration. */
bool wire_xml_ref(struct str ref, uint32_t *out);

#endif
