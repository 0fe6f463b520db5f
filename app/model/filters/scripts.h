/* model/filters/scripts.h: Sieve scripts of the server, of domains and of accounts.
 *
 * An account has any number of scripts, of which at most one is active (RFC 5804 1.4). The
 * scripts "before" and "after" of the server and of a domain run around those of the account.
 * Their other scripts are the library of `include` (RFC 6609): :global means the domain's, then
 * the server's, :personal the account's own.
 *
 * The program is stored with the text. It is compiled anew where sieve_program_current is false:
 * after an update of the server. */
#ifndef FILTERS_SCRIPTS_H
#define FILTERS_SCRIPTS_H
#include "formats/sieve/sieve.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/config/limits.h"

struct txn;

enum {
	SCRIPT_NAME_MAX = 512,     /* bytes: 128 characters (RFC 5804 1.6)              */
	SCRIPT_PROGRAM_MAX = 3 << 19, /* bytes; with text and name it fits into a row   */
	SCRIPT_TEXT_MAX = LIMIT_sieve_script,
};

/* With account 0 and an empty domain: the server. */
struct script_owner {
	uint32_t account;
	struct str domain; /* lower case */
};

struct script {
	struct str name;
	uint64_t id; /* kept when it is replaced or renamed; not reused */
	struct str text, program;
	uint64_t size; /* of text */
	int64_t changed_ms;
	bool active;
};

/* RFC 5804 1.6: UTF-8 without controls, line and paragraph separators; not empty, at most 128
 * characters. */
bool script_name_valid(struct str name);

/* Compile a text as it is stored. Everything lives in a. False: with its errors; a program past
 * SCRIPT_PROGRAM_MAX is one too. Linear. */
bool script_compile(struct arena *a, struct str text, struct str *program,
                    struct sieve_errors *errors);
/* The same for an SMTP stage, or SIEVE_DELIVERY. */
bool script_compile_for(struct arena *a, enum sieve_stage stage, struct str text,
                        struct str *program, struct sieve_errors *errors);

/* Scripts of the server with the name of an SMTP stage ("rcpt") run there, see
 * flow/policy/stages/. All others are for deliveries. */
enum sieve_stage script_stage(const struct script_owner *owner, struct str name);

/* In the order of their names, without text and program; in a. */
enum err scripts_list(struct txn *t, const struct script_owner *owner, struct arena *a,
                      struct script **out, size_t *n) MUST_USE;

/* Name, text and program are borrowed from t. ERR_MISSING: no such script. */
enum err script_get(struct txn *t, const struct script_owner *owner, struct str name,
                    struct script *out) MUST_USE;

/* The name of the script with that id, in a. Reads all scripts. ERR_MISSING. */
enum err script_find_id(struct txn *t, const struct script_owner *owner, uint64_t id,
                        struct arena *a, struct str *name) MUST_USE;

/* The active script of an account. ERR_MISSING: none is active. */
enum err script_active(struct txn *t, uint32_t account, struct script *out) MUST_USE;

/* Would a script of this name and size be accepted (RFC 5804 2.5)? */
enum script_room {
	SCRIPT_FITS,
	SCRIPT_TOO_LARGE, /* or all scripts of the owner together are */
	SCRIPT_TOO_MANY,
};
enum err script_room(struct txn *t, const struct script_owner *owner, struct str name,
                     uint64_t size, enum script_room *out) MUST_USE;

/* All that write explain their errors in txn_why. */

/* Write. Create or replace it; program is of text. ERR_SYNTAX: the name is not valid;
 * ERR_LIMIT: script_room is not SCRIPT_FITS. */
enum err script_put(struct txn *t, const struct script_owner *owner, struct str name,
                    struct str text, struct str program, int64_t now_ms) MUST_USE;

/* Write. ERR_MISSING; ERR_CONFLICT: it is active. */
enum err script_delete(struct txn *t, const struct script_owner *owner, struct str name) MUST_USE;

/* Write. ERR_MISSING; ERR_SYNTAX: the new name is not valid, or of another SMTP stage;
 * ERR_CONFLICT: it is taken. An active script stays active. */
enum err script_rename(struct txn *t, const struct script_owner *owner, struct str from,
                       struct str to) MUST_USE;

/* Write. Make it the active one; an empty name: none is. ERR_MISSING. */
enum err script_activate(struct txn *t, uint32_t account, struct str name) MUST_USE;

/* Write. Delete all scripts, filters (filter.h) and memories of an account that is deleted, or all
 * scripts of a domain that is. */
enum err scripts_delete_all(struct txn *t, const struct script_owner *owner) MUST_USE;

#endif
