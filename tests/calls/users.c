/* calls: getgroups getresuid getresgid setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups; as: nobody */
#include "say.h"

static long own;

/* Nobody's are refused to whoever is nobody; root's are not asked for what it may do and a guest may not. */
static void strangers(long id)
{
	CALL(setuid, id);
	CALL(setgid, id);
	CALL(setreuid, id, -1);
	CALL(setreuid, -1, id);
	CALL(setregid, id, own);
	CALL(setresuid, own, id, own);
	CALL(setresuid, -1, -1, id);
	CALL(setresgid, id, -1, -1);
	CALL(setgroups, 0, 0);
	CALL(setgroups, 70000, 0);
	say("%d\n", syscall(SYS_setfsuid, id) == own && syscall(SYS_setfsuid, -1) == own);
	say("%d\n", syscall(SYS_setfsgid, id) == (long)getgid() && syscall(SYS_setfsgid, -1) == (long)getgid());
}

static void groups(void)
{
	unsigned list[256] = {0};
	long n = TRY(getgroups(0, NULL));

	CALL(getgroups, 256, list);
	for (long i = 0; i < n; i++)
		say("group %u\n", list[i]);
	CALL(getgroups, -1, list);
	CALL(getgroups, 0x100000000l, list);
	if (n > 0) {
		CALL(getgroups, n, BAD);
		CALL(getgroups, n - 1, list);
	}
	if (own == 0) {
		CALL(setgroups, n, list);
		CALL(setgroups, 65537, list);
		CALL(setgroups, 70000, 0);
		CALL(setgroups, 1, BAD);
	}
}

int main(void)
{
	unsigned r = 1, e = 2, s = 3;
	char *edge = edge_pages();

	own = (long)syscall(SYS_getuid);
	CALL(getresuid, &r, &e, &s);
	say("%u %u %u\n", r, e, s);
	CALL(getresgid, &r, &e, &s);
	say("%u %u %u\n", r, e, s);
	CALL(getresuid, BAD, &e, &s);
	CALL(getresuid, &r, BAD, &s);
	CALL(getresgid, &r, &e, edge + READABLE);
	groups();
	told("setuid to what it is", syscall(SYS_setuid, getuid()));
	told("setgid to what it is", syscall(SYS_setgid, getgid()));
	CALL(setuid, -1);
	CALL(setgid, 0xffffffffl);
	told("setreuid to what it is", syscall(SYS_setreuid, getuid(), geteuid()));
	CALL(setreuid, -1, -1);
	CALL(setregid, -1, -1);
	told("setregid to what it is", syscall(SYS_setregid, getgid(), getegid()));
	CALL(setresuid, -1, -1, -1);
	told("setresuid to what it is", syscall(SYS_setresuid, getuid(), -1, geteuid()));
	told("setresgid to what it is", syscall(SYS_setresgid, getgid(), getgid(), -1));
	say("%d\n", syscall(SYS_setfsuid, -1) == own && syscall(SYS_setfsuid, own) == own);
	if (own)
		strangers(0);
	return 0;
}
