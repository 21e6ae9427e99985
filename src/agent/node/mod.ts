/**
 * An agent on this machine: `createAgent` detects what there is, comes to the leading master over
 * one WebSocket, runs tasks in containers, keeps checkpoints, and serves the agent's API.
 *
 * @example
 * ```ts
 * import { createAgent } from "fairlead/agent/node";
 *
 * await using agent = await createAgent({
 *   masters: "http://127.0.0.1:5050",
 *   workDir: ".fairlead/agents/one",
 *   port: 0,
 *   resources: "cpus:2;mem:512;disk:1024;ports:[31000-31100]",
 *   attributes: "rack:r1",
 * });
 * console.assert(agent.port > 0 && agent.id === undefined);
 * ```
 *
 * @module
 */
export { Agent, createAgent } from "./agent.ts";
export type { Detector } from "./master_link.ts";
export type { AgentOptions, AuthorizeCall } from "./options.ts";
