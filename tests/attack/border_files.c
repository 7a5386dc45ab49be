/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* The same of two files that are mapped side by side: each is innocent. */
int main(void)
{
	char *p = map(2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *code = p + PAGE - OPENS_FROM;
	int first = file_with(open_all, 1), second;

	if (pwrite(first, open_all, OPENS_FROM, (off_t)(PAGE - OPENS_FROM)) != OPENS_FROM || rename("code", "first"))
		return 2;
	second = file_with(open_all + OPENS_FROM, OPEN_ALL_SIZE - OPENS_FROM);
	if (mmap(p, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, first, 0) == MAP_FAILED ||
	    mmap(p + PAGE, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, second, 0) == MAP_FAILED)
		return say("mmap: %s\n", strerrorname_np(errno)), 0;
	steal_after(code, 0);
	return 0;
}
