/* console/cli/cli_private.h: what commands share, apart from command.h. */
#ifndef CLI_PRIVATE_H
#define CLI_PRIVATE_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/config/settings.h"
#include "model/store/fsck.h"
#include "operations/transfer/transfer.h"

#include <stddef.h>
#include <stdio.h>

struct beside;
struct message_read;
struct watches;

/* --- server_notify.c -------------------------------------------------------------------------- */

/* A command reports changes of an account's mail to the running server, whose sessions then read
 * them at once. */
/* folder, of the data, outlives it. */
struct beside *beside_new(struct str folder);
/* For struct mailboxes. */
struct watches *beside_watches(const struct beside *b);
/* NULL is a no-op; clears *b. */
void beside_free(struct beside **b);

/* --- checks.c --------------------------------------------------------------------------------- */

/* The checks of every folder that owns key spaces, for fsck and restore; static storage. */
const struct fsck_check *checks_all(size_t *count);

/* --- doctor_say.c ----------------------------------------------------------------------------- */

/* Print the output of `roost doctor`; returns its exit status. */
struct doctor_sum {
	unsigned wrong, unknown; /* checks that failed; of which nothing is known */
};

/* One check. Empty where there is nothing to say. */
struct doctor_words {
	struct str state; /* a word of dns_state_name           */
	struct str what, seen, expected;
	struct str purpose, advice;
	struct str paste; /* a line of a zone file              */
};

/* Count one check, and print it, unless silent. */
void doctor_say(struct doctor_sum *sum, bool silent, const struct doctor_words *words);
/* EXIT_FAILURE when one is wrong, 3 when of one nothing is known, else EXIT_SUCCESS. */
int doctor_status(const struct doctor_sum *sum);

/* `roost doctor --self-test [DOMAIN|ADDRESS]`: have the server begin one, wait for its end, and
 * print it. what: whose mail is tested, or who gets it; empty: domain's, to its postmaster. */
int cli_self_test(const struct settings *s, struct str what, struct str domain, bool json);

/* --- licenses.c ------------------------------------------------------------------------------- */

/* The licence texts of everything in the binary, for `roost licenses`. UTF-8, NUL-terminated; the
 * size does not count the NUL. The source is generated into build/gen/ by scripts/gen-licenses from
 * LICENSE and vendor/licenses/. */
extern const char licenses_text[];
extern const size_t licenses_text_size;

/* --- message_read.c --------------------------------------------------------------------------- */

/* A message from a file or standard input: first its header, then the body in pieces, however long
 * it is. Lines that end in LF alone, as in files, count as lines of a message. */
/* path NULL: standard input. header is borrowed, with the empty line that ends it if there is one;
 * ERR_LIMIT when it is too long. NULL is a no-op for the end. */
enum err message_read_open(const char *path, struct message_read **out, struct str *header,
                           struct why *why) MUST_USE;
/* The next of the body, borrowed until the next call; empty at its end. */
enum err message_read_next(struct message_read *r, struct str *piece, struct why *why) MUST_USE;
void message_read_close(struct message_read **r);

/* --- progress.c ------------------------------------------------------------------------------- */

/* Progress of a long command: a bar on a terminal; else a line for each finished mailbox. */
struct progress {
	bool bar; /* standard error is a terminal                        */
	bool drawn;
	int64_t next_ms; /* of clock_mono_ms: when to draw again            */
	struct transfer_counts all;
	struct transfer_watch watch; /* to hand to transfer/; points to this */
};
/* p must stay where it is. */
void progress_init(struct progress *p);
/* Wipe the bar, and say what came of all. verb: "brought". */
void progress_end(struct progress *p, const char *verb);

/* --- terminal.c ------------------------------------------------------------------------------- */

/* Text from peers, made safe for a terminal. */
/* Print s; control characters, by which a terminal is driven (C0, DEL, C1), and malformed UTF-8
 * become "?". Line ends and tabs stay with _lines; the CR of a CRLF goes. */
void terminal_put(FILE *to, struct str s);
void terminal_put_lines(FILE *to, struct str s);

#endif
