'use strict';
// A server that does what no gRPC server would, over node's HTTP/2, until its input ends; the metadata `x-raw` says what. Prints
// "listening host:port".
const http2 = require('http2');
const zlib = require('zlib');
const { reply, frame, writeInPieces } = require('./raw');
const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = http2.constants;
const seven = frame(reply(7));
// A session does not let its socket be cut; by the port at the other end.
const sockets = new Map();
let lastReset = 0;
let heard = null;

function respond(stream, headers) {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
}

function answer(bytes, headers) {
  return (stream) => {
    respond(stream, headers);
    stream.end(bytes);
  };
}

const half = frame(Buffer.from([1]), 0, 9);
const acts = {
  plain: answer(seven),
  gzip: answer(frame(zlib.gzipSync(reply(7)), 1), { 'grpc-encoding': 'gzip' }),
  'gzip-unnamed': answer(frame(zlib.gzipSync(reply(7)), 1)),
  'half-frame': answer(half),
  'half-header': answer(half.subarray(0, 3)),
  'too-large': answer(frame(Buffer.alloc(0), 0, 5 << 20)),
  'trailers-only': (stream) => stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '15' }, { endStream: true }),
  refused: (stream) => stream.close(NGHTTP2_REFUSED_STREAM),
  async pieces(stream) {
    respond(stream);
    await writeInPieces(stream, seven);
    stream.end();
  },
  'half-reset': (stream) => {
    respond(stream);
    stream.write(half, () => stream.close(NGHTTP2_CANCEL));
  },
  // Never reads: the client's window fills up.
  deaf: (stream) => stream.on('aborted', () => { lastReset = stream.rstCode; if (heard) heard(); }),
  async 'last-reset'(stream) {
    if (!lastReset) await new Promise((resolve) => { heard = resolve; });
    answer(frame(reply(lastReset)))(stream);
  },
  goaway: (stream) => {
    respond(stream);
    stream.write(seven, () => { stream.session.close(); stream.end(seven); });
  },
  'half-open': (stream) => {
    respond(stream);
    stream.write(Buffer.concat([seven, half]));
  },
  close: (stream) => stream.session.destroy(),
  cut: (stream) => sockets.get(stream.session.socket.remotePort).resetAndDestroy(),
};

const server = http2.createServer();
server.on('connection', (socket) => sockets.set(socket.remotePort, socket));
server.on('stream', (stream, headers) => {
  const what = headers['x-raw'] || 'plain';
  stream.on('error', () => {});
  if (what !== 'deaf') stream.resume();
  acts[what](stream);
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening 127.0.0.1:${server.address().port}`);
  process.stdin.resume().on('end', () => process.exit(0));
});
