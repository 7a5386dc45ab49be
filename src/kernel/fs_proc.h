/* /proc within: the tree is fs_proc.c, what stands in its files proc_process.c and proc_system.c. */
#ifndef UOS_KERNEL_FS_PROC_H
#define UOS_KERNEL_FS_PROC_H

#include "kernel/file.h"
#include "kernel/path.h"
#include "kernel/proc.h"

/* A file's text, made when it is opened. */
struct text {
	char *bytes;
	size_t length, room;
	bool failed; /* no memory: what is there is not all */
	const struct thread *thread; /* that it is about; NULL: about all of its process */
};

/* proc_text.c */
extern const struct file_ops text_file; /* what is open: f->data is the text, and freed with it */
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_bytes(struct text *t, const void *bytes, size_t length);

typedef void text_function(struct text *t, struct proc *p); /* p: NULL outside of a process's directory */
typedef ssize_t link_function(struct proc *p, char *to, size_t room);

/* proc_process.c */
text_function text_cmdline, text_environ, text_auxv, text_comm, text_stat, text_status, text_statm, text_maps, text_mounts,
	text_mountinfo, text_limits, text_cgroup;
link_function link_exe, link_cwd, link_root;
/* What the descriptor's link says. */
ssize_t proc_file_name(struct file *f, char *to, size_t room);
/* The name that guests have for a file of the host: length or -ENOENT. */
ssize_t proc_host_name(int fd, char *to, size_t room);

/* proc_system.c */
text_function text_cpuinfo, text_filesystems, text_loadavg, text_meminfo, text_system_stat, text_uptime, text_version,
	text_hostname, text_osrelease, text_ostype, text_kernel_version, text_domainname, text_uuid, text_boot_id;

#endif
