/* console/cli/call.h: commands that are calls of the API of the running server: calls.def. */
#ifndef CLI_CALL_H
#define CLI_CALL_H
#include "foundation/base/err.h"
#include "foundation/config/settings.h"
#include "foundation/text/json.h"

#include <stdio.h>

enum { CALL_ARGS_MAX = 20 };

/* Call the route of this handler, with query ("a=b", or empty) and what the arguments say, and
 * print the answer. Returns the exit status. */
int call_run(const struct settings *s, const char *handler, const char *query, int argc,
             char **argv);

/* The same, and nothing is printed: *text, in a, is what came, and *answer what it says, missing
 * when nothing came. ERR_DENIED: the server refused it, why has its sentence. ERR_SYNTAX: the
 * arguments are wrong, which is said on standard error. Else there is no server to ask. */
enum err call_ask(const struct settings *s, const char *handler, int argc, char **argv,
                  struct arena *a, struct str *text, struct json *answer, struct why *why) MUST_USE;

/* An answer for a person: an object's members a line each, items of a list a line each, what is
 * nested below, indented. */
void call_print(FILE *to, struct json answer);

/* The same of a call with one {parameter}, and a body that is there already: not empty, of that
 * Content-Type. */
int call_body(const struct settings *s, const char *handler, const char *type, struct str body,
              char *parameter);

#endif
