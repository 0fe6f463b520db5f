/* console/api/people/api_people.h: what the calls about people share: domains, accounts, aliases,
 * groups, oneself.
 *
 * An owner may change everything. A domain administrator may change the addresses of the domains,
 * except accounts of administrators: a new password would take them over. */
#ifndef API_API_PEOPLE_H
#define API_API_PEOPLE_H
#include "console/api/api.h"
#include "model/directory/directory.h"
#include "model/store/store.h"

/* The domain of an address as text; empty when it has none. */
struct str people_domain(struct str address);

/* ERR_DENIED with a sentence, unless the caller may administer this domain. */
enum err people_may_domain(struct api_call *c, struct str domain) MUST_USE;
/* Run fn, which changes what has this address, for a caller who may administer its domain. */
enum err people_write(struct api_call *c, struct str address, txn_fn *fn, void *arg) MUST_USE;
/* After a write: a group or account has changed or is gone, so sessions that have another's mailbox
 * selected look whether they still may. */
void people_rights_changed(const struct api_call *c);
/* The address that the body gives to something new. */
struct str people_address_new(const struct api_call *c);
/* The caller, for the rules of directory.h. */
struct role_actor people_actor(const struct api_call *c);
/* The account of this address, for a caller who may see it, or change it too. ERR_MISSING also
 * for one he may not see. */
enum err people_account(struct txn *t, struct api_call *c, struct str address, bool change,
                        struct account *out) MUST_USE;

/* Take the member pop3 of the body, if there is one. ERR_SYNTAX: it is none of the three. */
enum err people_pop3_take(struct api_call *c, struct account *to) MUST_USE;

/* One account as the shape of that name. */
enum err people_account_put(struct txn *t, struct api_call *c,
                            const struct account *account) MUST_USE;
/* The fields that can be changed, as one line for the audit log; in txn_arena. The commands of the
 * same name log the same. */
struct app_password;
struct dkim_key;
struct passkey;
struct str people_account_note(struct txn *t, const struct account *account);
struct str people_app_password_note(struct txn *t, const struct app_password *p);
struct str people_passkey_note(struct txn *t, const struct passkey *p);
/* The note of an object before its removal; empty if no object has the id. */
enum err people_app_password_was(struct txn *t, uint32_t account, uint32_t id,
                                 struct str *note) MUST_USE;
enum err people_passkey_was(struct txn *t, uint32_t account, uint32_t id,
                            struct str *note) MUST_USE;

/* A JSON object as text, in a: open, put members, close. */
struct people_note {
	struct buf text;
	struct json_writer w;
};
struct json_writer *people_note_open(struct people_note *n);
struct str people_note_close(struct people_note *n, struct arena *a);

/* A list of strings: of the body, in the call's arena; a copy of
 * a list with some of the body added; as a member of
 * an object; and whether q is a part of one of them. */
struct str *people_strings(struct api_call *c, struct json list, size_t *count);
void people_strings_add(struct api_call *c, struct json more, struct str **items, size_t *count);
void people_strings_put(struct json_writer *w, const char *name, const struct str *items,
                        size_t count);
bool people_strings_have(const struct str *items, size_t count, struct str q);

/* Helpers of address lists: sort items of this size, each of which begins with its address as
 * struct str; and whether the caller may see an address, and ?domain= includes it. */
void people_sort(void *items, size_t count, size_t size);
bool people_wants(const struct api_call *c, struct str address);

/* The number in a path; 0, which nothing has, when it is none. */
uint32_t people_id(struct str text);

/* A key that signs, as the shape dkim_key: api_keys.c. */
void people_key_put(struct api_call *c, const struct dkim_key *key);

/* --- api_people_credentials.c --- */

/* Answers that the account and its administrators get alike. */
enum err people_logins(struct api_call *c, uint32_t account) MUST_USE;
enum err people_app_passwords(struct api_call *c, uint32_t account) MUST_USE;
/* The members of one, into an object that is open. */
void people_app_password_put(struct json_writer *w, const struct app_password *p);
void people_passkey_put(struct json_writer *w, const struct passkey *p);

#endif
