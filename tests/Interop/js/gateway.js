'use strict';
// An agent and a caller in grpc-js against a running gateway.
const { grpc, status, check, runCases, connect, caller, ask, drain, once, ends, withAgent, Agent } = require('./common');
const MiB = 1 << 20;
const silence = Number(process.env.INTEROP_SILENCE || 20);

// Writes no faster than the other side takes it.
const write = (call, message) => new Promise((resolve) => call.write(message, resolve));

// Begun first, judged late. The agent has its connection to itself: what others send would hide a limit that counts bytes per second.
const silent = withAgent(async (agent, id) => {
  const ended = ends(ask(id), status.OK);
  const { call, got } = agent.answer(await agent.request(), [{ body: Buffer.from('one') }], false);
  await new Promise((resolve) => setTimeout(resolve, silence * 1000));
  call.write({ body: Buffer.from('two') });
  call.end();
  check((await ended).messages.map((m) => m.body.toString()).join() === 'one,two', 'both parts');
  check((await got).status.code === status.OK, 'the answer call');
});

const cases = [
  ['a request and its streamed answer', () => withAgent(async (agent, id) => {
    const call = ask(id, { headers: { a: 'b' }, timeout: { seconds: 10 } });
    const headers = new Promise((resolve) => call.on('metadata', resolve));
    const ended = ends(call, status.OK);
    const request = await agent.request();
    check(request.method === 'say' && request.headers.a === 'b' && request.body.toString() === 'hello', 'what the agent sees');
    check(request.session_id === agent.session && request.attempt === 1 && request.agent_id === id, 'session and attempt');
    check(/^[0-9a-f]{16}$/.test(request.id), `id ${request.id}`);
    check((await headers).get('request-id')[0] === request.id, 'the request-id in the metadata, before any message');
    const { got } = agent.answer(request, [{ status: 201, headers: { c: 'd' }, body: Buffer.from('one') }, { body: Buffer.from('two') }, { body: Buffer.from('three') }]);
    const { messages } = await ended;
    check((await got).status.code === status.OK, 'the answer call');
    check(messages[0].status === 201 && messages[0].headers.c === 'd', 'status and headers');
    check(messages.map((m) => m.body.toString()).join() === 'one,two,three', 'order');
  })],
  ['an answer of 1,000 messages', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id), status.OK);
    agent.answer(await agent.request(), Array.from({ length: 1000 }, (_, i) => ({ body: Buffer.from(`${i}`) })));
    check((await ended).messages.every((m, i) => m.body.toString() === `${i}`), 'order');
  })],
  ['an answer without a message is an empty 200', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id), status.OK);
    agent.answer(await agent.request());
    check((await ended).messages.every((m) => m.body.length === 0 && (m.status === 200 || m.status === 0)), 'empty');
  })],
  ['a caller that goes away is heard by the agent', () => withAgent(async (agent, id) => {
    const call = ask(id);
    const first = new Promise((resolve) => call.once('data', resolve));
    const ended = drain(call);
    const request = await agent.request();
    const { got } = agent.answer(request, [{ body: Buffer.from('one') }], false);
    await first;
    call.cancel();
    check((await agent.control('cancel')).control.cancel.request_id === request.id, 'cancel names the request');
    check((await got).status.code === status.CANCELLED, 'the open answer call ends CANCELLED');
    check((await ended).status.code === status.CANCELLED, 'the caller');
    const late = await agent.answer(request, [{ body: Buffer.from('late') }]).got;
    check(late.status.code === status.NOT_FOUND && late.status.details === 'Request Id not found', `late answer: ${late.status.details}`);
  })],
  ['nobody subscribed', async () => {
    const got = await ends(ask('js-nobody'), status.NOT_FOUND, 'agent-offline', 'no');
    check(got.status.details === 'No agent subscribed for this id', got.status.details);
  }],
  ['an agent id that cannot be', () => ends(ask('-no-'), status.INVALID_ARGUMENT, 'bad-request', 'no')],
  ['an answer without a request id, and to an unknown one', async () => {
    const missing = await once((done) => caller.AgentResponsePublish(done).end());
    check(missing.status.code === status.UNAUTHENTICATED && missing.status.details === 'Missing request id', missing.status.details);
    const metadata = new grpc.Metadata();
    metadata.set('request-id', '00ff00ff00ff00ff');
    metadata.set('session-id', '1');
    const unknown = await once((done) => { const call = caller.AgentResponsePublish(metadata, done); call.end(); return call; });
    check(unknown.status.code === status.NOT_FOUND && unknown.status.details === 'Request Id not found', unknown.status.details);
  }],
  ['an agent that does not answer in time', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id, { timeout: { nanos: 300000000 } }), status.DEADLINE_EXCEEDED, 'first-message-timeout', 'yes');
    const request = await agent.request();
    await ended;
    check((await agent.control('cancel')).control.cancel.request_id === request.id, 'the agent is told');
  })],
  ['an agent that says that it failed', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id), status.ABORTED, 'agent-failed', 'yes');
    agent.answer(await agent.request(), [{ error: 'broken' }]);
    await ended;
  })],
  ['an agent that goes away', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id), status.CANCELLED, 'agent-disconnected', 'yes');
    await agent.request();
    agent.close();
    check((await ended).status.details === 'agent disconnected', 'detail');
  })],
  ['a newer session displaces the older', () => withAgent(async (older, id) => {
    const newer = await Agent.connected(id);
    check((await older.control('go_away')).control.go_away.reason === 'displaced', 'reason');
    check((await older.ended).code === status.OK, 'the older stream ends with OK');
    const ended = ends(ask(id), status.OK);
    newer.answer(await newer.request(), [{ body: Buffer.from('newer') }]);
    check((await ended).messages[0].body.toString() === 'newer', 'requests reach the newer');
    newer.close();
  })],
  ['a request over 4 MiB', () => withAgent((agent, id) => ends(ask(id, { body: Buffer.alloc(4 << 20) }), status.RESOURCE_EXHAUSTED))],
  ['a message of an answer over 4 MiB', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id), status.RESOURCE_EXHAUSTED, 'too-large', 'yes');
    const { got } = agent.answer(await agent.request(), [{ body: Buffer.alloc(4 * MiB) }]);
    check((await got).status.code === status.RESOURCE_EXHAUSTED, 'the answer call');
    await ended;
  })],
  ['a caller\'s own deadline', () => withAgent(async (agent, id) => {
    const ended = ends(ask(id, {}, caller, { deadline: Date.now() + 500 }), status.DEADLINE_EXCEEDED);
    const request = await agent.request();
    await ended;
    check((await agent.control('cancel')).control.cancel.request_id === request.id, 'the agent is told');
  })],
  ['gzip, from the caller and from the agent', () => withAgent(async (agent, id) => {
    const packing = connect({ 'grpc.default_compression_algorithm': 2 });
    const ended = ends(ask(id, { body: Buffer.alloc(100000) }, packing), status.OK);
    const request = await agent.request();
    check(request.body.length === 100000, 'the request');
    agent.answer(request, [{ body: Buffer.alloc(200000) }, { body: Buffer.alloc(300000) }]);
    check((await ended).messages.map((m) => m.body.length).join() === '200000,300000', 'the answer');
    packing.close();
  }, { 'grpc.default_compression_algorithm': 2 })],
  ['a method that there is not', async () => {
    const bytes = (b) => b;
    const got = await drain(caller.makeServerStreamRequest('/switchboard.v1.AgentGateway/Nothing', bytes, bytes, Buffer.alloc(0)));
    check(got.status.code === status.UNIMPLEMENTED, `${got.status.code}`);
  }],
  ['1,000 calls on one connection', () => withAgent(async (agent, id) => {
    const calls = Array.from({ length: 1000 }, (_, i) => ends(ask(id, { body: Buffer.from(`${i}`) }), status.OK));
    for (let i = 0; i < 1000; i++) {
      const request = await agent.request();
      agent.answer(request, [{ body: request.body }]);
    }
    (await Promise.all(calls)).forEach((got, i) => check(got.messages[0].body.toString() === `${i}`, `answer ${i}`));
  })],
  ['100 MB through one answer', () => withAgent(async (agent, id) => {
    const stream = ask(id);
    let bytes = 0;
    const ended = new Promise((resolve) => stream.on('data', (m) => { bytes += m.body.length; }).on('error', () => {}).on('status', resolve));
    const { call, got } = agent.answer(await agent.request(), [], false);
    for (let i = 0; i < 100; i++) await write(call, { body: Buffer.alloc(MiB) });
    call.end();
    check((await got).status.code === status.OK, 'the answer call');
    check((await ended).code === status.OK && bytes === 100 * MiB, `${bytes} bytes`);
  })],
  [`${silence} s of silence in an open answer call`, () => silent],
];

runCases('grpc-js', cases);
