/*
 * Runs a fuzz target without libFuzzer: replay [-n MUTATIONS] FILE|DIRECTORY...
 * Each file is given as it is, then changed in MUTATIONS (200) ways that depend on nothing but the file's bytes, so a failure comes
 * again. A child process takes each file: whatever ends it (abort, a sanitizer, a signal, 20 s), the input is named and the others run.
 * Status: 0; 1 if an input failed or there was none; 2 usage.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGEST (1u << 20)
#define GROWTH 64 /* bytes that mutation may add */
#define PATIENCE_S 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the child is doing, seen by the parent when the child is gone. */
static struct progress {
	long mutation; /* 0: the file as it is */
	size_t size;
	uint8_t bytes[LARGEST + GROWTH];
} *now;

static long mutations = 200, files, inputs, failures;
static uint64_t seed;

/* xorshift64*, below LIMIT (not 0). */
static size_t random_below(size_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 2685821657736338717u) >> 11) % limit;
}

/* FNV-1a. */
static uint64_t hash(const uint8_t *data, size_t size)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ data[i]) * 1099511628211u;
	return h | 1;
}

static size_t insert(uint8_t *data, size_t size, size_t at, const void *piece, size_t length)
{
	memmove(data + at + length, data + at, size - at);
	memcpy(data + at, piece, length);
	return size + length;
}

static size_t erase(uint8_t *data, size_t size, size_t at, size_t length)
{
	memmove(data + at, data + at + length, size - at - length);
	return size - length;
}

/* One change to the SIZE bytes at DATA, which have room for ROOM; returns the new size. */
static size_t mutate(uint8_t *data, size_t size, size_t room)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, ' ', '\'', '"', '\\', '\n', '-', '=', '.', '9'};
	uint8_t piece[8] = {odd[random_below(sizeof odd)]};
	size_t at = random_below(size + 1), kind = random_below(6), length = 1;

	if (kind == 0 && size < room)
		return insert(data, size, at, piece, 1);
	if (at == size)
		return size;
	if (size - at > 1)
		length += random_below(size - at < sizeof piece ? size - at : sizeof piece);
	switch (kind) {
	case 1:
		data[at] = piece[0];
		return size;
	case 2:
		data[at] ^= (uint8_t)(1u << random_below(8));
		return size;
	case 3:
		return erase(data, size, at, length);
	case 4:
		if (size + length > room)
			return size;
		memcpy(piece, data + at, length);
		return insert(data, size, random_below(size + 1), piece, length);
	default:
		memset(data + at, random_below(2) ? 0xff : 0, length);
		return size;
	}
}

/* In memory of exactly its size, so that ASan sees every step outside. */
static void give(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);

	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

_Noreturn static void run_child(const uint8_t *data, size_t size)
{
	alarm(PATIENCE_S);
	seed = hash(data, size);
	for (long m = 0; m <= mutations; m++) {
		now->mutation = m;
		now->size = size;
		memcpy(now->bytes, data, size);
		for (size_t i = m ? 1 + random_below(4) : 0; i > 0; i--)
			now->size = mutate(now->bytes, now->size, size + GROWTH);
		give(now->bytes, now->size);
	}
	exit(0); /* not _exit: a leak checker looks then */
}

static void report(const char *path, int status)
{
	fprintf(stderr, "%s: failed at mutation %ld (%s %d) on:\n", path, now->mutation,
	        WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	for (size_t i = 0; i < now->size && i < 256; i++)
		fprintf(stderr, "\\x%02x", now->bytes[i]);
	fprintf(stderr, "%s\n", now->size > 256 ? "..." : "");
	failures++;
}

static void run_bytes(const char *path, const uint8_t *data, size_t size)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		run_child(data, size);
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		perror("replay");
		exit(1);
	}
	files++;
	inputs += now->mutation + 1;
	if (status)
		report(path, status);
}

static void run_file(const char *path)
{
	static uint8_t data[LARGEST + 1];
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(data, 1, sizeof data, file) : 0;

	if (!file || ferror(file) || size > LARGEST) {
		fprintf(stderr, "%s: cannot be read, or is over %u bytes\n", path, LARGEST);
		failures++;
	} else {
		run_bytes(path, data, size);
	}
	if (file)
		fclose(file);
}

static void run_path(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char *inside;

		if (entries[i]->d_name[0] != '.' && asprintf(&inside, "%s/%s", path, entries[i]->d_name) > 0) {
			run_path(inside);
			free(inside);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	int first = 1;
	char *end = "";

	if (argc > 2 && !strcmp(argv[1], "-n")) {
		mutations = strtol(argv[2], &end, 10);
		first = 3;
	}
	if (first >= argc || *end || mutations < 0) {
		fprintf(stderr, "usage: %s [-n MUTATIONS] FILE|DIRECTORY...\n", argv[0]);
		return 2;
	}
	now = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (now == MAP_FAILED) {
		perror("replay");
		return 1;
	}
	for (int i = first; i < argc; i++)
		run_path(argv[i]);
	printf("%ld files, %ld inputs, %ld failed\n", files, inputs, failures);
	return failures || !files;
}
