'use strict';
// Finds the packages where `run` installed them, and loads a .proto file.
const path = require('path');
const { createRequire } = require('module');
const cases = require('./cases');
const installed = createRequire(path.join(process.env.INTEROP_NODE, 'package.json'));
const grpc = installed('@grpc/grpc-js');
const loader = installed('@grpc/proto-loader');

// Session ids are 64 bits, which a number of JavaScript cannot hold: the gateway's longs are strings.
function load(file, root, longs = Number) {
  return grpc.loadPackageDefinition(loader.loadSync(file, { includeDirs: [root], keepCase: true, longs, defaults: true, oneofs: true })).switchboard;
}

const { TestService } = load('test.proto', path.join(__dirname, '../../Compat.Tests/Grpc')).compat.test;
const { AgentGateway } = load('switchboard/v1/agent_gateway.proto', path.join(__dirname, '../../../src/Protocol'), String).v1;

// Everything that a stream of replies brings, and how it ended.
function drain(call) {
  return new Promise((resolve) => {
    const got = { messages: [], status: null };
    call.on('data', (m) => got.messages.push(m));
    call.on('error', () => {});
    call.on('status', (s) => { got.status = s; resolve(got); });
  });
}

// One reply, or the error, with headers and trailers.
function once(start) {
  return new Promise((resolve) => {
    const got = {};
    const call = start((error, reply) => { got.error = error; got.reply = reply; if (got.status) resolve(got); });
    call.on('metadata', (m) => { got.headers = m; });
    call.on('status', (s) => { got.status = s; if ('error' in got) resolve(got); });
    got.call = call;
  });
}

module.exports = { ...cases, grpc, TestService, AgentGateway, drain, once };
