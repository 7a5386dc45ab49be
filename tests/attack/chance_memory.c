/* none: succeeds: secret; keys: succeeds: secret; full: fails "nothing stolen, nothing lost" */
#include "chance.h"

#include <sys/uio.h>

/*
 * Memory calls by chance on one range, by a process and its children; good and evil code comes to its pages in all ways, and to the two
 * sides of their borders. Whatever looks like code is called: evil code must not run to its end, and good code must return the number
 * that stands in it.
 */
#define PAGES 16
#define FILE_PAGES 12
#define ROUNDS 20
#define CALLS 400 /* in a round */
#define DEPTH 2	  /* of children */
#define ENOUGH 50 /* calls of each kind */
#define LOST 78

static unsigned char *room;
static int files[2]; /* in memory, on the disk */
static int depth;
static struct { long good, evil; } *called; /* seen by all */

/* What goes to a page's beginning or, for a half of evil code, to its end or its beginning. */
struct piece { unsigned char bytes[CODE_SIZE]; uint32_t at, size; };

static struct piece any_piece(void)
{
	struct piece p = { .size = CODE_SIZE };
	uint32_t split = 7 + chance(2); /* within 0f 01 ef */

	switch (chance(4)) {
	case 0:
		put_evil(p.bytes);
		break;
	case 1:
		memcpy(p.bytes, open_all, split);
		p.at = (uint32_t)PAGE - split, p.size = split;
		break;
	case 2:
		memcpy(p.bytes, open_all + split, OPEN_ALL_SIZE - split);
		break;
	default:
		put_good(p.bytes, 1 + chance(1 << 30));
	}
	return p;
}

static unsigned char *any_page(void)
{
	return room + chance(PAGES) * PAGE;
}

static off_t any_offset(void)
{
	return (off_t)(chance(FILE_PAGES) * PAGE);
}

static int any_file(void)
{
	return files[chance(2)];
}

static int any_rights(void)
{
	static const int rights[] = { PROT_READ | PROT_WRITE | PROT_EXEC, PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE, PROT_READ, PROT_EXEC, PROT_NONE, PROT_READ | PROT_WRITE | PROT_EXEC };

	return rights[chance(sizeof rights / sizeof *rights)];
}

/* ---- Calling what is there --------------------------------------------- */

/* A copy of what is there, or 0 if it cannot be read. */
static int look(const unsigned char *at, unsigned char *copy)
{
	return at >= room && at < room + PAGES * PAGE && FAULT_OF(memcpy(copy, at, CODE_SIZE)) == 0;
}

/* Where evil code is that ends on this page, or NULL. */
static const unsigned char *evil_at(const unsigned char *page)
{
	unsigned char code[CODE_SIZE + OPEN_ALL_SIZE];

	if (look(page, code) && is_evil(code))
		return page;
	for (uint32_t split = 7; split <= 8; split++)
		if (look(page - split, code) && look(page, code + split) && is_evil(code))
			return page - split;
	return NULL;
}

static int evil_somewhere(void)
{
	for (int i = 0; i < PAGES; i++)
		if (evil_at(room + (unsigned)i * PAGE))
			return 1;
	return 0;
}

static void call_evil(int page)
{
	called->evil++;
	call_whatever(evil_at(room + (unsigned)page * PAGE));
}

static void call_good(int page)
{
	unsigned char *there = room + (unsigned)page * PAGE, code[CODE_SIZE];
	uint32_t wanted, number;

	if (!look(there, code) || !is_good(code))
		return;
	memcpy(&wanted, code + 1, sizeof wanted);
	number = call_whatever(there);
	if (number && number != wanted)
		say("lost: %x at %p, not %x\n", number, (void *)there, wanted), _exit(LOST);
	called->good += number == wanted;
}

/* Who calls code that has evil code near it is killed, too: memory becomes executable by 64 KiB. */
static void try_page(int page)
{
	int status = 0;

	if (evil_at(room + (unsigned)page * PAGE))
		status = in_child(call_evil, page);
	else if (evil_somewhere())
		status = in_child(call_good, page);
	else
		call_good(page);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
}

/* ---- Calls ------------------------------------------------------------- */

static void map_something(unsigned char *p, size_t length)
{
	switch (chance(6)) {
	case 0: case 1:
		mmap(p, length, any_rights(), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case 2: case 3:
		mmap(p, length, any_rights(), MAP_PRIVATE | MAP_FIXED, any_file(), any_offset());
		break;
	case 4:
		mmap(p, length, any_rights(), MAP_SHARED | MAP_FIXED, any_file(), any_offset());
		break;
	default:
		munmap(p, length);
	}
}

static void change_file(void)
{
	struct piece piece = any_piece();

	switch (chance(6)) {
	case 0:
		(void)!ftruncate(any_file(), (off_t)(chance(FILE_PAGES + 1) * PAGE));
		break;
	case 1:
		(void)!fallocate(files[0], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, any_offset(), (off_t)(PAGE * (1 + chance(4))));
		break;
	default:
		(void)!pwrite(any_file(), piece.bytes, piece.size, any_offset() + piece.at);
	}
}

/* The kernel writes, as a pipe's reader or a file's. */
static void have_it_written(unsigned char *page)
{
	struct piece piece = any_piece();
	struct iovec halves[2] = { { page + piece.at, 5 }, { page + piece.at + 5, piece.size - 5 } };
	int ends[2];

	if (chance(3) == 0) {
		(void)!pread(any_file(), page, CODE_SIZE, any_offset());
		return;
	}
	if (pipe(ends))
		return;
	(void)!write(ends[1], piece.bytes, piece.size);
	if (chance(2))
		(void)!read(ends[0], page + piece.at, piece.size);
	else
		(void)!readv(ends[0], halves, 2);
	close(ends[0]);
	close(ends[1]);
}

static void write_it(unsigned char *page)
{
	struct piece piece = any_piece();

	(void)FAULT_OF(memcpy(page + piece.at, piece.bytes, piece.size));
}

static void any_call(void);

static void have_a_child(void)
{
	int status = 0;
	pid_t child;

	if (depth == DEPTH)
		return;
	depth++;
	child = fork();
	chance_state ^= child ? 0 : 0x9e3779b9u * (uint32_t)depth;
	for (uint32_t i = chance(child ? 10 : 30); i; i--)
		any_call();
	if (child == 0)
		_exit(0);
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	depth--;
}

static void any_call(void)
{
	static const int advice[] = { MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_POPULATE_READ, MADV_COLD };
	unsigned char *p = any_page(), *other = any_page();
	size_t length = PAGE * (1 + chance(chance(4) ? 3 : 20)), room_left = (size_t)(room + PAGES * PAGE - p);

	length = length < room_left ? length : room_left;
	switch (chance(24)) {
	case 0: case 1: case 2: case 3:
		map_something(p, length);
		break;
	case 4: case 5: case 6:
		mprotect(p, length, any_rights());
		break;
	case 7:
		room_left = (size_t)(room + PAGES * PAGE - other);
		(void)!mremap(p, length, length < room_left ? length : room_left, MREMAP_MAYMOVE | MREMAP_FIXED, other);
		break;
	case 8:
		madvise(p, length, advice[chance(sizeof advice / sizeof *advice)]);
		break;
	case 9: case 10: case 11:
		change_file();
		break;
	case 12: case 13: case 14:
		have_it_written(p);
		break;
	case 15: case 16:
		write_it(p);
		break;
	case 17:
		have_a_child();
		break;
	default:
		try_page((int)chance(PAGES));
	}
}

static void make_room(void)
{
	files[0] = memfd_create("code", 0);
	files[1] = open("code", O_RDWR | O_CREAT | O_TRUNC, 0700);
	for (int i = 0; i < 2; i++)
		if (files[i] < 0 || ftruncate(files[i], FILE_PAGES * PAGE))
			say("no file: %s\n", strerrorname_np(errno)), exit(2);
	room = map(PAGES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void round_of_calls(int number)
{
	(void)number;
	make_room();
	for (int i = 0; i < CALLS; i++)
		any_call();
	for (int i = 0; i < PAGES; i++)
		try_page(i);
}

int main(void)
{
	int status = 0;

	faults_come_back();
	called = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	for (int i = 0; i < ROUNDS && !(WIFEXITED(status) && WEXITSTATUS(status)); i++)
		status = in_child(round_of_calls, i);
	say("%ld good, %ld evil called: %s\n", called->good, called->evil,
	    has_stolen(status) ? "stolen" : WIFEXITED(status) && WEXITSTATUS(status) ? "lost" :
	    called->good < ENOUGH || called->evil < ENOUGH ? "too few" : "nothing stolen, nothing lost");
	return 0;
}
