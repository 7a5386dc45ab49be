/* calls: mmap mprotect */
#include "say.h"

/* Every flag on its own, and with each kind of mapping. Not those that depend on the host's memory or on addresses. */
static const struct { const char *name; long bits; } flags[] = {
	{"bit 2", 4}, {"bit 3", 8}, {"ABOVE4G", 0x80}, {"GROWSDOWN", MAP_GROWSDOWN}, {"bit 9", 0x200}, {"bit 10", 0x400},
	{"DENYWRITE", MAP_DENYWRITE}, {"EXECUTABLE", MAP_EXECUTABLE}, {"LOCKED", MAP_LOCKED}, {"NORESERVE", MAP_NORESERVE},
	{"POPULATE", MAP_POPULATE}, {"NONBLOCK", MAP_NONBLOCK}, {"STACK", MAP_STACK}, {"bit 21", 1 << 21}, {"bit 22", 1 << 22},
	{"bit 23", 1 << 23}, {"bit 24", 1 << 24}, {"bit 25", 1 << 25}, {"bit 26", 1 << 26}, {"bit 27", 1 << 27}, {"bit 28", 1 << 28},
	{"bit 29", 1 << 29}, {"bit 30", 1 << 30}, {"bit 31", 1l << 31}, {"all of old", 0x1f900},
};

static void one(const char *kind, const char *name, long bits, int fd)
{
	void *p = mmap(NULL, PAGE, PROT_READ, (int)bits, fd, 0);

	if (p == MAP_FAILED)
		told("mmap %s, %s", -1, kind, name);
	else
		say("mmap %s, %s = ok\n", kind, name);
}

int main(void)
{
	int fd = open("file", O_RDWR), append = open("file", O_RDWR | O_APPEND);
	long kinds[] = {0, MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, 4, 15};
	char *p;

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		char kind[32];

		for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
			if (kinds[k] == MAP_PRIVATE || kinds[k] == MAP_SHARED) {
				snprintf(kind, sizeof kind, "anonymous kind %ld", kinds[k]);
				if ((flags[i].bits | kinds[k]) != (MAP_PRIVATE | 8) && (flags[i].bits | kinds[k]) != (MAP_SHARED | 8))
					one(kind, flags[i].name, kinds[k] | flags[i].bits | MAP_ANONYMOUS, -1);
			}
			snprintf(kind, sizeof kind, "kind %ld", kinds[k]);
			one(kind, flags[i].name, kinds[k] | flags[i].bits, fd);
		}
	}
	one("anonymous", "validated", MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1);
	one("anonymous", "no kind", MAP_ANONYMOUS, -1);
	one("huge", "of a file", MAP_PRIVATE | MAP_HUGETLB, fd);
	one("validated", "no flags", MAP_SHARED_VALIDATE, fd);
	one("shared", "of an append file", MAP_SHARED, append);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE | 1 << 26, fd, 0);
	p[0] = 'v';
	p = mmap((void *)0x123456, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	say("a wish that is no page's beginning: %c\n", p[0]);
	CALL(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, NO_FD, 1);
	CALL(mmap, 0, 0, PROT_READ, MAP_PRIVATE, NO_FD, 0);
	CALL(mmap, 0, 0, PROT_READ, 0, fd, 0);
	CALL(mmap, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL(mmap, 0, -1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL(mmap, 0, 1l << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL(mmap, 0, 1l << 47, PROT_READ, 0, fd, 0);
	CALL_OK(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, -PAGE);
	CALL_OK(mmap, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, -PAGE);
	CALL_OK(mmap, 0, PAGE, 0xff000000u | PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return 0;
}
