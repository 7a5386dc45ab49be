import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;

/* Threads, locks, signals of its own (a null pointer, a stack that is full), garbage, a child, a file. */
public class Work {
	static int deep(int n) { return deep(n + 1) + 1; }

	static long sum(int n) {
		long sum = 0;
		for (int i = 0; i < 100000; i++)
			sum += (long) i * n % 7;
		return sum;
	}

	public static void main(String[] args) throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(4);
		List<Future<Long>> sums = new ArrayList<>();
		long total = 0;
		for (int i = 0; i < 12; i++) {
			int n = i;
			sums.add(pool.submit(() -> sum(n)));
		}
		for (Future<Long> each : sums)
			total += each.get();
		pool.shutdown();
		System.out.println("sum " + total);

		Object lock = new Object();
		Thread wakes = new Thread(() -> { synchronized (lock) { lock.notifyAll(); } });
		synchronized (lock) { wakes.start(); lock.wait(); }
		wakes.join();

		Map<Integer, String> map = new TreeMap<>();
		for (int round = 0; round < 5; round++) {
			map.clear();
			for (int i = 0; i < 20000; i++)
				map.put(i, "number " + i);
		}
		System.gc();
		System.out.println(map.size() + " " + map.get(777));

		try { String none = args.length > 9 ? "" : null; none.length(); } catch (NullPointerException e) { System.out.println("null"); }
		try { deep(0); } catch (StackOverflowError e) { System.out.println("full"); }
		Files.writeString(Path.of("written"), "by java\n");
		System.out.print(Files.readString(Path.of("written")));
		System.out.flush();
		System.out.println("child: " + new ProcessBuilder("sh", "-c", "echo in the child; exit 5").inheritIO().start().waitFor());
		System.exit(3);
	}
}
