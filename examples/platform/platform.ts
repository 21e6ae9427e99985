/** A whole cluster in one process: a master, agents that run processes, a framework, the console, the monitor. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Agent, createAgent } from "fairlead/agent/node";
import { Disposer } from "fairlead/base";
import {
  decodeValue,
  encodeValue,
  MemoryTree,
  type Store,
  type StoreNode,
} from "fairlead/coordination";
import { EmbeddedStore } from "fairlead/coordination/node";
import { type ServedMaster, serveMaster } from "fairlead/master/node";
import { startProbe } from "fairlead/probe/node";
import { consoleHandler } from "fairlead/ui/node";
import * as z from "zod/mini";
import { type Monitor, startMonitor } from "../monitor/monitor.ts";
import { simulate } from "../monitor/simulate.ts";
import { orNotFound } from "../shared/console.ts";
import { Demo, type Memory } from "./demo.ts";
import { cpusOf, SimulatedAgents } from "./simulated_agents.ts";
import { SimulatedLoad } from "./simulated_load.ts";

/** How a platform is put together. */
export interface PlatformOptions {
  readonly dataDir: string;
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly agents: number;
  /** Agents and tasks that are only simulated; nothing is kept. */
  readonly isSimulated: boolean;
  readonly hasDemo: boolean;
  /** Of the monitor: 0: any that is free; undefined: no monitor. */
  readonly monitorPort: number | undefined;
  /** Of the simulated datacenter that the monitor shows. */
  readonly hosts: number;
  readonly containers: number;
}

/** A cluster that runs. */
export interface Platform extends AsyncDisposable {
  readonly url: string;
  /** Of the monitor's page. */
  readonly monitor: string | undefined;
  readonly agents: readonly { readonly hostname: string; readonly url: string }[];
}

/** What the master is made with. */
interface MasterParts {
  readonly store: Store;
  readonly cluster: string;
  readonly monitor: Monitor | undefined;
}

/** Where the master's server shows the monitor. */
const TOPOLOGY = "/topology";
const MEMORY = "/fairlead/demo/memory";
const memorySchema = z.object({
  frameworkId: z.string(),
  tasks: z.array(z.object({ taskId: z.string(), agentId: z.optional(z.string()) })),
});
const PORTS_FIRST = 31_000;
const PORTS_EACH = 100;

/**
 * Start everything, in the order in which it depends on each other.
 *
 * Disposing it ends every task and lets go of all; what was started is ended, too, when a later
 * part cannot start.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const started = new Disposer();
  try {
    return await start(options, started);
  } catch (error) {
    await started.dispose();
    throw error;
  }
}

async function start(options: PlatformOptions, started: Disposer): Promise<Platform> {
  return options.isSimulated
    ? await startSimulated(options, started)
    : await startReal(options, started);
}

async function startReal(options: PlatformOptions, started: Disposer): Promise<Platform> {
  const { dataDir, hasDemo } = options;
  await mkdir(dataDir, { recursive: true });
  const store = started.use(await EmbeddedStore.open({ path: join(dataDir, "store") }));
  const monitor = await startMonitoring(options, started);
  const served = started.use(
    await startMaster(options, { store, cluster: "this machine", monitor }),
  );
  const agents: Agent[] = [];
  started.defer(() => Promise.all(agents.map((agent) => agent.shutdown())));
  for (let index = 1; index <= options.agents; index += 1) {
    agents.push(await startAgent(index, options, served));
  }
  if (monitor !== undefined) {
    started.use(startProbe({ collectors: [monitor.url], agents: agents.map(({ url }) => url) }));
  }
  const demo = hasDemo ? await startDemo(served.url, store) : undefined;
  return {
    url: served.url,
    monitor: monitor?.url,
    agents: agents.map(({ url }, index) => ({ url, hostname: hostnameOf(index + 1) })),
    [Symbol.asyncDispose]: async () => {
      // The framework hears how its tasks end, and starts no others.
      demo?.rest();
      await Promise.all(agents.map((agent) => agent.shutdown()));
      await demo?.[Symbol.asyncDispose]();
      await started.dispose();
    },
  };
}

/** A datacenter that is made up, on a master that is not. */
async function startSimulated(options: PlatformOptions, started: Disposer): Promise<Platform> {
  const store = started.use(new MemoryTree().connect());
  const monitor = await startMonitoring(options, started);
  const cluster = "a simulated datacenter";
  const served = started.use(await startMaster(options, { store, cluster, monitor }));
  const { master } = served;
  started.use(await SimulatedAgents.start(master, options.agents));
  if (options.hasDemo) started.use(new SimulatedLoad({ master, cpus: cpusOf(options.agents) }));
  if (monitor !== undefined) {
    const stop = new AbortController();
    started.defer(() => stop.abort());
    void simulate(monitor.collector, options, stop.signal);
  }
  return {
    url: served.url,
    monitor: monitor?.url,
    agents: [],
    [Symbol.asyncDispose]: () => started.dispose(),
  };
}

async function startMonitoring(
  { hostname, monitorPort: port, dataDir, isSimulated }: PlatformOptions,
  started: Disposer,
): Promise<Monitor | undefined> {
  if (port === undefined) return undefined;
  const history = isSimulated ? undefined : { folder: join(dataDir, "reports") };
  return started.use(await startMonitor({ hostname, port, history, hasColumns: isSimulated }));
}

/** The master, with the console, and the topology view below a path of its own. */
async function startMaster(
  { hostname, port }: PlatformOptions,
  { store, cluster, monitor }: MasterParts,
): Promise<ServedMaster> {
  const topology = monitor === undefined ? {} : { topology: `${TOPOLOGY}/monitor/` };
  const mounts = monitor === undefined ? [] : [mountOf(monitor)];
  const files = orNotFound(await consoleHandler(topology));
  const served = await serveMaster({ hostname, port, store, cluster, files, mounts });
  await served.master.leads();
  return served;
}

function mountOf({ collector: { handler, upgrade } }: Monitor) {
  return { path: TOPOLOGY, handler, upgrade };
}

function hostnameOf(index: number): string {
  return `agent-${index}.local`;
}

async function startAgent(
  index: number,
  { dataDir }: PlatformOptions,
  { url }: ServedMaster,
): Promise<Agent> {
  const first = PORTS_FIRST + (index - 1) * PORTS_EACH;
  const agent = await createAgent({
    masters: url,
    workDir: join(dataDir, `agent_${index}`),
    port: 0,
    hostname: hostnameOf(index),
    resources: `cpus:2;mem:1024;disk:2048;ports:[${first}-${first + PORTS_EACH - 1}]`,
    attributes: `rack:r${1 + ((index - 1) % 2)};os:linux`,
    domain: { fault_domain: { region: { name: "local" }, zone: { name: `zone-${index}` } } },
  });
  await agent.registered();
  return agent;
}

/** The demo goes on with the id and the tasks that it had. */
async function startDemo(master: string, store: Store): Promise<Demo> {
  const node = await store.get(MEMORY);
  if (node === undefined) await store.create(MEMORY, undefined, { parents: true });
  return new Demo({
    master,
    memory: readMemory(node),
    remember: async (memory) => {
      await store.set(MEMORY, encodeValue(memory));
    },
  });
}

function readMemory(node: StoreNode | undefined): Memory | undefined {
  if (node === undefined || node.valueBytes === 0) return undefined;
  return memorySchema.parse(decodeValue(node.value));
}
