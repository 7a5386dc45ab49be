/*
 * Sockets of the family AF_UNIX, entirely within uos: no name of theirs leads to
 * a socket of the host. As in file.h nothing here waits: it answers -EAGAIN, and
 * who waits sleeps on a channel.
 */
#ifndef UOS_KERNEL_SOCKET_H
#define UOS_KERNEL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kernel/pieces.h"

#define SOCKET_FILES_MAX 253 /* descriptors of one message, as Linux's SCM_MAX_FD */

struct file;
struct message;

struct credentials {
	int pid;
	unsigned uid, gid;
};

/* A name as bind(2) has it; length 0: none. */
struct socket_name {
	struct sockaddr_un un;
	socklen_t length;
};

enum socket_state { SOCKET_FREE, SOCKET_LISTENING, SOCKET_CONNECTED };

struct socket {
	int uses;                 /* its file, what was sent and not received, the peers that point to it */
	int type;                 /* SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM */
	enum socket_state state;
	bool closed;              /* its file is gone */
	struct socket *peer;      /* a use */
	bool shut_read, shut_write;
	int error;                /* SO_ERROR, once */

	struct message *first, *last; /* received, oldest first */
	int queued;
	size_t sent;              /* what those hold who were sent something, in the host's memory as Linux counts it */
	size_t send_buffer, receive_buffer;

	struct credentials own, other; /* SO_PEERCRED: who made the peer */
	bool pass_credentials;
	uint64_t receive_timeout, send_timeout; /* ns; 0: none */
	unsigned switches;        /* options that are on or off and change nothing, one bit each */

	struct socket_name name;
	uint64_t device, inode;   /* of the node, if the name is a path */
	bool bound;               /* the name is its own: not one that an accepted socket has of its listener */
	struct socket *next;      /* all of them */
	struct file *file;        /* that it is, no use; NULL: not yet accepted, or closed */

	int carried;              /* socket_gc.c: uses of its file that are messages', */
	bool reached;             /* somebody can get to it */
	struct socket *next_reached;

	struct socket *pending, *next_pending; /* SOCKET_LISTENING: not yet accepted, a use each */
	int backlog, waiting;

	unsigned long number;
	char readable, writable, room; /* who waits to read, to write, for a listener to have room sleeps on these */
};

struct message {
	struct message *next;
	struct socket *from; /* a use */
	struct credentials who;
	size_t charge, length, done;
	int file_count;
	struct file **files; /* a use each */
	char bytes[];
};

/* socket.c */
extern const struct file_ops socket_ops;
extern struct socket *sockets;
struct socket *socket_create(int type);    /* one use; NULL: no memory */
void socket_release(struct socket *s);
void socket_pair(struct socket *a, struct socket *b);
void socket_wake(struct socket *s);        /* whoever waits for anything of it */
struct file *socket_file(struct socket *s, int flags); /* takes over the use, also on failure: NULL */
struct socket *socket_of(const struct file *f); /* NULL: it is none */
void socket_shut(struct socket *s, bool read, bool write); /* and the peer's other directions, if connected */
void socket_end(struct socket *s);         /* its file is gone */
/* SOCK_DGRAM: where it sends to by itself, or NULL. What it got so far is dropped if it had another. */
void socket_set_peer(struct socket *s, struct socket *to);
bool socket_connects(const struct socket *s); /* not SOCK_DGRAM */

/* socket_data.c */
struct outgoing {
	struct cursor bytes;
	size_t length;
	struct socket *to;        /* SOCK_DGRAM: not the peer; or NULL */
	struct credentials who;
	struct file **files;      /* taken over with the first bytes that go; then count is 0 */
	int file_count;
};
struct incoming {
	struct cursor bytes;
	size_t length;
	bool peek, waits;
	/* Of what came: */
	struct file *files[SOCKET_FILES_MAX]; /* a use each */
	int file_count;
	struct credentials who;
	struct socket_name from;
	bool any;                 /* a message, be it an empty one */
	bool more_to_come;        /* a stream: the next message would go on from here */
	size_t whole;             /* a datagram's length */
};
/* How many bytes went (a datagram whole, a stream's as much as there is room for), -EAGAIN, -EPIPE, ... */
ssize_t socket_send(struct socket *s, struct outgoing *o);
/* How many came, 0 at the end, -EAGAIN, ... */
ssize_t socket_receive(struct socket *s, struct incoming *in);
bool socket_can_write(const struct socket *s);
size_t socket_readable_bytes(const struct socket *s);
void socket_drop_messages(struct socket *s);

/* socket_gc.c */
void sockets_carry(int count);   /* so many files more are in messages, or fewer */
bool sockets_may_carry(void);    /* another message of the caller's with files */
void sockets_collect(void);      /* closes those that only messages hold which nobody can receive */

/* socket_name.c: 0 or -errno */
int socket_find(const struct socket_name *name, int type, struct socket **out); /* no use */
int socket_bind(struct socket *s, struct socket_name *name);
int socket_listen(struct socket *s, int backlog);
int socket_connect(struct socket *s, const struct socket_name *name); /* -EAGAIN: *full has no room, wait for `room` */
struct socket *socket_accept(struct socket *s); /* NULL: nobody waits */

/* sys_socket.c */
struct credentials socket_own_credentials(void);
int socket_name_in(struct socket_name *name, uintptr_t from, unsigned length);
int socket_name_out(const struct socket_name *name, uintptr_t to, uintptr_t length_at);
int socket_wait(struct socket *s, const char *channel, uint64_t until); /* 0, -EINTR, -EAGAIN when the time has come */

#endif
