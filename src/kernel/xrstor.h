#ifndef UOS_KERNEL_XRSTOR_H
#define UOS_KERNEL_XRSTOR_H

#include "machine/machine.h"

/* What the XRSTOR of these bytes, at rip, would do to the guest, but for PKRU; rip is behind it then. False: it would fault. */
bool state_restore(struct frame *f, const uint8_t *bytes, size_t length);

#endif
