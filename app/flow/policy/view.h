/* flow/policy/view.h: a message with changes: the fields of its header in order, and its
 * body.
 *
 * The rules are those of Sendmail and Postfix, which filters rely on. Our own Received
 * field counts as a field of the header: a field inserted at place 0 precedes it, one at
 * place 1 follows it. But filters do not see it, and "the first Received" is the first
 * that arrived with the message. A changed field keeps its place; a missing one is added
 * at the end. Header lines that are no field keep and count as a place, and cannot be
 * changed. If the first line begins with a blank, it belongs to the preceding field, as
 * readers of the message will see it. An added or changed field remains one field,
 * independent of its neighbours.
 *
 * Our Authentication-Results (flow/policy/authentication/verified.h) are shown above the
 * received fields, like a field of an earlier filter: later readers are their audience
 * (RFC 8601 5). They count as a place and among fields of their name. They cannot be
 * changed, because filters that remove forged fields of this host would remove them
 * too.
 *
 * Pure. Costs a pass over the header for each change at most. */
#ifndef POLICY_VIEW_H
#define POLICY_VIEW_H
#include "flow/policy/change.h"

struct view_field {
	struct str name; /* empty: a line that is no field */
	struct str raw;  /* with its line end, always      */
	bool own;        /* our Received                   */
	bool stays;      /* our Authentication-Results     */
};

struct policy_view {
	struct arena *arena;
	struct view_field *fields;
	size_t count, room;
	struct str rest;      /* the empty line and the body, as received */
	struct str body;      /* a new one                                */
	bool has_body;        /* rest is replaced by body                 */
};

/* ours: the fields that this server adds in front; results: from policy_results; may be
 * empty. All are borrowed. */
void policy_view_init(struct policy_view *v, struct str ours, struct str results,
                      struct str message, struct arena *a);
/* Apply a change; changes of the envelope have no effect here. Borrows a body. */
void policy_view_change(struct policy_view *v, const struct policy_change *c);
/* All of a list. */
void policy_view_changes(struct policy_view *v, const struct policy_changes *c);

/* The header as it is to be written: the fields above our Received with it, and the rest;
 * both in a. Then the empty line and the body: in a, or borrowed if unchanged. */
struct str policy_view_top(const struct policy_view *v);
struct str policy_view_header(const struct policy_view *v);
struct str policy_view_rest(const struct policy_view *v);

#endif
