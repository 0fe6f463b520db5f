/* foundation/text/idna_rules.h: which characters may stand in a U-label, and where; for idna.c
 * and tests. */
#ifndef TEXT_IDNA_RULES_H
#define TEXT_IDNA_RULES_H
#include "foundation/base/str.h"

/* The derived property of RFC 5892 2, of the Unicode version that utf8proc has. */
enum idna_class { IDNA_DISALLOWED, IDNA_UNASSIGNED, IDNA_PVALID, IDNA_CONTEXTJ, IDNA_CONTEXTO };
enum idna_class idna_class(uint32_t ch);

/* All of RFC 5891 4.2.3 but 4.2.3.4: hyphens, the first character, each character in its
 * context. chars is in NFC. */
bool idna_label_ok(const uint32_t *chars, size_t n);

/* RFC 5893: does the label contain a character that is written from right to left; does it obey the
 * rule for all labels of a name that has such a label? */
bool idna_rtl(const uint32_t *chars, size_t n);
bool idna_bidi_ok(const uint32_t *chars, size_t n);

#endif
