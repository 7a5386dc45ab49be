#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/functions.h"

#define EXTENDED_LENGTH 0xffffffffu /* 64-bit DWARF: nobody makes it here */
#define ENCODED_UDATA4 0x03
#define ENCODED_PCREL_SDATA4 0x1b
#define ENCODED_DATAREL_SDATA4 0x3b
#define ENCODED_SIZE_MASK 7
#define ENCODED_OMITTED 0xff

static bool add(struct functions *all, uint64_t start, uint64_t end)
{
	if (start >= end)
		return true;
	if (all->count == all->capacity) {
		size_t capacity = all->capacity ? 2 * all->capacity : 256;
		struct function *list = realloc(all->list, capacity * sizeof *list);

		if (!list)
			return false;
		all->list = list;
		all->capacity = capacity;
	}
	all->list[all->count++] = (struct function){ start, end };
	return true;
}

/* ---- .eh_frame -------------------------------------------------------- */

/* Bytes that are read from the front; `bad` once there were too few. */
struct bytes {
	const uint8_t *at, *end;
	bool bad;
};

struct section {
	const uint8_t *bytes;
	size_t length;
	uint64_t at; /* its address */
	bool known;  /* of the CIE at known_at, the encoding */
	size_t known_at;
	uint8_t encoding;
};

static void take(struct bytes *b, void *to, size_t n)
{
	if ((size_t)(b->end - b->at) < n) {
		b->bad = true;
		memset(to, 0, n);
		return;
	}
	memcpy(to, b->at, n);
	b->at += n;
}

static uint8_t take_byte(struct bytes *b)
{
	uint8_t byte;

	take(b, &byte, sizeof byte);
	return byte;
}

static uint32_t take_word(struct bytes *b)
{
	uint32_t word;

	take(b, &word, sizeof word);
	return word;
}

static void skip(struct bytes *b, size_t n)
{
	if ((size_t)(b->end - b->at) < n)
		b->bad = true;
	else
		b->at += n;
}

static void skip_leb128(struct bytes *b)
{
	while (take_byte(b) & 0x80)
		;
}

static size_t encoded_size(uint8_t encoding)
{
	static const size_t sizes[ENCODED_SIZE_MASK + 1] = { 8, 0, 2, 4, 8, 0, 0, 0 };

	return encoding == ENCODED_OMITTED ? 0 : sizes[encoding & ENCODED_SIZE_MASK];
}

/* How the FDEs of this CIE write addresses; ENCODED_OMITTED: in no way known here. */
static uint8_t address_encoding(struct bytes b)
{
	char letters[8] = "";
	size_t n = 0;

	skip(&b, 1); /* version */
	for (uint8_t c; !b.bad && (c = take_byte(&b)) && n < sizeof letters - 1;)
		letters[n++] = (char)c;
	if (letters[0] != 'z')
		return ENCODED_OMITTED;
	skip_leb128(&b); /* code alignment, */
	skip_leb128(&b); /* data alignment, */
	skip_leb128(&b); /* return address register, */
	skip_leb128(&b); /* augmentation length */
	for (size_t i = 1; i < n && !b.bad; i++)
		if (letters[i] == 'R')
			return b.at < b.end ? take_byte(&b) : ENCODED_OMITTED;
		else if (letters[i] == 'P')
			skip(&b, encoded_size(take_byte(&b)));
		else if (letters[i] == 'L')
			skip(&b, 1);
	return ENCODED_OMITTED;
}

/* The entry that begins at `offset`: what follows its length. Nothing, if there is none. */
static struct bytes entry_at(const uint8_t *section, size_t length, size_t offset)
{
	struct bytes b = { .at = section + offset, .end = section + length };
	uint32_t n = take_word(&b);

	if (n == 0 || n == EXTENDED_LENGTH || n > (size_t)(b.end - b.at))
		b.bad = true;
	else
		b.end = b.at + n;
	return b;
}

/* Of the CIE that begins at `offset`; mostly it is the one that was asked for last. */
static uint8_t encoding_of(struct section *s, size_t offset)
{
	struct bytes cie = entry_at(s->bytes, s->length, offset);

	if (s->known && offset == s->known_at)
		return s->encoding;
	s->known = true;
	s->known_at = offset;
	s->encoding = cie.bad || take_word(&cie) != 0 ? ENCODED_OMITTED : address_encoding(cie);
	return s->encoding;
}

/* An FDE, whose second word says how far back its CIE begins. */
static bool add_described(struct functions *all, struct section *s, struct bytes b)
{
	size_t offset = (size_t)(b.at - s->bytes);
	uint32_t back = take_word(&b), start = take_word(&b), size = take_word(&b);
	uint8_t encoding = back <= offset ? encoding_of(s, offset - back) : ENCODED_OMITTED;
	uint64_t base = s->at + offset + sizeof back + (uint64_t)(int64_t)(int32_t)start;

	if (encoding == ENCODED_UDATA4)
		base = start;
	return b.bad || (encoding != ENCODED_PCREL_SDATA4 && encoding != ENCODED_UDATA4) || add(all, base, base + size);
}

bool functions_from_unwind(struct functions *all, const void *eh_frame, size_t length, uint64_t at)
{
	struct section s = { .bytes = eh_frame, .length = length, .at = at };
	struct bytes entry;

	for (size_t offset = 0; offset < length; offset = (size_t)(entry.end - s.bytes)) {
		struct bytes look = entry = entry_at(s.bytes, length, offset);

		if (entry.bad)
			return true;
		if (take_word(&look) != 0 && !add_described(all, &s, entry))
			return false;
	}
	return true;
}

/* After the header: pairs of words, a function's address and its FDE's, both counted from the table's beginning. */
bool functions_from_table(struct functions *all, const void *table, size_t table_length, uint64_t table_at, const void *eh_frame,
			  size_t length, uint64_t at)
{
	static const uint8_t known[] = { 1, ENCODED_PCREL_SDATA4, ENCODED_UDATA4, ENCODED_DATAREL_SDATA4 };
	struct section s = { .bytes = eh_frame, .length = length, .at = at };
	struct bytes b = { table, (const uint8_t *)table + table_length, false };
	uint8_t header[sizeof known];
	bool enough = true;

	take(&b, header, sizeof header);
	take_word(&b); /* where .eh_frame is */
	for (uint32_t left = take_word(&b); left > 0 && enough && memcmp(header, known, sizeof known) == 0; left--) {
		uint64_t offset = (take_word(&b), table_at + (uint64_t)(int64_t)(int32_t)take_word(&b) - at);
		struct bytes entry, look;

		if (b.bad || offset >= length)
			break;
		look = entry = entry_at(s.bytes, length, offset);
		if (!entry.bad && take_word(&look) != 0)
			enough = add_described(all, &s, entry);
	}
	return enough;
}

/* ---- Symbols ---------------------------------------------------------- */

bool functions_from_symbols(struct functions *all, const void *symbols, size_t length)
{
	for (size_t at = 0; length - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
		Elf64_Sym s;

		memcpy(&s, (const char *)symbols + at, sizeof s);
		if (ELF64_ST_TYPE(s.st_info) == STT_FUNC && s.st_shndx != SHN_UNDEF && s.st_size <= UINT64_MAX - s.st_value &&
		    !add(all, s.st_value, s.st_value + s.st_size))
			return false;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct function *f = a, *g = b;

	return f->start < g->start ? -1 : f->start > g->start;
}

static bool is_sorted(const struct functions *all)
{
	for (size_t i = 1; i < all->count; i++)
		if (all->list[i].start < all->list[i - 1].start)
			return false;
	return true;
}

void functions_sort(struct functions *all)
{
	size_t kept = 0;

	if (!is_sorted(all))
		qsort(all->list, all->count, sizeof *all->list, compare);
	for (size_t i = 0; i < all->count; i++)
		if (kept == 0 || all->list[i].start >= all->list[kept - 1].end)
			all->list[kept++] = all->list[i];
	all->count = kept;
}

void functions_free(struct functions *all)
{
	free(all->list);
	*all = (struct functions){ 0 };
}
