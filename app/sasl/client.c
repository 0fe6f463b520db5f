/* sasl/client.c: see client.h. */
#include "sasl/client.h"

#include "base/cur.h"
#include "base/mem.h"
#include "sasl/mechs.h"
#include "text/base64.h"

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

/* message = NUL authcid NUL passwd: acting as oneself		RFC 4616 2 */
static void plain_put(const struct sasl_client *c, struct buf *out)
{
	struct buf message;

	buf_init(&message, SASL_MESSAGE_MAX);
	/* Room for all of it at once, so that no copy is left behind by growing. */
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
	plain_put(c, out);
	return true;
}

bool sasl_client_line(struct sasl_client *c, struct str line, struct buf *out)
{
	/* What the prompts of LOGIN say differs between servers; their order does not. */
	bool login = c->mech->step == login_step;
	unsigned stage = c->stage++;

	(void)line;
	if (!login && stage == 0)
		plain_put(c, out);
	else if (login && stage < 2)
		base64_put(out, stage == 0 ? c->user : c->password);
	else
		return false;
	return true;
}
