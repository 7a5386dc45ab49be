# Children that compute a little: one after the other, four at once, and one below the other; and the memory of each stays its own.
use strict;
use warnings;
$| = 1;
my (%ends, @memory);
@memory[0 .. 20000] = (0) x 20001;
sub child {
	my ($number) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	$memory[$_ * 37] += $number for 0 .. 500;
	my $sum = 0;
	$sum += $_ for @memory;
	print "child $number: $sum\n" if $number < 1000;
	exit $sum / 501 % 7;
}
sub reap {
	my $pid = waitpid $_[0], 0;
	$ends{$? >> 8}++;
}
reap(child($_)) for 1 .. 60;
for my $round (1 .. 15) {
	my @pids = map { child(1000 + 4 * $round + $_) } 1 .. 4;
	$memory[$_ * 41] += $_ for 1 .. 100;
	reap($_) for @pids;
	$memory[$_ * 41] -= $_ for 1 .. 100;
}
sub deeper {
	my ($depth) = @_;
	$memory[$_ * 29] += 1 for 0 .. 200;
	if ($depth < 6) {
		my $pid = fork // die "fork: $!";
		exit deeper($depth + 1) if !$pid;
		waitpid $pid, 0;
	}
	my $sum = 0;
	$sum += $_ for @memory;
	print "depth $depth: $sum\n";
	return $depth;
}
deeper(1);
pipe my $in, my $out or die "pipe: $!";
if (!(fork // die "fork: $!")) {
	close $in;
	print $out "$_ $memory[$_]\n" for 0 .. 9999;
	exit 0;
}
close $out;
my $read = 0;
while (<$in>) { $memory[$.] = $.; $read += $memory[$.] }
wait;
print "$_ $ends{$_}\n" for sort keys %ends;
print "$read $?\n";
