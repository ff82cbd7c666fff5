'use strict';
// What the scripts share: how cases are run, grpc-js from where `run` installed it, an agent and calls with it. Argument 2 of each
// script is the gateway's gRPC address, host:port.
const path = require('path');
const { createRequire } = require('module');
const installed = createRequire(path.join(process.env.INTEROP_NODE, 'package.json'));
const grpc = installed('@grpc/grpc-js');
const { status } = grpc;
const address = process.argv[2];
const definition = installed('@grpc/proto-loader').loadSync('switchboard/v1/agent_gateway.proto', {
  includeDirs: [path.join(__dirname, '../../../src/Protocol')],
  keepCase: true,
  // Session ids are 64 bits, which a number of JavaScript cannot hold.
  longs: String,
  defaults: true,
  oneofs: true,
});
const { AgentGateway } = grpc.loadPackageDefinition(definition).switchboard.v1;

function check(holds, what) {
  if (!holds) throw new Error(what);
}

// What goes wrong before a case waits for it is judged where the case does.
process.on('unhandledRejection', () => {});

// Runs cases one after the other, each within a minute, and says of each how it went. Ends the process, well when all of them were run.
async function runCases(label, cases) {
  for (const [name, run] of cases) {
    let timer;
    try {
      const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('not done in 60 s')), 60000); });
      await Promise.race([run(), late]);
      console.log(`ok ${label}: ${name}`);
    } catch (e) {
      console.log(`FAIL ${label}: ${name}: ${e.message}`);
    } finally {
      clearTimeout(timer);
    }
  }
  process.exit(0);
}

// A client with a connection of its own.
const connect = (options) => new AgentGateway(address, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, ...options });
const caller = connect();
const ask = (id, more, on = caller, options = {}) => on.AgentRequestPublish({ agent_id: id, method: 'say', body: Buffer.from('hello'), ...more }, options);

// Everything that a stream of messages brings, and how it ended.
function drain(call) {
  return new Promise((resolve) => {
    const got = { messages: [], status: null };
    call.on('data', (m) => got.messages.push(m));
    call.on('error', () => {});
    call.on('status', (s) => { got.status = s; resolve(got); });
  });
}

// One reply, or the error, with its status.
function once(start) {
  return new Promise((resolve) => {
    const got = {};
    const call = start((error, reply) => { got.error = error; got.reply = reply; if (got.status) resolve(got); });
    call.on('status', (s) => { got.status = s; if ('error' in got) resolve(got); });
  });
}

// Waits until a caller's stream has ended, and for how: the code, and what the trailers say.
async function ends(call, code, reason, sent) {
  const got = await drain(call);
  check(got.status.code === code, `${got.status.code} ${got.status.details}, expected ${code}`);
  const { metadata } = got.status;
  if (reason) check(metadata.get('switchboard-reason')[0] === reason, `reason ${metadata.get('switchboard-reason')[0]}`);
  if (sent) check(metadata.get('switchboard-sent')[0] === sent, `sent ${metadata.get('switchboard-sent')[0]}`);
  return got;
}

// A subscription. `next(what)` waits for the first message that it was not given before and that `what` takes.
class Agent {
  constructor(id, options) {
    this.id = id;
    this.client = connect(options);
    this.stream = this.client.AgentRequestSubscribe({ agent_id: id });
    this.waiting = [];
    this.messages = [];
    this.ended = new Promise((resolve) => this.stream.on('status', resolve));
    this.stream.on('error', () => {});
    this.stream.on('data', (m) => { this.messages.push(m); this.match(); });
  }

  static async connected(id, options) {
    const agent = new Agent(id, options);
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
async function withAgent(run, options) {
  const agent = await Agent.connected(`js-${process.pid}-${++number}`, options);
  try {
    await run(agent, agent.id);
  } finally {
    agent.close();
  }
}

module.exports = { address, grpc, status, AgentGateway, check, runCases, connect, caller, ask, drain, once, ends, withAgent, Agent };
