'use strict';
// What no gRPC library would send, over node's HTTP/2, to a running gateway. The other side of each request is grpc-js.
const http2 = require('http2');
const zlib = require('zlib');
const { address, status, AgentGateway, check, runCases, ask, ends, withAgent } = require('./common');
const { NGHTTP2_CANCEL } = http2.constants;
const connect = () => http2.connect(`http://${address}`).on('error', () => {});
const session = connect();
const { AgentRequestSubscribe, AgentRequestPublish, AgentResponsePublish } = AgentGateway.service;

function frame(message, flag = 0, length = message.length) {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, message]);
}

const subscriber = (id) => frame(AgentRequestSubscribe.requestSerialize({ agent_id: id }));
const request = (id) => frame(AgentRequestPublish.requestSerialize({ agent_id: id, method: 'say', body: Buffer.from('raw') }));
const part = (text) => AgentResponsePublish.requestSerialize({ body: Buffer.from(text) });
const half = frame(Buffer.from([1]), 0, 9);
const packed = (message) => frame(zlib.gzipSync(message), 1);
const gzip = { 'grpc-encoding': 'gzip' };

function open(rpc, headers = {}, on = session) {
  const stream = on.request({ ':method': 'POST', ':path': rpc.path, 'content-type': 'application/grpc', te: 'trailers', ...headers });
  stream.on('error', () => {});
  return stream;
}

// How a call ended, wherever its status came. `send` writes the request.
function call(rpc, headers, send) {
  return new Promise((resolve) => {
    const got = {};
    const note = (h) => {
      if ('grpc-status' in h) Object.assign(got, { code: Number(h['grpc-status']), message: h['grpc-message'], reason: h['switchboard-reason'] });
    };
    const stream = open(rpc, headers);
    stream.on('response', note).on('trailers', note).on('data', () => {}).on('close', () => resolve(got));
    send(stream);
  });
}

// Each byte a DATA frame of its own.
async function inPieces(stream, bytes) {
  for (const byte of bytes) await new Promise((resolve) => stream.write(Buffer.from([byte]), resolve));
  stream.end();
}

const is = (got, code, reason) => check(got.code === code && (!reason || got.reason === reason), `${JSON.stringify(got)}, expected ${code} ${reason || ''}`);
const metadata = (agent, asked) => ({ 'request-id': asked.id, 'session-id': agent.session });

// Tries a request on each of the three calls. The answer call belongs to a request, which outlives what is broken, and whose caller
// then gets the answer; `fate`: how it ends where it does not outlive it.
const onEachCall = (send, judge, headers = {}, fate) => () => withAgent(async (agent, id) => {
  for (const rpc of [AgentRequestSubscribe, AgentRequestPublish]) judge(await call(rpc, headers, send), rpc.path);
  const ended = fate ? ends(ask(id), ...fate) : ends(ask(id), status.OK);
  const asked = await agent.request();
  judge(await call(AgentResponsePublish, { ...headers, ...metadata(agent, asked) }, send), 'AgentResponsePublish');
  // A reset is heard later than it is sent: the broken call may begin after the good one, and take over as the newer. Then once more.
  const answered = async () => (await agent.answer(asked, [{ body: Buffer.from('well') }]).got).status.code === status.OK;
  for (let tries = 0; !fate && tries < 3 && !(await answered()); tries++);
  const { messages } = await ended;
  check(fate || messages[0].body.toString() === 'well', 'the request is answered');
});

const refused = (bytes, code, reason, headers, fate) => onEachCall((s) => s.end(bytes), (got) => is(got, code, reason), headers, fate);
const bad = (bytes, headers) => refused(bytes, status.INVALID_ARGUMENT, 'bad-request', headers);

const cases = [
  ['a frame in pieces of one byte', () => withAgent(async (agent, id) => {
    const answered = call(AgentRequestPublish, {}, (s) => inPieces(s, request(id)));
    const asked = await agent.request();
    check(asked.body.toString() === 'raw', 'the request');
    is(await call(AgentResponsePublish, metadata(agent, asked), (s) => inPieces(s, frame(part('one')))), status.OK);
    is(await answered, status.OK);
  })],
  ['a gzip frame, and others after it', () => withAgent(async (agent, id) => {
    const answered = call(AgentRequestPublish, gzip, (s) => s.end(packed(request(id).subarray(5))));
    const asked = await agent.request();
    check(asked.body.toString() === 'raw', 'the request');
    is(await call(AgentResponsePublish, { ...metadata(agent, asked), ...gzip }, (s) => s.end(packed(part('one')))), status.OK);
    is(await answered, status.OK);
    const ended = ends(ask(id), status.OK);
    const parts = Buffer.concat([packed(part('one')), frame(part('two')), packed(part('three'))]);
    is(await call(AgentResponsePublish, { ...metadata(agent, await agent.request()), ...gzip }, (s) => s.end(parts)), status.OK);
    check((await ended).messages.map((m) => m.body.toString()).join() === 'one,two,three', 'order');
  })],
  // gRPC's own words for these are INTERNAL.
  ['a gzip frame that was not announced', refused(packed(part('one')), status.INTERNAL)],
  ['a frame cut in half by the stream\'s end', refused(half, status.INTERNAL)],
  ['a frame\'s header cut in half', refused(half.subarray(0, 3), status.INTERNAL)],
  ['a frame cut in half by a reset', onEachCall((s) => s.write(half, () => s.close(NGHTTP2_CANCEL)), () => {})],
  ['a frame that says it is over the size limit',
    refused(frame(Buffer.alloc(0), 0, 5 << 20), status.RESOURCE_EXHAUSTED, '', {}, [status.RESOURCE_EXHAUSTED, 'too-large', 'yes'])],
  ['a frame that says it is longer than a number holds', refused(frame(Buffer.alloc(3), 0, 0xffffffff), status.RESOURCE_EXHAUSTED)],
  ['a flag that is none', bad(frame(part('one'), 9))],
  ['gzip cut short', bad(frame(zlib.gzipSync(part('one')).subarray(0, -12), 1), gzip)],
  ['bytes that are no message', bad(frame(Buffer.from([0xff, 0xff, 0xff])))],
  // Field 1 is a string of two of the messages, field 4 one of the third.
  ['a string that is no UTF-8', bad(frame(Buffer.from([0x0a, 2, 0xff, 0xfe, 0x22, 2, 0xff, 0xfe])))],
  ['a deadline of nine digits, and one of eight', () => withAgent(async (agent, id) => {
    is(await call(AgentRequestPublish, { 'grpc-timeout': '999999999H' }, (s) => s.end(request(id))), status.INVALID_ARGUMENT, 'bad-request');
    const answered = call(AgentRequestPublish, { 'grpc-timeout': '99999999H' }, (s) => s.end(request(id)));
    agent.answer(await agent.request(), [{ body: Buffer.from('well') }]);
    is(await answered, status.OK);
  })],
  ['a deadline that only the gateway keeps', () => withAgent(async (agent, id) => {
    is(await call(AgentRequestPublish, { 'grpc-timeout': '300m' }, (s) => s.end(request(id))), status.DEADLINE_EXCEEDED, 'first-message-timeout');
    await agent.control('cancel');
  })],
  ['a connection cut in mid-answer', () => withAgent(async (agent, id) => {
    const stream = ask(id);
    const first = new Promise((resolve) => stream.once('data', resolve));
    const ended = ends(stream, status.ABORTED, 'agent-failed', 'yes');
    const doomed = connect();
    open(AgentResponsePublish, metadata(agent, await agent.request()), doomed).write(Buffer.concat([frame(part('one')), half]));
    await first;
    doomed.destroy();
    await ended;
  })],
  ['a caller\'s connection cut in mid-call', () => withAgent(async (agent, id) => {
    const doomed = connect();
    open(AgentRequestPublish, {}, doomed).end(request(id));
    const asked = await agent.request();
    doomed.destroy();
    check((await agent.control('cancel')).control.cancel.request_id === asked.id, 'the agent is told');
  })],
  ['an agent\'s connection cut', async () => {
    const doomed = connect();
    const id = `raw-${process.pid}`;
    const stream = open(AgentRequestSubscribe, {}, doomed);
    const heard = () => new Promise((resolve) => stream.once('data', resolve));
    stream.end(subscriber(id));
    await heard();
    const ended = ends(ask(id), status.CANCELLED, 'agent-disconnected', 'yes');
    await heard();
    doomed.destroy();
    await ended;
    await ends(ask(id), status.NOT_FOUND, 'agent-offline', 'no');
  }],
];

// After each of them the connection that they share serves as before.
const lives = () => withAgent(async (agent, id) => {
  const answered = call(AgentRequestPublish, {}, (s) => s.end(request(id)));
  agent.answer(await agent.request(), [{ body: Buffer.from('well') }]);
  is(await answered, status.OK);
});
runCases('raw HTTP/2', cases.map(([name, run]) => [name, async () => { await run(); await lives(); }]));
