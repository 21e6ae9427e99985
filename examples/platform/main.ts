/**
 * `npm start`: a cluster on this machine that really runs processes, and its console.
 *
 * `npm start -- [--port N] [--hostname ADDRESS] [--data DIR] [--agents N] [--no-demo]`
 */
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { FairleadError } from "fairlead";
import { type Platform, startPlatform } from "./platform.ts";

interface Flags {
  readonly port: number;
  readonly hostname: string;
  readonly data: string;
  readonly agents: number;
  readonly demo: boolean;
}

const program = new Command("npm start --")
  .description("A cluster on this machine: master, agents that run processes, a demo, the console.")
  .option("--port <n>", "where the master listens; 0: any that is free", whole(0, 65_535), 5_050)
  .option("--hostname <address>", "an address of this machine", "127.0.0.1")
  .option("--data <dir>", "what is kept over restarts", ".fairlead/platform")
  .option("--agents <n>", "how many agents", whole(0, 50), 3)
  .option("--no-demo", "without the demo framework");

const flags = program.parse().opts<Flags>();
process.exitCode = await main(flags);

async function main({ port, hostname, data, agents, demo }: Flags): Promise<number> {
  const stop = stopSignal();
  let platform: Platform;
  try {
    platform = await startPlatform({
      dataDir: resolve(data),
      hostname,
      port,
      agents,
      hasDemo: demo,
    });
  } catch (error) {
    console.error(FairleadError.from(error).message);
    return 1;
  }
  greet(platform);
  await stop;
  console.log("\nEnding tasks and stopping; Ctrl-C again stops at once.");
  await platform[Symbol.asyncDispose]();
  return 0;
}

/** Resolves at the first signal; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    let stopping = false;
    const onSignal = (): void => {
      if (stopping) process.exit(130);
      stopping = true;
      done();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

function greet({ url, agents }: Platform): void {
  console.log(`
fairlead runs a cluster on this machine.

  console   ${url}/console/
  master    ${url}
${agents.map((agent) => `  agent     ${agent.url}  ${agent.hostname}`).join("\n")}

Three things to try:

  curl -s ${url}/api/fairlead/summary
  curl -s ${url}/api/v1 -H 'content-type: application/json' -d '{"type":"GET_TASKS"}'
  open ${url}/console/ and look at a task's log

Ctrl-C ends everything that was started here.
`);
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
