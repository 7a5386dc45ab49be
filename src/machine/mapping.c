/* Files of the host in guests' and in the kernel's memory, and the copy that survives their shrinking. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/hw.h"
#include "machine/mapping.h"

int mmu_map_file(const struct space *s, uintptr_t va, size_t length, int prot, bool shared, int fd, uint64_t offset)
{
	int first = s->key < 0 ? prot : PROT_NONE;
	void *p = mmap((void *)va, length, first, (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, fd, (off_t)offset);
	int error;

	if (p == MAP_FAILED)
		return -errno;
	error = s->key < 0 ? 0 : mmu_protect(s, va, length, prot);
	if (error)
		munmap(p, length);
	return error == -EACCES ? -EPERM : error; /* what mmap itself says of a file system without execution */
}

int mmu_in_memory(uintptr_t va, size_t length, uint8_t *pages)
{
	return mincore((void *)va, length, pages) ? -errno : 0;
}

void *mapping_open(int fd, uint64_t offset, size_t length, bool writable)
{
	void *p = mmap(NULL, length, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED | MAP_NORESERVE, fd, (off_t)offset);

	return p == MAP_FAILED ? NULL : p;
}

void mapping_close(void *at, size_t length)
{
	munmap(at, length);
}

int mapping_create(size_t length)
{
	int fd = memfd_create("uos-code", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)length) != 0) {
		close(fd);
		fd = -1;
	}
	return fd < 0 ? -errno : fd;
}

int mapping_duplicate(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : copy;
}

/*
 * One instruction touches the file's pages. If it cannot, it goes on at the
 * next, with what is left to copy in rcx: landing() asks copy_survives.
 */
extern const char copy_guarded_access[], copy_guarded_next[];

__attribute__((noinline, noclone)) size_t copy_while_there(void *to, const void *from, size_t length)
{
	size_t left = length;

	__asm__ volatile("copy_guarded_access:\n\trep movsb\ncopy_guarded_next:"
			 : "+D"(to), "+S"(from), "+c"(left)
			 :
			 : "memory");
	return length - left;
}

bool copy_guarded(void *to, const void *from, size_t length)
{
	return copy_while_there(to, from, length) == length;
}

bool copy_survives(int sig, ucontext_t *uc)
{
	if (sig != SIGBUS || uc->uc_mcontext.gregs[REG_RIP] != (greg_t)(uintptr_t)copy_guarded_access)
		return false;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)copy_guarded_next;
	return true;
}

/* An iret to the next instruction: of those that serialize (Intel SDM vol. 3, 9.3), the one that no hypervisor intercepts. */
__attribute__((noinline, noclone)) void cpu_serialize(void)
{
	__asm__ volatile("mov %%rsp, %%rax\n\t"
			 "push %0\n\t"
			 "push %%rax\n\t"
			 "pushfq\n\t"
			 "push %1\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "push %%rax\n\t"
			 "iretq\n"
			 "1:"
			 :
			 : "i"(USER_SS), "i"(USER_CS)
			 : "rax", "memory");
}
