/* divzero: divides an integer by zero; the CPU traps. */

/* volatile, or the compiler works out the answer, and there is none. */
static volatile int dividend = 7, divisor;

int main(void)
{
	return dividend / divisor;
}
