'use strict';
// grpc-js against our server, after gRPC's own list of interoperability cases. Argument: host:port.
const { grpc, TestService, check, runCases, dotnet, drain, once } = require('./common');
const seconds = Number(process.env.INTEROP_SILENCE || 20);
const address = process.argv[2];
const client = new TestService(address, grpc.credentials.createInsecure());
const { status } = grpc;
const special = '100 % of\ttest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n';

async function ended(call, code) {
  const got = await drain(call);
  check(got.status.code === code, `status ${got.status.code} ${got.status.details}, expected ${code}`);
  return got;
}

async function unary(request, metadata, options) {
  return once((done) => client.Unary(request, metadata || new grpc.Metadata(), options || {}, done));
}

// What the server's own act is, is said in metadata: to answer once a waiting handler has been told that its caller is gone, or to die.
function own(what) {
  const metadata = new grpc.Metadata();
  metadata.set('x-own', what);
  return unary({ act: 'own' }, metadata);
}

// On a connection of its own: what others send would hide a limit that counts bytes per second. Begun first, judged late.
async function saysNothing() {
  const other = new TestService(address, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const got = await once((done) => {
    const call = other.ClientStream(done);
    call.write({ body: Buffer.alloc(10) });
    setTimeout(() => { call.write({ body: Buffer.alloc(10) }); call.end(); }, seconds * 1000);
    return call;
  });
  check(got.reply && got.reply.count === 2, got.error && got.error.message);
}

const silence = saysNothing();
silence.catch(() => {});
const cases = [
  ['empty unary', async () => check((await unary({})).reply.count === 1, 'count')],
  ['large unary', async () => {
    const { reply } = await unary({ body: Buffer.alloc(271828), size: 314159 });
    check(reply.bytes === 271828 && reply.body.length === 314159, 'sizes');
  }],
  ['server streaming', async () => {
    const got = await ended(client.ServerStream({ count: 1000, size: 3000 }), status.OK);
    check(got.messages.length === 1000 && got.messages.every((m, i) => m.count === i), 'order');
  }],
  ['client streaming', async () => {
    const got = await once((done) => {
      const call = client.ClientStream(done);
      for (const size of [27182, 8, 1828, 45904]) call.write({ body: Buffer.alloc(size) });
      call.end();
      return call;
    });
    check(got.reply.bytes === 74922 && got.reply.count === 4, 'sum');
  }],
  ['full-duplex streaming', async () => {
    const call = client.Duplex();
    for (let size = 1; size <= 1000; size++) call.write({ size });
    call.end();
    const got = await ended(call, status.OK);
    check(got.messages.length === 1000 && got.messages.every((m, i) => m.body.length === i + 1), 'order');
  }],
  ['ping-pong', async () => {
    const call = client.Duplex();
    let size = 1;
    call.on('data', (m) => {
      if (m.body.length !== size) call.cancel();
      else if (++size <= 100) call.write({ size });
      else call.end();
    });
    call.write({ size });
    await ended(call, status.OK);
    check(size === 101, `ended at ${size}`);
  }],
  ['empty stream', async () => {
    const call = client.Duplex();
    call.end();
    check((await ended(call, status.OK)).messages.length === 0, 'messages');
  }],
  ['cancel after begin', async () => {
    const got = await once((done) => {
      const call = client.ClientStream(done);
      setImmediate(() => call.cancel());
      return call;
    });
    check(got.error.code === status.CANCELLED, got.error.message);
  }],
  ['cancel after first response, and the server hears of it', async () => {
    const call = client.ServerStream({ count: 1, act: 'wait' });
    call.once('data', () => call.cancel());
    await ended(call, status.CANCELLED);
    const { error } = await own('heard');
    check(!error, 'heard');
  }],
  ['timeout on a sleeping server', async () => {
    await ended(client.ServerStream({ act: 'wait' }, { deadline: Date.now() + 200 }), status.DEADLINE_EXCEEDED);
  }],
  ['a deadline that fires during a write', async () => {
    // The server's: nobody reads what it writes.
    const down = client.ServerStream({ count: 1000, size: 1 << 20 }, { deadline: Date.now() + 500 });
    const end = await new Promise((resolve) => { down.on('error', resolve); });
    check(end.code === status.DEADLINE_EXCEEDED, end.message);

    // Ours: the handler waits instead of reading.
    const up = await once((done) => {
      const call = client.ClientStream({ deadline: Date.now() + 500 }, done);
      call.write({ act: 'wait' });
      for (let i = 0; i < 10; i++) call.write({ body: Buffer.alloc(1 << 20) });
      return call;
    });
    check(up.error.code === status.DEADLINE_EXCEEDED, up.error.message);
    check((await unary({})).reply.count === 1, 'the connection lives');
  }],
  ['status code and message', async () => {
    const one = await unary({ status: status.FAILED_PRECONDITION, detail: special });
    check(one.error.code === status.FAILED_PRECONDITION && one.error.details === special, one.error.message);
    const many = await ended(client.ServerStream({ count: 2, status: status.FAILED_PRECONDITION, detail: special }), status.FAILED_PRECONDITION);
    check(many.messages.length === 2 && many.status.details === special, many.status.details);
    check(many.status.metadata.get('x-why')[0] === 'asked', 'trailer');
  }],
  ['an exception of a handler tells nothing', async () => {
    const { error } = await unary({ act: 'throw' });
    check(error.code === status.UNKNOWN && error.details === 'Exception was thrown by handler.', error.message);
  }],
  ['custom metadata', async () => {
    const sent = new grpc.Metadata();
    const bytes = Buffer.from([0xab, 0xab, 0xab, 0, 255]);
    sent.set('x-echo-text', 'some text');
    sent.set('x-echo-bytes-bin', bytes);
    const got = await unary({ act: 'echo-metadata' }, sent);
    for (const metadata of [got.headers, got.status.metadata]) {
      check(metadata.get('x-echo-text')[0] === 'some text', 'text');
      check(bytes.equals(metadata.get('x-echo-bytes-bin')[0]), 'bytes');
    }
  }],
  ['unimplemented method', async () => check((await once((done) => client.Unwritten({}, done))).error.code === status.UNIMPLEMENTED, 'code')],
  ['unimplemented service', async () => {
    const same = (b) => b;
    const got = await once((done) => client.makeUnaryRequest('/no.such.Service/Nothing', same, same, Buffer.from([1]), done));
    check(got.error.code === status.UNIMPLEMENTED && got.error.details === 'Service is unimplemented.', got.error.message);
  }],
  ['a message over the size limit', async () => {
    check((await unary({ body: Buffer.alloc(5 << 20) })).error.code === status.RESOURCE_EXHAUSTED, 'to the server');
    check((await unary({ size: 5 << 20 })).error.code === status.RESOURCE_EXHAUSTED, 'from the server');
    check((await unary({})).reply.count === 1, 'the connection lives');
  }],
  ['gzip requests', async () => {
    const packed = new TestService(address, grpc.credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
    const got = await once((done) => packed.Unary({ body: Buffer.alloc(100000) }, done));
    packed.close();
    check(got.reply && got.reply.bytes === 100000, got.error && got.error.message);
  }],
  ['1,000 calls on one connection', async () => {
    const sizes = await Promise.all(Array.from({ length: 1000 }, async (_, i) => (await unary({ size: i + 1 })).reply.body.length));
    check(sizes.every((s, i) => s === i + 1), 'sizes');
  }],
  ['100 MB through one stream', async () => {
    let bytes = 0;
    const down = client.ServerStream({ count: 100, size: 1 << 20 });
    down.on('data', (m) => { bytes += m.body.length; m.body = null; });
    await new Promise((resolve, reject) => { down.on('end', resolve); down.on('error', reject); });
    check(bytes === 100 << 20, `${bytes} down`);

    const up = await once((done) => {
      const call = client.ClientStream(done);
      const body = Buffer.alloc(1 << 20);
      const write = (left) => { if (left) call.write({ body }, null, () => write(left - 1)); else call.end(); };
      write(100);
      return call;
    });
    check(up.reply && up.reply.bytes === 100 << 20, up.error ? up.error.message : `${up.reply.bytes} up`);
  }],
  [`${seconds} s of silence in a client stream`, () => silence],
  ['a server that goes away in mid-call', async () => {
    const call = client.ServerStream({ count: 1, act: 'wait' });
    const end = ended(call, status.UNAVAILABLE);
    await new Promise((resolve) => { call.once('data', resolve); });
    const last = await own('die');
    check(last.error.code === status.UNAVAILABLE, last.error.message);
    await end;
    check((await unary({})).error.code === status.UNAVAILABLE, 'afterwards');
  }],
];

runCases(`grpc-js client, ${dotnet} server`, cases).then((failed) => {
  client.close();
  process.exit(failed ? 1 : 0);
});
