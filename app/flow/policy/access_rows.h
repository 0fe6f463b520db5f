/* flow/policy/access_rows.h: access rules as rows of the store, which people add and end while the
 * server runs, each with a note and, if wanted, an end; beside those of ROOST_ACCESS.
 *
 * A row is about one thing: a verdict, what is looked at, and a pattern for it. Rows count in the
 * order in which they were made, after those of the setting. At most LIMIT_access_rows. */
#ifndef POLICY_ACCESS_ROWS_H
#define POLICY_ACCESS_ROWS_H
#include "flow/policy/access_rules.h"

struct txn;

struct access_row {
	uint64_t id;         /* 1 and up; never used again */
	struct str verdict;  /* "reject", "block:1d" */
	struct str of;       /* "peer", "name", "helo", "login", "from" or "to" */
	struct str match;    /* networks for peer, else a pattern */
	struct str on;       /* "mx", "submission", "mx,submission" */
	struct str note;     /* for people; also what a peer is told */
	unsigned code;       /* of a refusal; 0: the usual one */
	struct str status;   /* likewise, "5.7.1"; empty       */
	int64_t since_ms, until_ms; /* until INT64_MAX: for good */
};

struct access_rows {
	struct access_row *items;
	size_t count;
};

/* The row as a rule; all in a, or borrowed from row. ERR_SYNTAX: of, match, verdict, on, code
 * or status are not of the form, or too long. */
enum err access_row_rule(const struct access_row *row, struct arena *a, struct access_rule *out,
                         struct why *why) MUST_USE;

/* The row that an iterator over SPACE_ACCESS stands at; in a. False: it cannot be read. */
struct kv_iter;
bool access_row_read(const struct kv_iter *it, struct arena *a, struct access_row *out);

/* Sets id and since_ms; rows that are over go. ERR_SYNTAX as above; ERR_LIMIT: too many. */
enum err access_row_add(struct txn *t, struct access_row *row, struct why *why) MUST_USE;
/* All that are not over, in their order; in a. */
enum err access_rows_list(struct txn *t, struct arena *a, struct access_rows *out) MUST_USE;
/* ERR_MISSING. The row that it was, in a, for the audit. */
enum err access_row_remove(struct txn *t, uint64_t id, struct arena *a,
                           struct access_row *was) MUST_USE;

#endif
