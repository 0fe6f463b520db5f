/* flow/policy/view.h: a message with changes: the fields of its header in order, and its body.
 *
 * The rules are those of Sendmail and Postfix, on which filters count. Our own Received field,
 * the first that we put in front, is a field of the header, so what is inserted at place 0
 * stands before it and at place 1 behind it; but nobody is shown it, and a change "of the first
 * Received" means the first that came with the message. A field that is changed keeps its
 * place; one that is not there is added at the end. Lines of the header that are no field keep
 * their place, count for it, and cannot be changed; one at the top that begins with a blank
 * belongs to the field in front of it, as whoever reads the message will have it. What is added
 * or changed is one field, whatever stands around it.
 *
 * What we have found of who sent it (Authentication-Results, flow/policy/authentication/verified.h)
 * is shown, on top of what came with the message, as what an earlier filter has put there: those
 * behind us are who it is for (RFC 8601 5). It has its place and counts among fields of its name;
 * but it stays as it is, for filters that take out what claims to be their host's do not know that
 * it is no forgery.
 *
 * Pure. Costs a pass over the header for each change at most. */
#ifndef POLICY_VIEW_H
#define POLICY_VIEW_H
#include "flow/policy/change.h"

struct view_field {
	struct str name; /* empty: a line that is no field                       */
	struct str raw;  /* with its line end, always                            */
	bool own;        /* our Received                                         */
	bool stays;      /* what we have found                                   */
};

struct policy_view {
	struct arena *arena;
	struct view_field *fields;
	size_t count, room;
	struct str rest;      /* the empty line and the body, as they came       */
	struct str body;      /* a new one                                       */
	bool has_body;        /* or it is the old one                            */
};

/* ours: the fields that we put in front; results: of policy_results; may be empty. All are
 * borrowed. */
void policy_view_init(struct policy_view *v, struct str ours, struct str results,
                      struct str message, struct arena *a);
/* One more change; those of the envelope change nothing here. Borrows a body. */
void policy_view_change(struct policy_view *v, const struct policy_change *c);
/* All of a list. */
void policy_view_changes(struct policy_view *v, const struct policy_changes *c);

/* The header as it is to be written: what stands above our Received with it, and the rest; both in
 * a. Then, behind the header, the empty line and the body: in a, or borrowed when it is the old
 * one. */
struct str policy_view_top(const struct policy_view *v);
struct str policy_view_header(const struct policy_view *v);
struct str policy_view_rest(const struct policy_view *v);

#endif
