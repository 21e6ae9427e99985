/**
 * An agent as a process of its own: `npm run -s example:agent -- --help`.
 *
 * SIGINT and SIGTERM end the agent; its tasks run on, and the next agent of the same work folder
 * finds them. SIGUSR1 ends the tasks, too, and the agent leaves the cluster for good.
 */
import { type Agent, createAgent } from "fairlead/agent/node";
import { Disposer } from "fairlead/base";
import { authenticator } from "fairlead/http";
import { readCredential, readCredentials, readText, requirePair } from "../shared/files.ts";
import { startLogs } from "../shared/logs.ts";
import { detectorOf } from "../shared/masters.ts";
import { type Running, run } from "../shared/run.ts";
import { type AgentFlags, agentCommand } from "./flags.ts";

const flags = agentCommand().parse().opts<AgentFlags>();
await startLogs(flags);
process.exitCode = await run(() => start(flags));

async function start(flags: AgentFlags): Promise<Running> {
  const opened = new Disposer();
  try {
    const agent = opened.use(await open(flags, opened));
    process.once("SIGUSR1", () => void agent.shutdown({ unregister: true }));
    console.log(`agent     ${agent.url}`);
    return { failed: agent.ended, [Symbol.asyncDispose]: () => opened.dispose() };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

async function open(flags: AgentFlags, opened: Disposer): Promise<Agent> {
  const { region, zone, credential, tlsCa, httpCredentials } = flags;
  const { advertiseIp, hostname, resources, switchUser } = flags;
  requirePair("--region", region, "--zone", zone);
  const api =
    httpCredentials === undefined
      ? undefined
      : await readCredentials("--http-credentials", httpCredentials);
  const detector = await detectorOf(flags.master, opened, tlsCa !== undefined);
  return await createAgent({
    masters: detector ?? flags.master,
    workDir: flags.workDir,
    bind: flags.ip,
    port: flags.port,
    attributes: flags.attributes,
    reconfiguration: flags.reconfigurationPolicy,
    limitCpus: flags.limitCpus,
    limitDisk: flags.limitDisk,
    executorRegistrationMs: flags.executorRegistrationTimeout,
    executorShutdownGraceMs: flags.executorShutdownGrace,
    recoveryTimeoutMs: flags.recoveryTimeout,
    gcDelayMs: flags.gcDelay,
    launchesMax: flags.launchesMax,
    ...(advertiseIp === undefined ? {} : { ip: advertiseIp }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(resources === undefined ? {} : { resources }),
    ...(switchUser === undefined ? {} : { switchUser }),
    ...(region === undefined || zone === undefined
      ? {}
      : { domain: { fault_domain: { region: { name: region }, zone: { name: zone } } } }),
    ...(credential === undefined
      ? {}
      : { credentials: await readCredential("--credential", credential) }),
    ...(tlsCa === undefined ? {} : { ca: await readText("--tls-ca", tlsCa) }),
    ...(api === undefined ? {} : { authenticator: authenticator({ basic: api }) }),
  });
}
