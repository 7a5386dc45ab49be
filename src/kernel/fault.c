/* A guest's fault: one line that says what it did and where, and the end of that guest only. */
#define _GNU_SOURCE
#include <Zydis/Zydis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kernel/account.h"
#include "kernel/elf.h"
#include "kernel/code.h"
#include "kernel/proc.h"
#include "kernel/twin.h"
#include "machine/disk.h"

#define TRAP_DIVIDE 0
#define TRAP_PROTECTION 13
#define TRAP_PAGE 14
#define ERROR_PRESENT 1ul /* of a page fault: the page is there, but not so */
#define ERROR_KEY 0x20ul  /* a protection key refused */
#define CANONICAL_END (1ul << 47)
#define SYMBOLS_MAX (64u << 20)

/* The instruction at rip; false if there is none to read. */
static bool decode(uint64_t rip, ZydisDecodedInstruction *out)
{
	uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
	size_t n = sizeof bytes;
	ZydisDecoder decoder;

	while (n > 0 && copy_in(bytes, rip, n) != 0)
		n--;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return n > 0 && ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes, n, out));
}

/* Does the instruction lie in the page of that address, or reach into it? */
static bool is_in(uint64_t rip, uint64_t va)
{
	ZydisDecodedInstruction i;
	uint64_t page = va & ~(PAGE_SIZE - 1);

	return rip < page + PAGE_SIZE && rip + (decode(rip, &i) ? i.length : 1) > page;
}

static bool is_privileged(const ZydisDecodedInstruction *i)
{
	switch (i->mnemonic) { /* those that depend on IOPL or on a gate are not marked */
	case ZYDIS_MNEMONIC_CLI:
	case ZYDIS_MNEMONIC_STI:
	case ZYDIS_MNEMONIC_IN:
	case ZYDIS_MNEMONIC_OUT:
	case ZYDIS_MNEMONIC_INSB:
	case ZYDIS_MNEMONIC_INSW:
	case ZYDIS_MNEMONIC_INSD:
	case ZYDIS_MNEMONIC_OUTSB:
	case ZYDIS_MNEMONIC_OUTSW:
	case ZYDIS_MNEMONIC_OUTSD:
	case ZYDIS_MNEMONIC_INT:
		return true;
	default:
		return i->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED;
	}
}

static void describe_protection(const struct frame *f, char *out, size_t room)
{
	ZydisDecodedInstruction i;

	if (f->rip >= GUEST_END && f->rip < CANONICAL_END)
		snprintf(out, room, "general protection fault in the kernel's code");
	else if (!decode(f->rip, &i))
		snprintf(out, room, "jump to an address that is not canonical");
	else
		snprintf(out, room, is_privileged(&i) ? "privileged instruction %s" : "general protection fault in %s",
			 ZydisMnemonicGetString(i.mnemonic));
}

/* Why a page of a file is not there; NULL: it is none. */
static const char *describe_absence(const struct area *a, uintptr_t va)
{
	if (!a || !(a->file || a->flags & AREA_EMPTY))
		return NULL;
	return a->file && mapped_within(a->file, a->at + (va - a->start), 1) ? "of a file for which the host has no room, or which it cannot read"
									     : "beyond the end of the mapped file";
}

static void describe_access(const struct fault *fault, char *out, size_t room)
{
	const struct vm *own = current_proc()->vm, *owner = vm_owner_of(fault->address);
	const char *verb = fault->fetch ? "jump to" : fault->write ? "write of" : "read of";
	const char *absence = fault->signal == SIGBUS ? describe_absence(vm_area_at(own, fault->address), fault->address) : NULL;

	if (absence)
		snprintf(out, room, "%s 0x%lx, %s", verb, fault->address, absence);
	else if (fault->address < own->stack_low && fault->address >= own->stack_low - STACK_GUARD)
		snprintf(out, room, "stack overflow");
	else if (fault->code == SEGV_PKUERR && owner && owner != own)
		snprintf(out, room, "%s pid %d's memory at 0x%lx", verb, proc_of_vm(owner)->pid, fault->address);
	else if (fault->address >= GUEST_END && fault->code != SEGV_MAPERR)
		snprintf(out, room, "%s kernel memory at 0x%lx", verb, fault->address);
	else
		snprintf(out, room, "%s 0x%lx", verb, fault->address);
}

static void describe(const struct frame *f, const struct fault *fault, char *out, size_t room)
{
	ZydisDecodedInstruction i;

	if (fault->forged)
		snprintf(out, room, "forged %s", fault->forged);
	else if (fault->signal == SIGSYS)
		snprintf(out, room, "32-bit system call %lu", f->rax);
	else if (fault->signal == SIGFPE && fault->trap == TRAP_DIVIDE)
		snprintf(out, room, "integer division by zero");
	else if (fault->trap == TRAP_PROTECTION)
		describe_protection(f, out, room);
	else if (fault->trap == TRAP_PAGE)
		describe_access(fault, out, room);
	else if (fault->signal == SIGILL && decode(f->rip, &i))
		snprintf(out, room, "illegal instruction %s", ZydisMnemonicGetString(i.mnemonic));
	else
		snprintf(out, room, "%s", strsignal(fault->signal));
}

static void *read_part(int fd, uint64_t offset, uint64_t length)
{
	void *p = length && length <= SYMBOLS_MAX ? malloc(length) : NULL;

	if (p && disk_read(fd, p, length, offset) == (ssize_t)length)
		return p;
	free(p);
	return NULL;
}

static void name_symbol(int fd, const struct elf_symtab_location *at, uint64_t va, char *out, size_t room)
{
	char *symbols = read_part(fd, at->symoff, at->symsize), *strings = read_part(fd, at->stroff, at->strsize);
	uint64_t delta;
	const char *name = NULL;

	if (symbols && strings)
		name = elf_symbol_at(symbols, at->symsize, strings, at->strsize, va, &delta);
	if (name)
		snprintf(out, room, " (%.64s+0x%lx)", name, delta);
	free(symbols);
	free(strings);
}

static void name_place(int fd, uint64_t size, uint64_t place, char *out, size_t room)
{
	struct elf_symtab_location at;
	uint64_t offset, length, va;
	size_t head_length = size < ELF_HEAD_MAX ? size : ELF_HEAD_MAX;
	char *head = read_part(fd, 0, head_length), *sections = NULL;

	if (head && elf_section_headers(head, head_length, size, &offset, &length))
		sections = read_part(fd, offset, length);
	if (sections && elf_find_symtab(head, head_length, sections, length, &at) &&
	    elf_address_of(head, head_length, size, place, &va))
		name_symbol(fd, &at, va, out, room);
	free(sections);
	free(head);
}

/* " (main+0x12)", or nothing if the file that is mapped there does not say. */
static void locate(const struct proc *p, uint64_t rip, char *out, size_t room)
{
	const struct area *a = vm_area_at(p->vm, rip);
	struct statx st;

	out[0] = 0;
	if (a && a->file && a->prot & PROT_EXEC && disk_fstat(mapped_original(a->file)->host, &st) == 0)
		name_place(mapped_original(a->file)->host, st.stx_size, a->at + (rip - a->start), out, room);
}

/* The first write to a page that fork(2) left to two, or (level full) to one that was executed. */
static bool copied_on_write(struct proc *p, const struct frame *f, const struct fault *fault, char *why)
{
	const struct area *a = vm_area_at(p->vm, fault->address);
	bool by_itself = a && a->flags & AREA_CODE && is_in(f->rip, fault->address);
	int error;

	if (!fault->write || !vm_write_fault(p->vm, fault->address, &error))
		return false;
	if (error)
		strcpy(why, "no memory for a copy of what it shares since fork");
	else if (by_itself) /* writable and executable in turns, it would do neither */
		strcpy(why, "an instruction wrote to the page that it lies in");
	return true;
}


/* What the kernel itself arranged to fault: the guest goes on as if nothing had been; or ends, if there is a reason why it cannot. */
static bool is_arranged(struct proc *p, struct frame *f, const struct fault *fault)
{
	char why[CODE_WRONG] = "";
	bool page = fault->signal == SIGSEGV && fault->trap == TRAP_PAGE;

	if (!(page && (copied_on_write(p, f, fault, why) || (fault->fetch && code_fetch_fault(p->vm, fault->address, why)))) &&
	    !(fault->signal == SIGILL && twin_trapped(f, why)))
		return false;
	if (*why) {
		console_line("pid %d (%s): killed: %s", p->pid, p->name, why);
		proc_kill(p, SIGKILL);
		signals_deliver(-1);
	}
	return true;
}

/* As Linux tells it: of protection keys, which are the kernel's own affair, there is nothing to see. */
static siginfo_t as_guest_sees_it(const struct fault *fault)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = fault->signal;
	info.si_code = fault->code;
	info.si_addr = (void *)fault->address;
	current->fault.trap = fault->trap;
	current->fault.error = fault->error;
	current->fault.cr2 = fault->trap == TRAP_PAGE ? fault->address : 0;
	if (fault->signal == SIGSEGV && fault->code == SEGV_PKUERR) {
		info.si_code = vm_area_at(current_proc()->vm, fault->address) ? SEGV_ACCERR : SEGV_MAPERR;
		current->fault.error &= ~(ERROR_KEY | ERROR_PRESENT);
	}
	return info;
}

void fault_handler(struct frame *f)
{
	const struct fault *fault = trap_fault();
	struct proc *p = current_proc();
	siginfo_t info;
	char what[128], where[96];

	account_enter();
	if (is_arranged(p, f, fault)) {
		account_leave();
		return;
	}
	p->usage.faults++;
	ring_put(EVENT_FAULT, p->pid, (unsigned)fault->signal, 0);
	info = as_guest_sees_it(fault);
	if (!fault->forged && signal_force(&info)) { /* no program does that by mistake: it has no say in what follows */
		if (current->summoned)
			signals_deliver(-1);
		account_leave();
		return;
	}
	describe(f, fault, what, sizeof what);
	locate(p, f->rip, where, sizeof where);
	console_line("pid %d (%s): SIG%s: %s at 0x%lx%s", p->pid, p->name, sigabbrev_np(fault->signal), what,
		     f->rip, where);
	proc_exit(0, fault->signal);
}
