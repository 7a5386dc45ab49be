/* What a message carries beside its bytes (cmsg(3)): descriptors, and who sent it. */
#ifndef UOS_KERNEL_CONTROL_H
#define UOS_KERNEL_CONTROL_H

#include "kernel/socket.h"

/* A guest's control data: the files, one more use each, into o->files (room for SOCKET_FILES_MAX), and o->who. 0 or -errno: then nothing is kept. */
long control_in(uintptr_t at, size_t length, struct outgoing *o);

struct control_out {
	uintptr_t at;
	size_t room, done;
	bool cloexec;
	bool truncated;
};
/* What came, to the guest: files that find descriptors are no longer in->files'. */
void control_out(struct control_out *c, bool credentials, struct incoming *in);

#endif
