/* console/cli/call.h: commands that are calls of the API, the rows of calls.def.
 *
 *	call_words.c   the arguments become a path, a query and a body
 *	call.c         the running server answers, by the socket in the data folder
 *	call_store.c   or this process does, on the store, when no server runs
 *	call_print.c   the answer is printed */
#ifndef CLI_CALL_H
#define CLI_CALL_H
#include "console/api/api_table.h"
#include "foundation/base/err.h"
#include "foundation/config/settings.h"
#include "foundation/text/json.h"

#include <stdio.h>

enum { CALL_ARGS_MAX = 503, CALL_MISSING = -1 };

enum call_needs {
	CALL_SERVER, /* the handler uses the running server's state          */
	CALL_STORE,  /* without a server it runs in the command's process    */
	CALL_FOLDER, /* the same, and creates the store if there is none     */
};

/* A row of calls.def, as described there. */
struct call_row {
	const char *words, *handler;
	enum call_needs needs;
	const char *takes, *prints;
};

/* Make the call of row and print the answer. Returns the exit status; or, unless this is the last
 * row to try, CALL_MISSING when its subject does not exist. */
int call_run(const struct settings *s, const struct call_row *row, int argc, char **argv,
             bool last);

/* Call the route of this handler with arguments NAME=VALUE. Nothing is printed: *text, in a, is the
 * answer, and *answer its value, missing when it is empty. ERR_DENIED: the server refused it, why
 * has its sentence. ERR_SYNTAX: the arguments are wrong, which is reported on standard error. Other
 * errors: no server runs. */
enum err call_ask(const struct settings *s, const char *handler, int argc, char **argv,
                  struct arena *a, struct str *text, struct json *answer, struct why *why) MUST_USE;

/* --- between these files ----------------------------------------------------------------- */

/* One call and its answer. */
struct call {
	const struct api_route *route;
	struct arena a;    /* wiped                        */
	struct buf path;   /* percent-encoded, without query */
	struct buf query;  /* "a=b&c=d"                    */
	const char *type;  /* of the body                  */
	struct str sent;   /* the body                     */
	struct buf body;   /* holds it                     */
	struct buf answer; /* all that was received        */
	unsigned status;
	struct str content; /* borrowed from answer */
	struct why why;
};

/* Fill in path, query and body of c. EXIT_SUCCESS, or the exit status, with a sentence on standard
 * error. */
int call_words_take(struct call *c, const char *takes, int argc, char **argv);
void call_query_put(struct call *c, const char *name, struct str value);

/* Run the handler on the store of the data folder. False: the store cannot be opened, which is
 * reported on standard error. */
bool call_store_run(struct call *c, const struct settings *s, bool create);

/* An answer for a person: an object's members a line each, items of a list a line each, what is
 * nested below, indented. */
void call_print(FILE *to, struct json answer);
/* A value by the template of a row of calls.def, and a line end. */
void call_print_as(FILE *to, const char *prints, struct json value);

#endif
