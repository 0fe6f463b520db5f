/* console/api/mail/jmap_login.c: see jmap_login.h. */
#include "console/api/mail/jmap_login.h"

#include "console/api/access/session.h"
#include "console/api/access/token.h"
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "foundation/base/clock.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/live_login.h"
#include "model/directory/login/login.h"
#include "model/directory/row.h"
#include "model/store/store.h"

#include <pthread.h>
#include <string.h>

/* --- Logins that were right ----------------------------------------------------------- */

struct jmap_logins {
	uint8_t key[HASH_BYTES]; /* of this process */
	pthread_mutex_t lock;
	struct map right; /* lock: struct right_login by tag */
};

struct right_login {
	struct jmap_caller caller; /* address on the heap */
	uint64_t moves;
	int64_t until_mono_ms, expires_ms; /* 0: never */
};

struct login_tag {
	uint8_t bytes[HASH_BYTES];
};

struct jmap_logins *jmap_logins_new(void)
{
	struct jmap_logins *l = NEW(struct jmap_logins);

	random_bytes(l->key, sizeof l->key);
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

static bool right_free(struct str key, void *value, void *arg)
{
	struct right_login *x = value;

	(void)key, (void)arg;
	str_free(&x->caller.address);
	mem_free(x);
	return false;
}

void jmap_logins_free(struct jmap_logins **l)
{
	if (*l == NULL)
		return;
	map_filter(&(*l)->right, right_free, NULL);
	map_deinit(&(*l)->right);
	pthread_mutex_destroy(&(*l)->lock);
	mem_wipe(*l, sizeof **l);
	mem_clear(l);
}

static struct login_tag tag_of(const struct jmap_logins *l, const struct http_request *q)
{
	struct str field = http_header(q, "Authorization");
	char network[ADDR_NETWORK_KEY_MAX];
	struct login_tag tag;
	struct buf b;

	buf_init(&b, field.n + ADDR_NETWORK_KEY_MAX + 1);
	(void)buf_room(&b, b.max); /* growing would leave copies */
	buf_put(&b, addr_network_key(&q->peer, network));
	buf_byte(&b, '\0');
	buf_put(&b, field);
	hash_hmac_sha256(str_from((const char *)l->key, sizeof l->key), buf_str(&b), tag.bytes);
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
	return tag;
}

static struct str tag_str(const struct login_tag *tag)
{
	return str_from((const char *)tag->bytes, sizeof tag->bytes);
}

static enum err moves_read(struct txn *t, void *arg)
{
	return row_login_moves(t, arg);
}

static bool right_find(const struct http_request *q, const struct login_tag *tag,
                       struct jmap_caller *out)
{
	const struct admin *admin = q->context;
	struct jmap_logins *l = admin->jmap_logins;
	struct right_login *x;
	uint64_t moves;
	bool right;

	if (store_read(admin->store, moves_read, &moves) != OK)
		return false;
	pthread_mutex_lock(&l->lock);
	x = map_get(&l->right, tag_str(tag));
	right = x != NULL && x->moves == moves && clock_mono_ms() < x->until_mono_ms &&
	        (x->expires_ms == 0 || clock_real_ms() < x->expires_ms);
	if (right) {
		*out = x->caller;
		out->address = str_dup(q->arena, x->caller.address);
	} else if (x != NULL) {
		map_remove(&l->right, tag_str(tag));
		(void)right_free(STR_EMPTY, x, NULL);
	}
	pthread_mutex_unlock(&l->lock);
	return right;
}

static void right_put(struct jmap_logins *l, const struct login_tag *tag,
                      const struct jmap_caller *caller, const struct login *login)
{
	struct right_login *x = NEW(struct right_login), *old;

	*x = (struct right_login){
		.caller = *caller,
		.moves = login->moves,
		.until_mono_ms = clock_mono_ms() + (int64_t)LIMIT_login_cache_s * 1000,
		.expires_ms = login->expires_ms,
	};
	x->caller.address = str_new(caller->address);
	pthread_mutex_lock(&l->lock);
	if (l->right.count >= LIMIT_jmap_logins)
		map_filter(&l->right, right_free, NULL);
	old = map_put(&l->right, tag_str(tag), x);
	if (old != NULL)
		(void)right_free(STR_EMPTY, old, NULL);
	pthread_mutex_unlock(&l->lock);
}

/* --- Is it still right? For long connections. --------------------------------------------- */

enum proof_kind { PROOF_PASSWORD, PROOF_TOKEN, PROOF_SESSION };

struct proof {
	enum proof_kind kind;
	uint64_t moves;
	int64_t expires_ms;
	struct ticket ticket;
};
_Static_assert(sizeof(struct proof) <= JMAP_PROOF_BYTES, "room for a proof");

struct proof_check {
	struct proof proof;
	uint64_t moves;
};

static enum err proof_read(struct txn *t, void *arg)
{
	struct proof_check *x = arg;
	int64_t now_ms = clock_real_ms();
	struct session session;
	struct token token;

	switch (x->proof.kind) {
	case PROOF_TOKEN:
		return token_get(t, &x->proof.ticket, now_ms, txn_arena(t), &token);
	case PROOF_SESSION:
		return session_get(t, &x->proof.ticket, now_ms, &session);
	case PROOF_PASSWORD:
		break;
	}
	return row_login_moves(t, &x->moves);
}

/* After any change of any login the client has to log in again. */
static bool proof_valid(const struct jmap_caller *caller, void *arg)
{
	const struct admin *admin = arg;
	struct proof_check x;

	memcpy(&x.proof, caller->proof, sizeof x.proof);
	x.moves = x.proof.moves;
	return store_read(admin->store, proof_read, &x) == OK && x.moves == x.proof.moves &&
	       (x.proof.expires_ms == 0 || clock_real_ms() < x.proof.expires_ms);
}

static void proof_set(const struct http_request *q, struct jmap_caller *caller,
                      const struct proof *proof)
{
	memcpy(caller->proof, proof, sizeof *proof);
	caller->still_valid = proof_valid;
	caller->arg = q->context;
}

/* --- The credential, as the store keeps it with push subscriptions --------------------------- */

enum login_kind { LOGIN_PASSWORD = 1, LOGIN_TOKEN, LOGIN_SESSION }; /* stored */

/* kind, then: number of the credential (be32), its creation (be64); or the key of the ticket. */
static void login_put(struct jmap_caller *c, enum login_kind kind, uint32_t number, int64_t made_ms,
                      struct str key)
{
	struct buf b;

	buf_init_in(&b, (char *)c->login, sizeof c->login);
	buf_byte(&b, (char)kind);
	if (kind == LOGIN_PASSWORD) {
		pack_be32(&b, number);
		pack_be64(&b, (uint64_t)made_ms);
	}
	buf_put(&b, key);
	assert(buf_ok(&b));
}

static enum err ticket_login_check(struct txn *t, enum login_kind kind, struct str key_bytes)
{
	struct ticket_key key;
	struct session session;
	struct token token;

	memcpy(key.bytes, key_bytes.p, sizeof key.bytes);
	return kind == LOGIN_TOKEN
	               ? token_of_key(t, &key, clock_real_ms(), txn_arena(t), &token)
	               : session_of_key(t, &key, clock_real_ms(), &session);
}

enum err jmap_login_check(struct txn *t, const struct jmap_caller *c)
{
	struct str login = str_from((const char *)c->login, sizeof c->login);
	struct unpack u = unpack_of(str_sub(login, 1, login.n));
	enum login_kind kind = (enum login_kind)c->login[0];
	struct live_login password = { .account = c->account };
	int64_t until_ms = INT64_MAX;
	bool right = false;
	enum err e;

	if (kind == LOGIN_TOKEN || kind == LOGIN_SESSION)
		return ticket_login_check(t, kind, str_sub(login, 1, 1 + TICKET_KEY_BYTES));
	if (kind != LOGIN_PASSWORD)
		return ERR_MISSING;
	password.app_password = unpack_be32(&u);
	password.credential_ms = (int64_t)unpack_be64(&u);
	e = live_login_stands(t, &password, txn_arena(t), clock_real_ms(), &right, &until_ms);
	return e != OK || right ? e : ERR_MISSING;
}

/* --- Basic ------------------------------------------------------------------------------- */

static unsigned scopes_of(unsigned scopes)
{
	return (scopes & SCOPE_IMAP ? JMAP_MAIL : 0) | (scopes & SCOPE_SMTP ? JMAP_SUBMISSION : 0) |
	       (scopes & SCOPE_SIEVE ? JMAP_SIEVE : 0);
}

/* "user-id:password" (RFC 7617 2). */
static bool basic_decode(struct str text, struct buf *b, struct str *name, struct str *password)
{
	ptrdiff_t colon = base64_parse(text, b) ? str_find_byte(buf_str(b), ':') : -1;

	if (colon < 0)
		return false;
	*name = str_sub(buf_str(b), 0, (size_t)colon);
	*password = str_sub(buf_str(b), (size_t)colon + 1, b->n);
	return true;
}

static enum err basic_check(const struct http_request *q, struct str text,
                            const struct login_tag *tag, struct jmap_caller *out, struct why *why)
{
	const struct admin *admin = q->context;
	struct login_try try = { .id = q->id, .service = STR("jmap"), .peer = &q->peer };
	struct login login;
	struct proof proof = { .kind = PROOF_PASSWORD };
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_login_bytes);
	(void)buf_room(&b, b.max);
	e = basic_decode(text, &b, &try.name, &try.password)
	            ? login_check(admin->logins, &try, q->arena, &login, why)
	            : fail(why, ERR_DENIED, "the credentials cannot be read");
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
	if (e != OK)
		return e;
	*out = (struct jmap_caller){ .account = login.account,
		                     .address = login.address,
		                     .scopes = scopes_of(login.scopes) };
	login_put(out, LOGIN_PASSWORD, login.app_password, login.credential_ms, STR_EMPTY);
	proof.moves = login.moves;
	proof.expires_ms = login.expires_ms;
	proof_set(q, out, &proof);
	right_put(admin->jmap_logins, tag, out, &login);
	return OK;
}

/* --- Bearer, cookie --------------------------------------------------------------------- */

/* A session of the console: as api.c has it, a page of another site cannot send X-CSRF. */
static enum err cookie_check(struct api_call *c)
{
	if (c->who.token || strcmp(c->http->method, "GET") == 0 ||
	    strcmp(c->http->method, "HEAD") == 0)
		return OK;
	if (!api_same_origin(c->http, &c->why))
		return ERR_DENIED;
	return str_eq_secret(http_header(c->http, "X-CSRF"), c->who.csrf)
	               ? OK
	               : fail(&c->why, ERR_DENIED,
	                      "the header X-CSRF is not what /api/session says");
}

/* OAuth access tokens (RFC 9068) will be verified here, before tokens of our own. */
static enum err ticket_check(struct api_call *c, bool quick, struct jmap_caller *out)
{
	struct cur field = cur_of(str_trim(http_header(c->http, "Authorization")));
	struct token token = { 0 };
	struct proof proof = { 0 };
	enum err e = quick ? api_look(c, &token.scopes) : api_identify(c, &token.scopes);

	if (e != OK)
		return e;
	if (c->who.account == 0)
		return fail(&c->why, ERR_DENIED,
		            c->who.local ? "name an account: ?as=ADDRESS" : "log in first");
	if (c->who.token && !token_allows(&token, API_SCOPE_MAIL))
		return fail(&c->why, ERR_DENIED, "the token lacks the scope mail");
	*out = (struct jmap_caller){ .account = c->who.account,
		                     .address = c->who.address,
		                     .scopes = JMAP_ALL };
	if (c->who.local)
		return OK;
	proof.kind = c->who.token ? PROOF_TOKEN : PROOF_SESSION;
	(void)(c->who.token && cur_stri(&field, STR("Bearer")) && cur_blank(&field));
	if (c->who.token ? ticket_parse(cur_rest(&field), &proof.ticket)
	                 : api_cookie(c->http, &proof.ticket)) {
		const struct ticket_key key = ticket_key(&proof.ticket);

		proof_set(c->http, out, &proof);
		login_put(out, c->who.token ? LOGIN_TOKEN : LOGIN_SESSION, 0, 0,
		          ticket_key_str(&key));
	}
	return cookie_check(c);
}

static enum err caller_find(const struct http_request *q, struct http_response *r, bool quick,
                            struct jmap_caller *out, struct why *why)
{
	struct api_call c = { .http = q, .admin = q->context, .arena = q->arena, .response = r };
	struct cur field = cur_of(str_trim(http_header(q, "Authorization")));
	struct login_tag tag;
	enum err e;

	if (cur_stri(&field, STR("Basic")) && cur_blank(&field)) {
		tag = tag_of(c.admin->jmap_logins, q);
		if (right_find(q, &tag, out))
			return OK;
		return quick ? ERR_RETRY : basic_check(q, cur_rest(&field), &tag, out, why);
	}
	e = ticket_check(&c, quick, out);
	*why = c.why;
	return e;
}

enum err jmap_login(const struct http_request *q, struct http_response *r, struct jmap_caller *out,
                    struct why *why)
{
	return caller_find(q, r, false, out, why);
}

enum err jmap_login_quick(const struct http_request *q, struct http_response *r,
                          struct jmap_caller *out, struct why *why)
{
	return caller_find(q, r, true, out, why);
}
