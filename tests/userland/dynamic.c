/* dynamic: hello that needs its C library: printf, malloc of much and little, qsort, strtod, locale, environment, atexit. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread int own = 5;

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void last(void)
{
	printf("atexit: %d\n", own);
}

int main(int argc, char **argv)
{
	char *words[] = {"so", "many", "words", "and", "none", "too", "many"}, *much = malloc(10 << 20);
	FILE *file = fopen("dir/inner", "r");
	char line[80] = "";

	atexit(last);
	printf("hello, %d arguments, %s\n", argc - 1, argc > 1 ? argv[1] : "no words");
	qsort(words, 7, sizeof *words, compare);
	for (int i = 0; i < 7; i++)
		printf("%s ", words[i]);
	memset(much, 'm', 10 << 20);
	for (int i = 0; i < 1000; i++)
		words[i % 7] = strdup(words[i % 7]);
	printf("%c %.6f %g %s\n", much[9 << 20], sin(own), strtod("1e3", NULL), setlocale(LC_ALL, "") ? "locale" : "no locale");
	printf("%s", file && fgets(line, sizeof line, file) ? line : "nothing\n");
	printf("%s: %s\n", fopen("missing", "r") ? "?" : "missing", strerror(errno));
	own = 6;
	return 7;
}
