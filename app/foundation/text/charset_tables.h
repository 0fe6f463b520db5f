/* foundation/text/charset_tables.h: single-byte charsets as data; private to text/. */
#ifndef TEXT_CHARSET_TABLES_H
#define TEXT_CHARSET_TABLES_H
#include "foundation/base/util.h"

struct charset_table {
	const char *names;   /* " name alias ... ", each normalised and between spaces   */
	uint16_t upper[128]; /* characters of bytes 0x80 to 0xff; 0 where there is none  */
};

/* The first one is windows-1252. */
extern const struct charset_table charset_tables[];
extern const size_t charset_table_count;

#endif
