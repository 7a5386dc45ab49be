/* System calls: one function each, sys_NAME, named and numbered by syscall.tbl. */
#ifndef UOS_KERNEL_SYSCALL_H
#define UOS_KERNEL_SYSCALL_H

#include <stdint.h>

/* The six argument registers in the ABI's order; returns the result or -errno. */
typedef long syscall_function(const uint64_t *a);

#define CALL(nr, name, ...) syscall_function sys_##name;
#define REFUSE(...)
#define NONE(...)
#include "kernel/syscall.tbl"
#undef CALL
#undef REFUSE
#undef NONE

/* NR_read and so on. */
enum call_number {
#define CALL(nr, name, ...) NR_##name = nr,
#define REFUSE CALL
#define NONE CALL
#include "kernel/syscall.tbl"
#undef CALL
#undef REFUSE
#undef NONE
};

#ifdef UOS_TEST_HOOKS
long test_hook(uint64_t nr);
#endif

#endif
