// Timers, worker threads, children, files, a socket: what comes first is what was asked for first.
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const child = require('child_process'), fs = require('fs'), net = require('net');

function work(n) {
  return new Promise(done => new Worker(__filename, { workerData: n }).on('message', done));
}

function ask() {
  return new Promise(done => {
    const server = net.createServer(c => c.on('data', d => c.end('answer to ' + d))).listen('socket', () => {
      const client = net.connect('socket', () => client.write('node'));
      client.on('data', d => console.log(String(d)));
      client.on('close', () => server.close(done));
    });
  });
}

function run() {
  return new Promise(done => {
    const c = child.spawn('sh', ['-c', 'read line; echo got $line; exit 5'], { stdio: ['pipe', 'inherit', 'inherit'] });
    c.on('exit', done);
    c.stdin.end('a line\n');
  });
}

async function main() {
  const order = [];
  const timers = [30, 1, 15].map(ms => new Promise(done => setTimeout(() => done(order.push(ms)), ms)));
  console.log(await Promise.all([1, 2, 3].map(work)));
  await Promise.all(timers);
  console.log(order.sort().join());
  fs.writeFileSync('written', 'by node\n');
  console.log((await fs.promises.readFile('written', 'utf8')).trim(), fs.statSync('written').size);
  console.log(child.execSync('echo in the child').toString().trim());
  console.log(await run());
  await ask();
  console.log(require('crypto').createHash('sha256').update('x').digest('hex'), require('zlib').gzipSync('a'.repeat(99)).length);
  process.exitCode = 4;
}

if (isMainThread) {
  main();
} else {
  let sum = 0;
  for (let i = 0; i < 1e6; i++)
    sum += i % (workerData + 1);
  parentPort.postMessage(sum);
}
