'use strict';
// What no gRPC client would send, over node's HTTP/2, to our server. Argument: host:port.
const http2 = require('http2');
const zlib = require('zlib');
const { check, runCases, dotnet } = require('./cases');
const { request, frame, writeInPieces } = require('./raw');
const origin = 'http://' + process.argv[2];
const connect = () => http2.connect(origin).on('error', () => {});
const session = connect();

function open(on, method, headers) {
  const stream = on.request({
    ':method': 'POST', ':path': '/switchboard.compat.test.TestService/' + method, 'content-type': 'application/grpc', te: 'trailers', ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

// The status, wherever it came, and the code of the reset. `send` writes the request and ends it.
function call(method, send, headers = {}, on = session) {
  return new Promise((resolve) => {
    const got = {};
    const note = (h) => {
      if ('grpc-status' in h) Object.assign(got, { status: Number(h['grpc-status']), message: decodeURIComponent(h['grpc-message'] || '') });
    };
    const stream = open(on, method, headers);
    stream.on('response', note).on('trailers', note).on('data', () => {}).on('close', () => resolve({ ...got, reset: stream.rstCode }));
    send(stream);
  });
}

const lives = async () => check((await call('Unary', (s) => s.end(frame(request())))).status === 0, 'the connection lives');

async function refused(method, bytes, status, message, headers) {
  const got = await call(method, (s) => s.end(bytes), headers);
  check(got.status === status && got.message === message, JSON.stringify(got));
  await lives();
}

const half = frame(Buffer.from([1]), 0, 9);
const packed = frame(zlib.gzipSync(request({ body: Buffer.alloc(5000) })), 1);
const cases = [
  ['a frame in pieces of one byte', async () => {
    const got = await call('Unary', async (s) => { await writeInPieces(s, frame(request({ body: Buffer.alloc(100) }))); s.end(); });
    check(got.status === 0, JSON.stringify(got));
  }],
  ['a gzip frame', () => refused('ClientStream', Buffer.concat([packed, frame(request()), packed]), 0, '', { 'grpc-encoding': 'gzip' })],
  ['a gzip frame without grpc-encoding', () => refused('Unary', packed, 13, 'Request did not include grpc-encoding value with compressed message.')],
  ['a frame cut in half', () => refused('Unary', half, 13, 'Incomplete message.')],
  ['a frame cut in half in a client stream', () => refused('ClientStream', Buffer.concat([frame(request()), half]), 13, 'Incomplete message.')],
  ['a frame\'s header cut in half', () => refused('Unary', half.subarray(0, 3), 13, 'Incomplete message.')],
  ['a frame that says it is over the size limit',
    () => refused('Unary', frame(Buffer.alloc(0), 0, 5 << 20), 8, 'Received message exceeds the maximum configured message size.')],
  ['a frame cut in half by a reset', async () => {
    await call('ClientStream', (s) => s.write(half, () => s.close(http2.constants.NGHTTP2_CANCEL)));
    await lives();
  }],
  ['a deadline on a sleeping server', async () => {
    const got = await call('Unary', (s) => s.end(frame(request({ act: 'wait' }))), { 'grpc-timeout': '200m' });
    check(got.status === 4, JSON.stringify(got));
    await lives();
  }],
  ['a deadline that fires during a write resets the stream', async () => {
    // A megabyte fits into no window and nobody reads, so the echo is being written when the time is up. The client has no timer.
    const stream = open(session, 'Duplex', { 'grpc-timeout': '300m' });
    const aborted = new Promise((resolve) => stream.on('aborted', resolve));
    stream.write(frame(request({ body: Buffer.alloc(1 << 20) })));
    await aborted;
    check(stream.rstCode === http2.constants.NGHTTP2_CANCEL, `reset by ${stream.rstCode}`);
    await lives();
  }],
  ['a connection cut in mid-call, and the handler hears of it', async () => {
    const doomed = connect();
    const stream = open(doomed, 'ClientStream', {});
    await new Promise((resolve) => stream.write(Buffer.concat([frame(request({ act: 'wait' })), half]), resolve));

    // An answer on the same connection: what was written before it has arrived.
    await call('Unary', (s) => s.end(frame(request())), {}, doomed);
    doomed.destroy();
    check((await call('Unary', (s) => s.end(frame(request({ act: 'own' }))), { 'x-own': 'heard' })).status === 0, 'heard');
  }],
];

runCases(`raw HTTP/2 client, ${dotnet} server`, cases).then((failed) => process.exit(failed ? 1 : 0));
