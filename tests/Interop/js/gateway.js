'use strict';
// An agent and a caller in grpc-js against a running gateway. Argument: host:port.
const { grpc, AgentGateway, check, runCases, dotnet, drain, once } = require('./common');
const { status } = grpc;
const address = process.argv[2];
const connect = () => new AgentGateway(address, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
const caller = connect();

// A subscription. `next(what)` waits for the first message that it was not given before and that `what` takes.
class Agent {
  constructor(id) {
    this.client = connect();
    this.stream = this.client.AgentRequestSubscribe({ agent_id: id });
    this.waiting = [];
    this.messages = [];
    this.ended = new Promise((resolve) => this.stream.on('status', resolve));
    this.stream.on('error', () => {});
    this.stream.on('data', (m) => { this.messages.push(m); this.match(); });
  }

  static async connected(id) {
    const agent = new Agent(id);
    const first = await agent.next(() => true);
    check(first.control && first.control.kind === 'welcome' && !first.id, 'the first message is a welcome');
    agent.session = first.control.welcome.session_id;
    check(BigInt(agent.session) > 0n, 'it names the session');
    return agent;
  }

  next(what) {
    return new Promise((resolve) => { this.waiting.push({ what, resolve }); this.match(); });
  }

  match() {
    this.waiting = this.waiting.filter(({ what, resolve }) => {
      const at = this.messages.findIndex(what);
      if (at >= 0) resolve(this.messages.splice(at, 1)[0]);
      return at < 0;
    });
  }

  request() { return this.next((m) => m.id); }

  control(kind) { return this.next((m) => m.control && m.control.kind === kind); }

  // Opens an answer call; `got` resolves to how it ended.
  answer(request, messages = [], end = true) {
    const metadata = new grpc.Metadata();
    metadata.set('request-id', request.id);
    metadata.set('session-id', this.session);
    let call;
    const got = once((done) => { call = this.client.AgentResponsePublish(metadata, done); return call; });
    messages.forEach((m) => call.write(m));
    if (end) call.end();
    return { call, got };
  }

  close() { this.stream.cancel(); this.client.close(); }
}

let number = 0;
async function withAgent(run) {
  const id = `js-${process.pid}-${++number}`;
  const agent = await Agent.connected(id);
  try {
    await run(agent, id);
  } finally {
    agent.close();
  }
}

const ask = (id, more) => caller.AgentRequestPublish({ agent_id: id, method: 'say', body: Buffer.from('hello'), ...more });

async function ends(call, code, reason, sent) {
  const got = await drain(call);
  check(got.status.code === code, `${got.status.code} ${got.status.details}, expected ${code}`);
  const { metadata } = got.status;
  if (reason) check(metadata.get('switchboard-reason')[0] === reason, `reason ${metadata.get('switchboard-reason')[0]}`);
  if (sent) check(metadata.get('switchboard-sent')[0] === sent, `sent ${metadata.get('switchboard-sent')[0]}`);
  return got;
}

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
  ['200 callers at once', () => withAgent(async (agent, id) => {
    const calls = Array.from({ length: 200 }, (_, i) => ends(ask(id, { body: Buffer.from(`${i}`) }), status.OK));
    for (let i = 0; i < 200; i++) {
      const request = await agent.request();
      agent.answer(request, [{ body: request.body }]);
    }
    (await Promise.all(calls)).forEach((got, i) => check(got.messages[0].body.toString() === `${i}`, `answer ${i}`));
  })],
];

runCases(`grpc-js, ${dotnet} gateway`, cases).then((failed) => process.exit(failed ? 1 : 0));
