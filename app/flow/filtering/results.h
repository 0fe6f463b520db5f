/* flow/filtering/results.h: from the result of a Sieve program to actions. Private to
 * flow/filtering. */
#ifndef FILTERING_RESULTS_H
#define FILTERING_RESULTS_H
#include "flow/filtering/host.h"

enum {
	RESULTS_HEADERS_MAX = 4 << 20, /* bytes of the headers that edits made               */
	RESULTS_WHOLES_MAX = 4,        /* messages that changes of the body made (RFC 5703)  */
	RESULTS_MESSAGE_MAX = 1 << 20, /* bytes of a message that a filter sends             */
};

/* The actions of the programs that have run. */
struct results {
	struct filter_host *host;
	struct arena *a;                     /* of the caller: the actions */
	const struct sieve_message *message; /* as the program that runs sees it */
	struct action *list;
	size_t given; /* actions of the checks, with which the list begins */
	bool keeps;   /* the last program ended in keep               */
	struct action
		keep; /* what that does: the check's keep, with flags and header of programs */
	bool changed; /* a program changed the keep                   */
	size_t header_bytes;

	/* The program that runs. */
	struct str name; /* "script main" */
	const struct sieve_result *result;
	bool edited;       /* by programs before */
	struct str header; /* after header_edits edits */
	size_t header_edits;
	bool replaced;      /* by programs before: the body is not as received */
	struct str whole;   /* the message after whole_edits and whole_changes */
	size_t whole_edits, whole_changes, wholes;

	/* Why it failed. */
	uint32_t error_line;
	struct str error;
};

void results_init(struct results *x, struct filter_host *host, const struct sieve_message *message,
                  struct arena *a);

/* Append the actions of a program that has run over the message without an error. False: it has
 * failed after all, error and error_line say why, and none of its actions is in the list. */
bool results_add(struct results *x, struct str name, const struct sieve_result *result);
/* A program has failed: the message is kept as without filters, and with notify the account gets a
 * message about that once a day. Actions of programs before it stay. */
void results_fail(struct results *x, struct str name, uint32_t line, struct str error, bool notify);
/* The list with its keep; NULL when it does what is done without filters. */
const struct action *results_end(struct results *x);

/* The header after that many edits of the program that runs, in x->a; empty: as received. False:
 * error is set. */
bool results_header(struct results *x, size_t edits, struct str *out);
/* The same for the whole message; empty: its body is as received. */
bool results_message(struct results *x, size_t edits, size_t changes, struct str *out);

/* The messages that filters send (letters.c): vacation replies (RFC 5230 5), notifications (RFC
 * 5436), and notices about a script that failed. In x->a, with CRLF line ends; empty: longer than
 * RESULTS_MESSAGE_MAX. */
struct str letter_vacation(struct results *x, const struct sieve_action *s,
                           const struct mailaddr *to);
struct str letter_notify(struct results *x, const struct sieve_action *s,
                         const struct sieve_mailto *to);
/* To the owner of the account, about the line of x->name. */
struct str letter_failure(struct results *x, uint32_t line, struct str error);

#endif
