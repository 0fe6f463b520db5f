/* protocols/jmap/ids.c: see ids.h. */
#include "protocols/jmap/ids.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

/* A number in its only form: no sign, no leading zero. */
static bool id_number(struct cur *c, uint64_t max, uint64_t *out)
{
	bool zero = cur_peek(c) == '0';

	return cur_u64(c, out) && *out <= max && !zero;
}

void jmap_account_put(struct buf *out, uint32_t account)
{
	buf_byte(out, 'a');
	buf_u64(out, account);
}

bool jmap_account_parse(struct str id, uint32_t *account)
{
	struct cur c = cur_of(id);
	uint64_t n;

	if (!cur_byte(&c, 'a') || !id_number(&c, UINT32_MAX, &n) || !cur_done(&c))
		return false;
	*account = (uint32_t)n;
	return true;
}

void jmap_id_put(struct buf *out, enum jmap_id_kind kind, uint32_t account, uint64_t number)
{
	buf_byte(out, (char)kind);
	buf_u64(out, account);
	buf_byte(out, '-');
	buf_u64(out, number);
}

bool jmap_id_parse(struct str id, enum jmap_id_kind kind, uint32_t account, uint64_t *number)
{
	struct cur c = cur_of(id);
	uint64_t of, n;

	if (!cur_byte(&c, (char)kind) || !id_number(&c, UINT32_MAX, &of) || of != account ||
	    !cur_byte(&c, '-') || !id_number(&c, UINT64_MAX, &n) || !cur_done(&c))
		return false;
	*number = n;
	return true;
}

struct str jmap_id_text(struct arena *a, enum jmap_id_kind kind, uint32_t account, uint64_t number)
{
	char *room = arena_alloc(a, JMAP_ID_ROOM);
	struct buf b;

	buf_init_in(&b, room, JMAP_ID_ROOM);
	jmap_id_put(&b, kind, account, number);
	return buf_str(&b);
}

struct str jmap_state_text(struct arena *a, uint64_t modseq)
{
	char *room = arena_alloc(a, JMAP_ID_ROOM);
	struct buf b;

	buf_init_in(&b, room, JMAP_ID_ROOM);
	buf_byte(&b, 's');
	buf_u64(&b, modseq);
	return buf_str(&b);
}

bool jmap_state_parse(struct str state, uint64_t *modseq)
{
	struct cur c = cur_of(state);
	uint64_t n;

	if (!cur_byte(&c, 's') || !id_number(&c, UINT64_MAX, &n) || !cur_done(&c))
		return false;
	*modseq = n;
	return true;
}

static bool is_id(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-' || c == '_';
}

bool jmap_id_valid(struct str id)
{
	struct cur c = cur_of(id);

	return id.n >= 1 && id.n <= JMAP_ID_MAX && cur_while(&c, is_id).n == id.n;
}
