'use strict';
// The test service as grpc-js serves it, until its input ends. Prints "listening host:port".
const { grpc, TestService } = require('./common');

function echoed(call) {
  const metadata = new grpc.Metadata();
  for (const key of Object.keys(call.metadata.getMap())) {
    if (key.startsWith('x-echo')) call.metadata.get(key).forEach((v) => metadata.add(key, v));
  }
  return metadata;
}

function failure(request) {
  const metadata = new grpc.Metadata();
  metadata.set('x-why', 'asked');
  return { code: request.status, details: request.detail, metadata };
}

// To answer once a waiting handler has been told that its caller is gone, or to die.
const gone = {};
gone.heard = new Promise((resolve) => { gone.say = resolve; });
function own(call, done) {
  if (call.metadata.get('x-own')[0] === 'heard') gone.heard.then(() => done(null, {}));
  else process.exit(1);
}

const handlers = {
  Unary(call, done) {
    const { request } = call;
    if (request.act === 'own') return own(call, done);
    if (request.status) return done(failure(request));
    const reply = { body: request.size ? Buffer.alloc(request.size) : request.body, count: 1, bytes: request.body.length };
    if (request.act !== 'echo-metadata') return done(null, reply);
    call.sendMetadata(echoed(call));
    return done(null, reply, echoed(call));
  },
  ServerStream(call) {
    const { request } = call;
    for (let i = 0; i < request.count; i++) call.write({ body: Buffer.alloc(request.size), count: i });
    if (request.status) call.emit('error', failure(request));
    else if (request.act === 'wait') call.on('cancelled', gone.say);
    else call.end();
  },
  ClientStream(call, done) {
    const reply = { count: 0, bytes: 0 };
    call.on('data', (m) => {
      reply.count++;
      reply.bytes += m.body.length;
      if (m.act === 'wait') call.pause();
    });
    call.on('end', () => done(null, reply));
  },
  Duplex(call) {
    call.on('data', (m) => call.write({ body: m.size ? Buffer.alloc(m.size) : m.body }));
    call.on('end', () => call.end());
  },
};

const server = new grpc.Server();
server.addService(TestService.service, handlers);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening 127.0.0.1:${port}`);
  process.stdin.resume().on('end', () => process.exit(0));
});
