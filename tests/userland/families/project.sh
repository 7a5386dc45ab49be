# A C project of twelve files, made by four jobs at once, made again, cleaned.
mkdir project && cd project || exit 1
printf 'int main(void) { int sum = 0;' >main.c
for k in 1 2 3 4 5 6 7 8 9 10 11; do
	printf '#include <string.h>\nint f%d(void) { return (int)strlen("%s") + %d; }\n' $k "$k$k" $k >f$k.c
	printf ' int f%d(void); sum += f%d();' $k $k >>main.c
done
echo ' return sum; }' >>main.c
printf 'OBJECTS = main.o %s\nprog: $(OBJECTS)\n\t$(CC) -o $@ $^\n%%.o: %%.c\n\t$(CC) -O1 -c -o $@ $<\nclean:\n\trm -f *.o prog\n' "$(echo f1.o f2.o f3.o f4.o f5.o f6.o f7.o f8.o f9.o f10.o f11.o)" >Makefile
make -s -j4; echo "make $?"
./prog; echo "prog $?"
make -j4 | sed "s/'/\`/"
touch f3.c; make -n | sort
md5sum f*.o
make -s clean; ls | wc -l
cd .. && rm -r project
