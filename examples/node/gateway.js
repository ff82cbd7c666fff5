// The gateway's client, made from the .proto file when the program starts.
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const root = fileURLToPath(new URL("../../src/Protocol", import.meta.url));
const definition = loader.loadSync("switchboard/v1/agent_gateway.proto", {
  includeDirs: [root],
  keepCase: true,
  oneofs: true,
  // A session id is 64 bits: as a number of JavaScript it would lose its last digits.
  longs: String,
});
const { AgentGateway } = grpc.loadPackageDefinition(definition).switchboard.v1;
const address = (process.env.SWITCHBOARD_GRPC_URL ?? "http://127.0.0.1:8081").replace(/^http:\/\//, "").replace(/\/$/, "");

// Pings find a connection that died without a word.
export const connect = () =>
  new AgentGateway(address, grpc.credentials.createInsecure(), {
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 20_000,
  });

export const seconds = (duration) => (duration ? Number(duration.seconds) + duration.nanos / 1e9 : 0);
