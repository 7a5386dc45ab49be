/* overflow: calls itself until the stack is used up. */

/* Nobody sets it, but the compiler cannot know: so it must make the calls. */
static volatile int enough;

/* Each frame is used after the call returns and by the callee: no loop can replace it. */
static int deeper(volatile const int *caller)
{
	volatile int frame[64];

	frame[0] = *caller + 1;
	return enough ? frame[0] : deeper(frame) + frame[0];
}

int main(void)
{
	return deeper(&enough);
}
