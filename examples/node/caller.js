// A caller: sends one request and prints the answer as it comes. Usage: node caller.js [agent-id] [text]
import grpc from "@grpc/grpc-js";
import { connect } from "./gateway.js";

const [agentId = "node-agent", text = "hello"] = process.argv.slice(2);
const gateway = connect();
const call = gateway.AgentRequestPublish({ agent_id: agentId, method: "say", body: Buffer.from(text), timeout: { seconds: 10 } });
call.on("metadata", (metadata) => console.error("request", metadata.get("request-id")[0]));
call.on("data", (message) => process.stdout.write(message.body));
call.on("end", () => console.log());
call.on("error", (error) => {
  const [reason] = error.metadata.get("switchboard-reason");
  const [sent] = error.metadata.get("switchboard-sent");
  console.error(`${grpc.status[error.code]}: ${error.details} (reason ${reason}, sent to the agent: ${sent})`);
  process.exitCode = 1;
});
call.on("status", () => gateway.close());
