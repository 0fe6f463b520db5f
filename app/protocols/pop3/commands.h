/* protocols/pop3/commands.h: the rows of the command table, for its test. */
#ifndef POP3_COMMANDS_H
#define POP3_COMMANDS_H
#include "foundation/base/str.h"

struct pop3;

enum { POP3_ARGS_TEXT = 9 }; /* args_max: the rest of the line as it is, blanks included */

struct pop3_row {
	const char *verb;
	unsigned states; /* bits of enum pop3_state in which it may come */
	unsigned args_min, args_max;
	void (*run)(struct pop3 *s, struct str args);
};

extern const struct pop3_row pop3_rows[];
extern const size_t pop3_row_count;

#endif
