/* console/api/access/token.h: bearer tokens (RFC 6750): what a program may do through the API
 * for the account that made the token. Never more than the account itself; a scope narrows it
 * further. Only this file's source reads and writes the space TOKEN. */
#ifndef API_TOKEN_H
#define API_TOKEN_H
#include "console/api/access/ticket.h"
#include "console/api/api_table.h"
#include "foundation/base/err.h"

struct kv_iter;
struct txn;

struct token {
	struct ticket_key key; /* what names it, to people as ticket_name of it */
	struct str label;
	unsigned scopes; /* BIT(enum api_scope), ... */
	int64_t created_ms;
	int64_t expires_ms; /* 0: never */
	int64_t used_ms;    /* 0: never; to the minute */
};

struct token_list {
	struct token *items;
	size_t count;
};

/* A new ticket for a token, whose name does not begin like an option of a command. */
struct ticket token_ticket_new(uint32_t account);
/* ERR_SYNTAX: the label is no line of 1 to LIMIT_label bytes, there is no scope, or it has
 * expired already. ERR_LIMIT: the account has LIMIT_tokens. */
enum err token_add(struct txn *t, const struct ticket *ticket, const struct token *token,
                   struct why *why) MUST_USE;

/* Strings in a. ERR_MISSING: there is none, or it has expired. */
enum err token_get(struct txn *t, const struct ticket *ticket, int64_t now_ms, struct arena *a,
                   struct token *out) MUST_USE;
enum err token_of_key(struct txn *t, const struct ticket_key *key, int64_t now_ms, struct arena *a,
                      struct token *out) MUST_USE;
/* As of sessions. */
enum err token_touch(struct txn *t, const struct ticket *ticket, int64_t now_ms) MUST_USE;
bool token_stale(const struct token *token, int64_t now_ms);

/* All of an account, also the expired ones, in a. */
enum err token_list(struct txn *t, uint32_t account, struct arena *a,
                    struct token_list *out) MUST_USE;
/* *note, in txn_arena, is what it was (token_note). ERR_MISSING: the account has none of this
 * name. */
enum err token_rm(struct txn *t, uint32_t account, struct str name, struct str *note,
                  struct why *why) MUST_USE;
/* All of an account, which goes. */
enum err tokens_end(struct txn *t, uint32_t account) MUST_USE;

/* The row under an iterator over SPACE_TOKEN; its strings are borrowed. False when it cannot be
 * read. */
bool token_read(const struct kv_iter *it, uint32_t *account, struct token *out);

/* May it do what needs this scope? */
bool token_allows(const struct token *token, enum api_scope scope);

/* One line of JSON for the audit trail, in a: what it may do, not what proves it. */
struct str token_note(const struct token *token, struct arena *a);
/* The public id: a part of the hash, in a. */
struct str token_name(const struct ticket_key *key, struct arena *a);

#endif
