/* none: succeeds: secret; keys: succeeds: secret; full: fails "EACCES" */
#define ATTACK_OPENS
#include "attack.h"

/* Memory that two processes share: one executes, the other writes. */
int main(void)
{
	char *p = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1), byte;
	int ask[2], answer[2];

	p[0] = (char)0xc3;
	if (pipe(ask) || pipe(answer))
		return 2;
	if (fork() == 0) {
		close(ask[1]); /* nobody asks if the other was stopped */
		if (read(ask[0], &byte, 1) == 1)
			memcpy(p, open_all, OPEN_ALL_SIZE);
		return write(answer[1], "", 1) != 1;
	}
	protect(p, 1, PROT_READ | PROT_EXEC);
	((void (*)(void))p)();
	if (write(ask[1], "", 1) != 1 || read(answer[0], &byte, 1) != 1)
		return 2;
	steal_after(p, 0);
	return 0;
}
