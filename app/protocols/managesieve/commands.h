/* protocols/managesieve/commands.h: the rows of the command table, for its test. */
#ifndef MANAGESIEVE_COMMANDS_H
#define MANAGESIEVE_COMMANDS_H
#include "protocols/managesieve/session.h"

struct managesieve_row {
	const char *verb;
	unsigned states;  /* bits of enum managesieve_state in which it may come       */
	const char *args; /* 's' a string, 'n' a number; those after '?' may be absent */
	managesieve_run_fn *run;
};

extern const struct managesieve_row managesieve_rows[];
extern const size_t managesieve_row_count;

#endif
