/* primes: counts the primes below N by trial division. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_prime(long n)
{
	if (n < 4)
		return n > 1;
	for (long d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	char *end = "", line[64];
	long below = argc > 1 ? strtol(argv[1], &end, 10) : 10000;
	long count = 0;

	if (argc > 2 || *end || end == argv[1] || below < 0 || below > 1000000000) {
		dprintf(STDERR_FILENO, "usage: primes [N]\n");
		return 2;
	}
	for (long n = 2; n < below; n++)
		count += is_prime(n);
	int n = snprintf(line, sizeof line, "primes below %ld: %ld\n", below, count);

	return write(STDOUT_FILENO, line, (size_t)n) == n ? 0 : 1;
}
