/** Thousands of agents in this process: the agent's own core, with machines that are made up. */
import {
  AgentCore,
  type AgentEffect,
  type AgentInput,
  type ContainerLaunch,
  exitedWith,
  killedBy,
  type Termination,
} from "fairlead/agent";
import { SeededRandom, systemClock } from "fairlead/base";
import type { MessageSocket } from "fairlead/http";
import { type Master, socketPair } from "fairlead/master";
import {
  type AgentInfo,
  type AgentMessage,
  LINK_PROTOCOL,
  readMasterMessages,
} from "fairlead/model";
import { Resources } from "fairlead/resources";
import { usualProcess } from "fairlead/sim";
import { Packr } from "msgpackr";

const packr = new Packr({ useRecords: false, int64AsType: "number" });
const TICK_MS = 250;
/** A lost link is opened again after this long. */
const RECONNECT_MS = 1_000;
/** So many come at a time, so that the console answers from the start. */
const AGENTS_AT_ONCE = 100;
const VERSION = "1.11.0";
const CAPABILITIES = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "AGENT_DRAINING",
];

/** The kinds of machine, and how many in a hundred are of each. */
const MACHINES = [
  { share: 60, kind: "small", resources: "cpus:16;mem:65536;disk:500000;ports:[31000-32000]" },
  { share: 30, kind: "large", resources: "cpus:64;mem:262144;disk:2000000;ports:[31000-32000]" },
  {
    share: 10,
    kind: "gpu",
    resources: "cpus:48;mem:393216;disk:2000000;gpus:8;ports:[31000-32000]",
  },
].map(({ share, kind, resources }) => ({
  share,
  kind,
  cpus: (Resources.parse(resources).quantities().get("cpus") ?? 0) / 1_000,
  resources: Resources.parse(resources).toJson() as NonNullable<AgentInfo["resources"]>,
}));
const RACK_SIZE = 40;
const ZONE_SIZE = 1_000;

/** Agents that are connected to a master in this process, until they are disposed. */
export class SimulatedAgents implements Disposable {
  readonly #agents: SimulatedAgent[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor() {
    this.#timer = setInterval(() => {
      const nowMs = systemClock.nowMs();
      for (const agent of this.#agents) agent.tick(nowMs);
    }, TICK_MS);
  }

  /** Resolves when all have been started; they register one after the other. */
  static async start(master: Master, count: number): Promise<SimulatedAgents> {
    const agents = new SimulatedAgents();
    for (let index = 0; index < count; index += 1) {
      agents.#agents.push(new SimulatedAgent(index, master));
      if (index % AGENTS_AT_ONCE === AGENTS_AT_ONCE - 1) await systemClock.sleep(0);
    }
    return agents;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const agent of this.#agents) agent.close();
  }
}

class SimulatedAgent {
  readonly #master: Master;
  readonly #core: AgentCore;
  readonly #containers = new Map<string, { readonly termMs: number | undefined }>();
  #socket: MessageSocket | undefined;
  #closed = false;

  constructor(index: number, master: Master) {
    this.#master = master;
    this.#core = new AgentCore({
      clock: systemClock,
      random: new SeededRandom(index + 1),
      info: infoOf(index),
      version: VERSION,
      capabilities: CAPABILITIES,
      completedTasksMax: 5,
    });
    this.#step({ type: "recovered", checkpoints: [] });
    this.#connect();
  }

  tick(nowMs: number): void {
    const dueMs = this.#core.nextDueMs();
    if (dueMs !== undefined && dueMs <= nowMs) this.#step({ type: "tick" });
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
  }

  #connect(): void {
    if (this.#closed) return;
    const [near, far] = socketPair(LINK_PROTOCOL);
    this.#socket = near;
    near.onMessage((frame) => {
      if (typeof frame === "string" || this.#socket !== near) return;
      this.#step({ type: "messages", messages: readMasterMessages(packr.unpack(frame)) });
    });
    near.onClose(() => {
      if (this.#socket === near) this.#lost(RECONNECT_MS);
    });
    this.#master.acceptLink(far, { address: "127.0.0.1" });
    this.#step({ type: "link_opened" });
  }

  #lost(pauseMs: number): void {
    this.#socket = undefined;
    if (this.#closed) return;
    this.#step({ type: "link_closed" });
    this.#later(pauseMs, () => this.#connect());
  }

  #step(input: AgentInput): void {
    if (this.#closed) return;
    const messages: AgentMessage[] = [];
    for (const effect of this.#core.step(input)) {
      if (effect.type === "send") messages.push(effect.message);
      else this.#do(effect);
    }
    if (messages.length > 0) this.#socket?.send(packr.pack(messages));
  }

  #do(effect: AgentEffect): void {
    switch (effect.type) {
      case "launch_container":
        this.#launch(effect.launch);
        return;
      case "signal_container":
        this.#signal(effect.container, effect.signal === "SIGKILL");
        return;
      case "destroy_container":
        this.#signal(effect.container, true);
        return;
      case "run_check": {
        const { container, check } = effect;
        const result = { type: "COMMAND", exitCode: 0 } as const;
        this.#later(1, () => this.#step({ type: "check_result", container, check, result }));
        return;
      }
      case "ask": {
        const error = { code: "not_found", message: "Simulated machines have no files" };
        this.#later(1, () => this.#step({ type: "answered", id: effect.id, error }));
        return;
      }
      case "close_link": {
        const socket = this.#socket;
        this.#lost(effect.retryAfterMs ?? RECONNECT_MS);
        socket?.close();
        return;
      }
      default:
        // Checkpoints, sandboxes and volumes: these machines keep nothing.
        return;
    }
  }

  #launch(launch: ContainerLaunch): void {
    const { container } = launch;
    const { startMs = 20, runMs, termMs, termination } = usualProcess(launch);
    this.#containers.set(container, { termMs });
    this.#later(startMs, () => {
      if (!this.#containers.has(container)) return;
      this.#step({ type: "container_launched", container, checkpoint: {} });
      if (runMs === undefined) return;
      this.#later(runMs, () => this.#end(container, termination ?? { waitStatus: exitedWith(0) }));
    });
  }

  #signal(container: string, isKill: boolean): void {
    const found = this.#containers.get(container);
    const ms = isKill ? 1 : found?.termMs;
    if (found === undefined || ms === undefined) return;
    const waitStatus = killedBy(isKill ? "SIGKILL" : "SIGTERM");
    this.#later(ms, () => this.#end(container, { waitStatus }));
  }

  #end(container: string, termination: Termination): void {
    if (!this.#containers.delete(container)) return;
    this.#step({ type: "container_ended", container, termination });
  }

  /** Timers of machines that are made up keep no process alive. */
  #later(ms: number, act: () => void): void {
    setTimeout(act, ms).unref();
  }
}

function infoOf(index: number): AgentInfo {
  const { kind, resources } = machineOf(index);
  const rack = 1 + Math.floor(index / RACK_SIZE);
  const zone = 1 + Math.floor(index / ZONE_SIZE);
  return {
    hostname: `node-${String(index + 1).padStart(5, "0")}.sim`,
    port: 5_051,
    resources,
    attributes: [
      { name: "rack", type: "TEXT", text: { value: `r${rack}` } },
      { name: "kind", type: "TEXT", text: { value: kind } },
    ],
    domain: { fault_domain: { region: { name: "sim" }, zone: { name: `zone-${zone}` } } },
  };
}

function machineOf(index: number): (typeof MACHINES)[number] {
  // Spread over the racks: 37 and 100 have no common factor.
  let rest = (index * 37) % 100;
  for (const machine of MACHINES) {
    if (rest < machine.share) return machine;
    rest -= machine.share;
  }
  throw new RangeError("The shares of machines are a hundred in all");
}

/** What so many agents have together. */
export function cpusOf(agents: number): number {
  let cpus = 0;
  for (let index = 0; index < agents; index += 1) cpus += machineOf(index).cpus;
  return cpus;
}
