/*
 * Files of the host in memory. A page of a mapping that lies beyond the file's
 * end, now or since the file shrank, answers every access with SIGBUS: a
 * guest's own is VECTOR_FAULT, the kernel's is survived by copy_guarded alone.
 * Results are 0 or -errno.
 */
#ifndef UOS_MACHINE_MAPPING_H
#define UOS_MACHINE_MAPPING_H

#include "machine/machine.h"

/* As mmu_map, but shows a file; `shared`: what is written goes to the file. -EPERM: not executable there. */
int mmu_map_file(const struct space *s, uintptr_t va, size_t length, int prot, bool shared, int fd, uint64_t offset);
int mmu_in_memory(uintptr_t va, size_t length, uint8_t *pages); /* as mincore(2) */

/* `length` bytes of the file in kernel memory: NULL if the host gives no more addresses or mappings. */
void *mapping_open(int fd, uint64_t offset, size_t length, bool writable);
void mapping_close(void *at, size_t length);
int mapping_create(size_t length); /* a descriptor of new memory, all zero, until all is closed; -errno */
int mapping_duplicate(int fd); /* another descriptor of the same open file */

/* memcpy that ends early where there is no memory, instead of the kernel: false, or how much was copied. */
bool copy_guarded(void *to, const void *from, size_t length);
size_t copy_while_there(void *to, const void *from, size_t length);

/* Code was changed through another address than it runs at: what the CPU has fetched ahead is forgotten. */
void cpu_serialize(void);

#endif
