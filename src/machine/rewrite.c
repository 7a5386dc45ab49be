#include <string.h>

#include "machine/slot.h"

#define SHORT_REACH 130u /* of a branch with one byte of displacement, its own two included */
#define LEA_LENGTH 7
#define CALL_LENGTH 13 /* of what put_call writes */

static const uint8_t syscall_bytes[SYSCALL_LENGTH] = { 0x0f, 0x05 };

/* ---- Decoding --------------------------------------------------------- */

static bool is_syscall(const struct code *c, uint64_t site)
{
	return site >= c->start && site < c->end && c->end - site >= SYSCALL_LENGTH &&
	       memcmp(at(c, site), syscall_bytes, SYSCALL_LENGTH) == 0;
}

/* By a register or by what a table says; by a word at a known address, it is a call of another function. */
static bool is_table_jump(const ZydisDecodedInstruction *i)
{
	return i->mnemonic == ZYDIS_MNEMONIC_JMP && !is_branch(i) && !is_rip_relative(i);
}

/* ---- The slot --------------------------------------------------------- */

static void add_border(struct rewrite *out, uint64_t from, uint64_t to)
{
	out->borders[out->border_count++] = (struct border){ from, to };
}

/* To the gate, from which the guest comes back to `back`: that is the call that was at `site`. */
static void put_call(struct slot *s, uint64_t gate, uint64_t back, uint64_t site, struct rewrite *out)
{
	add_border(out, site, s->address + s->length);
	add_border(out, site, s->address + s->length + LEA_LENGTH);
	slot_put_relative(s, (const uint8_t[]){ 0x48, 0x8d, 0x0d }, 3, back); /* lea back(%rip), %rcx */
	slot_put_relative(s, (const uint8_t[]){ 0xff, 0x25 }, 2, gate);       /* jmp *gate(%rip) */
}

/* What is written over the instructions from `address` to `end`. */
static const char *finish(struct rewrite *out, const struct slot *s, uint64_t address, uint64_t end)
{
	out->at = address;
	out->slot_length = s->length;
	out->patch_length = end - address;
	return slot_patch(out->patch, sizeof out->patch, address, s->address) && !s->failed ? NULL : "out of reach";
}

/* ---- What is before it ------------------------------------------------ */

static int64_t call_number(const ZydisDecodedInstruction *i, const uint8_t *bytes)
{
	static const uint8_t mov_eax[] = { 0xb8 }, mov_rax[] = { 0x48, 0xc7, 0xc0 };
	bool loads = (i->length == sizeof mov_eax + 4 && memcmp(bytes, mov_eax, sizeof mov_eax) == 0) ||
		     (i->length == sizeof mov_rax + 4 && memcmp(bytes, mov_rax, sizeof mov_rax) == 0);

	return loads ? (int64_t)i->raw.imm[0].value.u : -1;
}

static const char *plan_before(const struct code *c, uint64_t site, uint64_t address, const ZydisDecodedInstruction *i,
			       struct slot *s, uint64_t gate, struct rewrite *out)
{
	slot_put_moved(s, c, address, i);
	put_call(s, gate, site + SYSCALL_LENGTH, site, out);
	return finish(out, s, address, site);
}

/* ---- What is behind it ------------------------------------------------ */

/* A jump to one of the bytes that the jump replaces, but its first. */
static bool hits(uint64_t target, uint64_t site)
{
	return target > site && target < site + REWRITE_JUMP;
}

static const char *branches_of(const struct code *c, const struct function *f, uint64_t site)
{
	ZydisDecodedInstruction i;

	if (f->end - f->start > REWRITE_REACH)
		return "a function is too large";
	for (uint64_t now = f->start; now < f->end; now += i.length) {
		if (!instruction_at(c, now, f->end, &i))
			return "a function cannot be decoded";
		if (is_branch(&i) && hits(branch_target(&i, now), site))
			return "a branch leads there";
	}
	return NULL;
}

static bool has_table_jump(const struct code *c, const struct function *f)
{
	ZydisDecodedInstruction i;

	for (uint64_t now = f->start; now < f->end; now += i.length)
		if (!instruction_at(c, now, f->end, &i) || is_table_jump(&i))
			return true;
	return false;
}

/* The opcode before a branch's four bytes of distance: call, jmp, jcc. */
static bool ends_far_opcode(const uint8_t *bytes)
{
	return (bytes[-1] & 0xfe) == 0xe8 || ((bytes[-1] & 0xf0) == 0x80 && bytes[-2] == 0x0f);
}

static bool is_behind_syscall(const struct code *c, uint64_t target)
{
	for (uint64_t site = target - REWRITE_JUMP + 1; site < target; site++)
		if (is_syscall(c, site))
			return true;
	return false;
}

size_t rewrite_far_targets(const struct code *c, uint64_t *targets, size_t room)
{
	const uint8_t *bytes = c->bytes, *end = at(c, c->end);
	uint64_t target = c->start + 6; /* of no distance at all */
	size_t count = 0;
	int32_t distance;

	for (bytes += 2; end - bytes >= 4; bytes++, target++) {
		if (!ends_far_opcode(bytes))
			continue;
		memcpy(&distance, bytes, sizeof distance);
		if (!is_behind_syscall(c, target + (uint64_t)(int64_t)distance))
			continue;
		if (count < room)
			targets[count] = target + (uint64_t)(int64_t)distance;
		count++;
	}
	return count;
}

/* From wherever: other parts of the function may lie far away. */
static bool may_be_hit_from_far(const struct code *c, uint64_t site)
{
	for (size_t i = 0; i < c->target_count; i++)
		if (hits(c->targets[i], site))
			return true;
	return false;
}

/* By a branch that another site took along: all in slots are far ones. */
static bool may_be_hit_from_slots(const struct code *c, uint64_t site, uint64_t slot, uint64_t gate)
{
	uint64_t target = gate + 6;
	int32_t distance;

	for (const uint8_t *p = c->slots + 2; c->slots && target <= slot; p++, target++) {
		memcpy(&distance, p, sizeof distance);
		if (ends_far_opcode(p) && hits(target + (uint64_t)(int64_t)distance, site))
			return true;
	}
	return false;
}

/* Between functions there may be some that nobody told us of: any bytes that could be a short branch. */
static bool may_be_hit_from(const struct code *c, uint64_t from, uint64_t to, uint64_t site)
{
	for (uint64_t now = from; now + 1 < to; now++) {
		uint8_t opcode = *at(c, now);
		bool is_short = (opcode & 0xf0) == 0x70 || opcode == 0xeb || (opcode & 0xfc) == 0xe0;

		if (is_short && hits(now + 2 + (uint64_t)(int64_t)(int8_t)*at(c, now + 1), site))
			return true;
	}
	return false;
}

/* From its neighbours. */
static const char *near_branches(const struct code *c, uint64_t site)
{
	uint64_t from = site - c->start > SHORT_REACH ? site - SHORT_REACH : c->start;
	uint64_t to = c->end - site > SHORT_REACH ? site + SHORT_REACH : c->end;

	while (from < to) { /* function or gap after function or gap */
		uint64_t next;
		const struct function *f = function_at(c, from, &next);
		const char *why = f ? branches_of(c, f, site) : NULL;

		if (why)
			return why;
		if (!f && may_be_hit_from(c, from, next < to ? next : to, site))
			return "a branch may lead there";
		from = f ? f->end : next;
	}
	return NULL;
}

/* Between functions compilers put nothing else. */
static bool is_padding(const struct code *c, uint64_t from, uint64_t to, uint64_t next)
{
	ZydisDecodedInstruction i;

	for (uint64_t now = from; now < to; now += i.length)
		if (!instruction_at(c, now, next, &i) ||
		    (i.mnemonic != ZYDIS_MNEMONIC_NOP && i.mnemonic != ZYDIS_MNEMONIC_INT3))
			return false;
	return true;
}

/* One instruction of those behind the site. *on: the next is reached from it. False: it must stay where it is. */
static bool put_behind(struct slot *s, const struct code *c, uint64_t address, const ZydisDecodedInstruction *i, bool *on)
{
	*on = is_movable(i) || is_condition(i);
	if (is_movable(i))
		slot_put_moved(s, c, address, i);
	else if (is_condition(i))
		slot_put_condition(s, i, branch_target(i, address));
	else if (i->meta.category == ZYDIS_CATEGORY_RET && i->meta.branch_type != ZYDIS_BRANCH_TYPE_FAR)
		slot_put(s, at(c, address), i->length);
	else if (i->mnemonic == ZYDIS_MNEMONIC_JMP && is_branch(i) && i->raw.prefix_count == 0)
		slot_put_jump(s, branch_target(i, address));
	else
		return false;
	return true;
}

static const char *put_all_behind(struct slot *s, const struct code *c, const struct function *f, uint64_t site, uint64_t *covered,
				  struct rewrite *out)
{
	uint64_t now = site + SYSCALL_LENGTH, end = site + REWRITE_JUMP, next;
	bool on = true;

	while (now < end && on) {
		ZydisDecodedInstruction i;

		add_border(out, now, s->address + s->length);
		if (!instruction_at(c, now, f->end, &i) || !put_behind(s, c, now, &i, &on))
			return "what is behind it must stay there";
		now += i.length;
	}
	if (on)
		slot_put_jump(s, now);
	function_at(c, site, &next);
	if (now < end && (end > next || !is_padding(c, now, end, next)))
		return "too little is behind it";
	*covered = now < end ? end : now;
	return NULL;
}

static const char *plan_behind(const struct code *c, const struct function *f, uint64_t site, struct slot *s, uint64_t gate,
			       struct rewrite *out)
{
	const char *why;
	uint64_t covered;

	put_call(s, gate, s->address + CALL_LENGTH, site, out); /* right behind itself */
	why = put_all_behind(s, c, f, site, &covered, out);
	if (!why)
		why = branches_of(c, f, site);
	if (!why && has_table_jump(c, f))
		why = "its function may jump there by a table";
	if (!why)
		why = near_branches(c, site);
	if (!why && (may_be_hit_from_far(c, site) || may_be_hit_from_slots(c, site, s->address, gate)))
		why = "a branch may lead there";
	return why ? why : finish(out, s, site, covered);
}

const char *rewrite_plan(const struct code *c, uint64_t site, uint64_t slot, uint64_t gate, struct rewrite *out)
{
	struct slot s = { .address = slot, .bytes = out->slot, .room = sizeof out->slot };
	ZydisDecodedInstruction i = { 0 };
	uint64_t address, next;
	const struct function *f = function_at(c, site, &next);

	out->border_count = 0;
	out->number = -1;
	if (!is_syscall(c, site))
		return "no system call";
	if (!f || f->start < c->start || f->end > c->end || f->end - site < SYSCALL_LENGTH)
		return "in no function that is known";
	if (site - f->start > (c->reach ? c->reach : REWRITE_REACH))
		return "too far from its function's beginning";
	if (!instruction_before(c, f, site, &address, &i) || address + i.length != site)
		return "its function cannot be decoded";
	if (address < site)
		out->number = call_number(&i, at(c, address));
	if (address < site && i.length >= REWRITE_JUMP && is_movable(&i))
		return plan_before(c, site, address, &i, &s, gate, out);
	return c->targets ? plan_behind(c, f, site, &s, gate, out) : "not by what is before it";
}
