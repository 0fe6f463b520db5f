/* tests/harness/transcript.h: conversations in files of tests/golden/FOLDER, run against a
 * server: whole, and one byte at a time.
 *
 *	# a comment
 *	! timeout 2               a directive; the verb is the protocol's business, the number
 *	                          is the session it is about
 *	! send 2 1000 RSET\r\n    session 2 sends these bytes 1000 times
 *	= text                    what the directive before has printed
 *	C2: NOOP                  session 2 sends this line, with CRLF; $name that is bound
 *	                          is its value
 *	B2: a\rb\x00              or these bytes as they are: \r \n \\ \xNN
 *	S2: 250 $id ok            and gets this line; $name is bound where it is met first
 *	S2: * OK [$words*] hi     likewise all up to a bracket or the end of the line
 *	S2*3: 250 ok              and gets it three times
 *	S2: ...                   whatever it has said up to here is fine
 *	S2: -                     the server has closed
 *
 * C: and S: are those of session 1. All that the server says must be in the file, in order.
 * `make golden-accept` writes the lines that differ anew; look at the diff. */
#ifndef HARNESS_TRANSCRIPT_H
#define HARNESS_TRANSCRIPT_H
#include "foundation/base/buf.h"

struct arena;

enum { TRANSCRIPT_SESSIONS = 8 };

/* The server as a transcript sees it. */
struct transcript_host {
	/* A fresh one for each file; close checks what there is to check. */
	void *(*open)(void);
	void (*close)(void *server);
	/* Session i, which comes into being where it is first named, sends bytes in pieces
	 * of that many. */
	void (*send)(void *server, size_t i, struct str bytes, size_t piece);
	/* Session i sends bytes and is gone while the server is at them, as all others then are.
	 * NULL where transcripts_cut is not called. */
	void (*lose)(void *server, size_t i, struct str bytes);
	/* All that session i was told so far; false: there is no such session. */
	bool (*said)(void *server, size_t i, struct str *all, bool *closed);
	/* "! verb i rest"; what it prints are lines that end in LF. False: no such verb. */
	bool (*directive)(void *server, struct str verb, size_t i, struct str rest,
	                  struct buf *printed);
};

/* Run all files of tests/golden/FOLDER; fails the test when one differs. */
void transcripts_run(const char *folder, const struct transcript_host *host);
/* Run each file once for each step-th line that a client sends in it, up to there: of that line
 * comes only a part, or all but its end, or all of it, and then the connection is lost. What close
 * of the host checks must hold after each. */
void transcripts_cut(const char *folder, const struct transcript_host *host, size_t step);
/* The text of all of them, for tests of what they cover. */
struct str transcripts_text(const char *folder, struct arena *a);

#endif
