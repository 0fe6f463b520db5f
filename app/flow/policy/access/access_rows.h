/* flow/policy/access/access_rows.h: access rules as rows of the store. Administrators add and
 * end them while the server runs, each with a note and an optional end; in addition to
 * those of ROOST_ACCESS.
 *
 * A row has one pattern and a verdict. Rows apply in the order of their creation, after
 * those of the setting. At most LIMIT_access_rows. */
#ifndef POLICY_ACCESS_ROWS_H
#define POLICY_ACCESS_ROWS_H
#include "flow/policy/access/access_rules.h"

struct txn;

struct access_row {
	uint64_t id;         /* from 1, never reused                            */
	struct str verdict;  /* "reject", "block:1d"                            */
	struct str of;       /* "peer", "name", "helo", "login", "from" or "to" */
	struct str match;    /* networks for peer, else a pattern               */
	struct str on;       /* "mx", "submission", "mx,submission"             */
	struct str note;     /* for administrators; also the text of a refusal  */
	unsigned code;       /* of a refusal; 0: the default                    */
	struct str status;   /* likewise, "5.7.1"; or empty                     */
	int64_t since_ms, until_ms; /* until INT64_MAX: no end */
};

struct access_rows {
	struct access_row *items;
	size_t count;
};

/* Convert the row to a rule; all in a, or borrowed from row. ERR_SYNTAX: of, match,
 * verdict, on, code or status is invalid or too long. */
enum err access_row_rule(const struct access_row *row, struct arena *a, struct access_rule *out,
                         struct why *why) MUST_USE;

/* The row at an iterator over SPACE_ACCESS; in a. False: it is unreadable. */
struct kv_iter;
bool access_row_read(const struct kv_iter *it, struct arena *a, struct access_row *out);

/* Sets id and since_ms; removes expired rows. ERR_SYNTAX as above; ERR_LIMIT: too
 * many. */
enum err access_row_add(struct txn *t, struct access_row *row, struct why *why) MUST_USE;
/* All rows that have not expired, in order; in a. */
enum err access_rows_list(struct txn *t, struct arena *a, struct access_rows *out) MUST_USE;
/* ERR_MISSING. *was is the removed row, in a, for the audit log. */
enum err access_row_remove(struct txn *t, uint64_t id, struct arena *a,
                           struct access_row *was) MUST_USE;

#endif
