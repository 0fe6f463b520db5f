/* formats/sasl/client.c: see client.h. */
#include "formats/sasl/client.h"

#include "formats/sasl/client_scram.h"
#include "formats/sasl/mechs.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/text/base64.h"
#include "foundation/text/opaque.h"

static bool offers(struct str offered, struct str name)
{
	struct cur c = cur_of(offered);
	struct str word;

	while (!cur_done(&c)) {
		if (!cur_until(&c, ' ', &word)) {
			word = cur_rest(&c);
			cur_skip(&c, word.n);
		}
		cur_byte(&c, ' ');
		if (str_eqi(word, name))
			return true;
	}
	return false;
}

bool sasl_client_begin(struct sasl_client *c, struct str offered, struct str user,
                       struct str password)
{
	*c = (struct sasl_client){ .user = user, .password = password };
	if (!sasl_field_check(user) || !sasl_field_check(password))
		return false;
	for (size_t i = 0; i < sasl_mech_count && c->mech == NULL; i++)
		if ((sasl_mechs[i].flags & SASL_PLAINTEXT) != 0 &&
		    offers(offered, sasl_mechs[i].name))
			c->mech = &sasl_mechs[i];
	return c->mech != NULL;
}

/* RFC 5802 5.1 requires SASLprep for both, which RFC 8265 replaces. A name is not treated as an
 * identifier of PRECIS, because relays assign names with symbols and blanks, but like the password,
 * which keeps case and width. */
bool sasl_client_begin_scram(struct sasl_client *c, struct str offered, struct str user,
                             struct str password, struct str binding, struct arena *a)
{
	bool plus = binding.n != 0 && offers(offered, STR("SCRAM-SHA-256-PLUS"));

	*c = (struct sasl_client){ .arena = a };
	if (!plus && !offers(offered, STR("SCRAM-SHA-256")))
		return false;
	if (!opaque_dup(a, user, SASL_FIELD_MAX, &c->user) ||
	    !opaque_dup(a, password, SASL_FIELD_MAX, &c->password))
		return false;
	c->mech = sasl_mech_find(plus ? STR("SCRAM-SHA-256-PLUS") : STR("SCRAM-SHA-256"), SASL_ALL);
	/* RFC 5802 6: "y" states that we would use channel binding if -PLUS were offered. If an
	 * attacker removed it from the list, the server detects that. */
	c->gs2 = plus ? STR("p=tls-server-end-point,,")
	              : binding.n != 0 ? STR("y,,") : STR("n,,");
	c->binding = plus ? binding : STR_EMPTY;
	client_scram_begin(c);
	return true;
}

bool sasl_client_begin_token(struct sasl_client *c, struct str offered, struct str user,
                             struct str token)
{
	*c = (struct sasl_client){ .user = user, .token = token };
	if (!sasl_field_check(user) || token.n == 0 || token.n > SASL_MESSAGE_MAX / 2)
		return false;
	for (size_t i = 0; i < sasl_mech_count && c->mech == NULL; i++)
		if ((sasl_mechs[i].step == oauthbearer_step ||
		     sasl_mechs[i].step == xoauth2_step) &&
		    offers(offered, sasl_mechs[i].name))
			c->mech = &sasl_mechs[i];
	return c->mech != NULL;
}

/* saslname: "," and "=" are "=2C" and "=3D"		RFC 5801 4 */
void sasl_client_name_put(struct buf *out, struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ',')
			buf_put(out, STR("=2C"));
		else if (name.p[i] == '=')
			buf_put(out, STR("=3D"));
		else
			buf_byte(out, name.p[i]);
}

/* client-resp of RFC 7628 3.1, and of XOAUTH2: they differ in the name of the user. */
static void token_put(const struct sasl_client *c, struct buf *out)
{
	bool bearer = c->mech->step == oauthbearer_step;
	struct buf message;

	buf_init(&message, SASL_MESSAGE_MAX);
	if (buf_room(&message, 3 * c->user.n + c->token.n + 40) != NULL) {
		buf_put(&message, bearer ? STR("n,a=") : STR("user="));
		if (bearer)
			sasl_client_name_put(&message, c->user);
		else
			buf_put(&message, c->user);
		buf_put(&message, bearer ? STR(",\1auth=Bearer ") : STR("\1auth=Bearer "));
		buf_put(&message, c->token);
		buf_put(&message, STR("\1\1"));
		base64_put(out, buf_str(&message));
		mem_wipe(message.p, message.n);
	}
	buf_deinit(&message);
}

/* message = NUL authcid NUL passwd: without an authzid RFC 4616 2 */
static void client_plain_put(const struct sasl_client *c, struct buf *out)
{
	struct buf message;

	buf_init(&message, SASL_MESSAGE_MAX);
	/* Reserve all room at once, because growing would leave copies. */
	if (buf_room(&message, c->user.n + c->password.n + 2) != NULL) {
		buf_byte(&message, '\0');
		buf_put(&message, c->user);
		buf_byte(&message, '\0');
		buf_put(&message, c->password);
		base64_put(out, buf_str(&message));
		mem_wipe(message.p, message.n);
	}
	buf_deinit(&message);
}

bool sasl_client_initial(struct sasl_client *c, struct buf *out)
{
	if ((c->mech->flags & SASL_CLIENT_FIRST) == 0)
		return false;
	c->stage++;
	if (c->arena != NULL)
		client_scram_first(c, out);
	else if (c->token.n != 0)
		token_put(c, out);
	else
		client_plain_put(c, out);
	return true;
}

bool sasl_client_line(struct sasl_client *c, struct str line, struct buf *out)
{
	/* The text of LOGIN's prompts differs between servers; their order does not. */
	bool login = c->mech->step == login_step;
	unsigned stage = c->stage++;

	if (c->arena != NULL)
		return client_scram_line(c, stage, line, out);
	if (c->token.n != 0) {
		if (stage == 0)
			token_put(c, out);
		else if (stage == 1 && c->mech->step == oauthbearer_step)
			base64_put(out, STR("\1")); /* RFC 7628 3.2.3: acknowledge the failure */
		return stage < 2;
	}
	if (!login && stage == 0)
		client_plain_put(c, out);
	else if (login && stage < 2)
		base64_put(out, stage == 0 ? c->user : c->password);
	else
		return false;
	return true;
}

bool sasl_client_believes(const struct sasl_client *c)
{
	return c->arena == NULL || c->proven;
}
