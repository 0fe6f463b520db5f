/* flow/filtering/sieve_text.h: writing a Sieve script from settings. Private to flow/filtering.
 *
 * A string of the user never ends early, and is taken literally. A script has CRLF line ends. */
#ifndef FILTERING_SIEVE_TEXT_H
#define FILTERING_SIEVE_TEXT_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/text/json.h"

enum { SIEVE_TEXT_NEEDS = 20 };

struct sieve_text {
	struct buf body;
	const char *needs[SIEVE_TEXT_NEEDS]; /* extensions of require */
	size_t needs_n;
	bool variables; /* "${" in a string is written as "${dollar}{" (RFC 5229 3) */
};

void sieve_text_init(struct sieve_text *x, bool variables);
/* The script goes to out: empty if nothing was written. Frees the body. */
void sieve_text_end(struct sieve_text *x, struct buf *out);

void sieve_text_need(struct sieve_text *x, const char *extension);
void sieve_text_raw(struct sieve_text *x, const char *text);
/* A line "# ..."; controls of s become spaces. */
void sieve_text_comment(struct sieve_text *x, const char *what, struct str s);
void sieve_text_string(struct sieve_text *x, struct str s);
/* A multi-line string "text:" with its line end (RFC 5228 2.4.2). */
void sieve_text_lines(struct sieve_text *x, struct str s);
/* A string in which s is a part of a pattern of ":matches" without wildcards of its own, between
 * before and after. */
void sieve_text_pattern(struct sieve_text *x, const char *before, struct str s, const char *after);

/* Reading of settings. False: why names the member at. A missing member is empty. */
bool sieve_text_member(struct json of, const char *at, const char *name, size_t max, bool lines,
                       struct str *out, struct why *why);
bool sieve_text_flag(struct json of, const char *at, const char *name, bool *out, struct why *why);
/* A list of senders: mail addresses and domains; "@example.org" is a domain. In normal form,
 * in a. */
bool sieve_text_senders(struct arena *a, struct json list, const char *name, struct str **out,
                        size_t *n, struct why *why);
/* Append a test of the From field: is it of one of them, or below one of their domains? */
void sieve_text_from(struct sieve_text *x, const struct str *senders, size_t n);

#endif
