/* console/cli/terminal.h: what peers sent, shown on a terminal. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H
#include "foundation/base/str.h"

#include <stdio.h>

/* Print s; control characters, by which a terminal is driven (C0, DEL, C1), and malformed UTF-8
 * become "?". Line ends and tabs stay with _lines; the CR of a CRLF goes. */
void terminal_put(FILE *to, struct str s);
void terminal_put_lines(FILE *to, struct str s);

#endif
