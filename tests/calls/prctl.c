/* calls: prctl personality capget capset; as: nobody */
#include <linux/capability.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#include "say.h"

static void names(void)
{
	char name[17] = "................";
	char *edge = edge_pages();

	CALL(prctl, PR_GET_NAME, name);
	say_bytes("name", name, 16);
	CALL(prctl, PR_SET_NAME, "short");
	CALL(prctl, PR_GET_NAME, name);
	say_bytes("name", name, 16);
	CALL(prctl, PR_SET_NAME, "much longer than fifteen");
	CALL(prctl, PR_GET_NAME, name);
	say_bytes("name", name, 16);
	CALL(prctl, PR_SET_NAME, BAD);
	CALL(prctl, PR_GET_NAME, BAD);
	memcpy(edge + GUARD - 3, "xy", 3);
	CALL(prctl, PR_SET_NAME, edge + GUARD - 3);
	CALL(prctl, PR_SET_NAME, edge + GUARD);
	memset(edge + GUARD - 20, 'z', 20);
	CALL(prctl, PR_SET_NAME, edge + GUARD - 20);
	CALL(prctl, PR_SET_NAME, edge + GUARD - 5);
	CALL(prctl, PR_GET_NAME, edge + GUARD - 16);
	say_bytes("name", edge + GUARD - 16, 16);
	CALL(prctl, PR_GET_NAME, edge + READABLE);
}

static void flags(void)
{
	int signal = 77;

	CALL(prctl, PR_GET_PDEATHSIG, &signal);
	say("%d\n", signal);
	CALL(prctl, PR_SET_PDEATHSIG, SIGUSR1);
	CALL(prctl, PR_GET_PDEATHSIG, &signal);
	say("%d\n", signal == SIGUSR1);
	CALL(prctl, PR_SET_PDEATHSIG, 65);
	CALL(prctl, PR_SET_PDEATHSIG, -1);
	CALL(prctl, PR_SET_PDEATHSIG, 0);
	CALL(prctl, PR_GET_PDEATHSIG, BAD);
	CALL(prctl, PR_GET_DUMPABLE);
	CALL(prctl, PR_SET_DUMPABLE, 2);
	CALL(prctl, PR_SET_DUMPABLE, 0);
	CALL(prctl, PR_GET_DUMPABLE);
	CALL(prctl, PR_SET_DUMPABLE, 1);
	CALL(prctl, PR_GET_KEEPCAPS);
	CALL(prctl, PR_SET_KEEPCAPS, 2);
	CALL(prctl, PR_SET_KEEPCAPS, 1);
	CALL(prctl, PR_GET_KEEPCAPS);
	CALL(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	CALL(prctl, PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CALL(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	CALL(prctl, 7777, 0, 0, 0, 0);
	CALL(prctl, -1, 0, 0, 0, 0);
}

static void capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	memset(data, 0xee, sizeof data);
	CALL(capget, &header, data);
	say_bytes("sets", data, sizeof data);
	CALL(capset, &header, data);
	header.version = _LINUX_CAPABILITY_VERSION_1;
	memset(data, 0xee, sizeof data);
	CALL(capget, &header, data);
	say_bytes("sets", data, sizeof data);
	header.version = 0;
	CALL(capget, &header, 0);
	say("version %x\n", header.version);
	header.version = 7;
	CALL(capget, &header, data);
	say("version %x\n", header.version);
	header.version = 7;
	CALL(capset, &header, data);
	CALL(capget, BAD, data);
	CALL(capget, BAD, 0);
	CALL(capget, &header, BAD);
	CALL(capset, &header, BAD);
	header.pid = -1;
	CALL(capget, &header, data);
	header.pid = 0x7ffffff0;
	CALL(capget, &header, data);
	CALL(capset, &header, data);
}

int main(void)
{
	names();
	flags();
	CALL(personality, 0xffffffffl);
	CALL(personality, ADDR_NO_RANDOMIZE);
	CALL(personality, 0);
	CALL(personality, 0xffffffffl);
	capabilities();
	return 0;
}
