/** The master's core: what a task costs from ACCEPT to the acknowledgement of TASK_RUNNING. */

import { MasterCore, type MasterEffect, type MasterInput } from "fairlead/master";
import type { AgentMessage, Offer, TaskInfo } from "fairlead/model";
import type { Case, Contender, Params, Suite } from "./harness.ts";

const RESOURCES: Offer["resources"] = [
  { name: "cpus", type: "SCALAR", scalar: { value: 64 } },
  { name: "mem", type: "SCALAR", scalar: { value: 262_144 } },
  { name: "disk", type: "SCALAR", scalar: { value: 1_000_000 } },
  { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 32_000 }] } },
];
const ROLES = 10;

/** A cluster around a core: agents and frameworks that do at once what they are told. */
class Cluster {
  #nowMs = 1_000_000;
  readonly core: MasterCore;
  readonly #frameworks = new Map<string, string>();
  #offers: { readonly connection: string; readonly offer: Offer }[] = [];
  /** What to feed next: updates of agents, acknowledgements of frameworks. */
  #inputs: MasterInput[] = [];
  #tasks = 0;
  acknowledged = 0;

  constructor({ agents, frameworks }: Params) {
    const clock = { nowMs: () => this.#nowMs };
    const masterInfo = { id: "11111111-2222-3333-4444-555555555555", ip: 0, port: 5050 };
    this.core = new MasterCore({ masterInfo, clock, offerTimeoutMs: 0, agentPingMs: 86_400_000 });
    this.#feed({ type: "recovered", nodes: [] });
    for (let i = 0; i < Number(frameworks); i++) this.#subscribe(`s${i}`, `role${i % ROLES}`);
    for (let link = 0; link < Number(agents); link++) this.#register(link);
  }

  #subscribe(connection: string, role: string): void {
    const capabilities = [{ type: "PARTITION_AWARE" }];
    const framework_info = { user: "u", name: connection, role, capabilities };
    const call = { type: "SUBSCRIBE", subscribe: { framework_info } } as const;
    this.#feed({ type: "subscribe", connection, call });
  }

  #register(link: number): void {
    const agent_info = { hostname: `host-${link}`, port: 5051, resources: RESOURCES };
    const message: AgentMessage = {
      type: "register",
      link_version: 1,
      version: "1.0.0",
      capabilities: [],
      agent_info,
    };
    this.#feed({ type: "link_opened", link, address: "10.0.0.1" });
    this.#feed({ type: "agent_messages", link, messages: [message] });
  }

  /** Offers of everything that is free, each used for `tasks` tasks; all of them run and are acknowledged. */
  round(tasks: number): void {
    this.#nowMs += 10;
    this.#feed({ type: "tick" });
    const offers = this.#offers;
    this.#offers = [];
    for (const { connection, offer } of offers) this.#launch(connection, offer, tasks);
    // Updates give acknowledgements, acknowledgements give nothing: two rounds at most.
    while (this.#inputs.length > 0) {
      const inputs = this.#inputs;
      this.#inputs = [];
      for (const input of inputs) this.#feed(input);
    }
  }

  #launch(connection: string, { id, agent_id }: Offer, count: number): void {
    const task_infos = Array.from({ length: count }, (): TaskInfo => {
      const name = `task-${this.#tasks++}`;
      return {
        name,
        task_id: { value: name },
        agent_id,
        resources: [
          { name: "cpus", type: "SCALAR", scalar: { value: 0.01 } },
          { name: "mem", type: "SCALAR", scalar: { value: 1 } },
        ],
        command: { shell: true, value: "sleep 100" },
      };
    });
    this.#call(connection, {
      type: "ACCEPT",
      accept: {
        offer_ids: [id],
        operations: [{ type: "LAUNCH", launch: { task_infos } }],
        filters: { refuse_seconds: 0 },
      },
    });
  }

  #call(connection: string, call: object): void {
    const framework_id = { value: this.#frameworks.get(connection) ?? "" };
    const full = { ...call, framework_id } as Extract<
      MasterInput,
      { type: "framework_call" }
    >["call"];
    this.#feed({ type: "framework_call", request: 0, stream: connection, call: full });
  }

  #feed(input: MasterInput): void {
    for (const effect of this.core.step(input)) this.#do(effect);
  }

  #do(effect: MasterEffect): void {
    if (effect.type === "persist") {
      this.#feed({ type: "persisted", token: effect.token });
    } else if (effect.type === "send_agent") {
      const { link, message } = effect;
      if (message.type !== "launch") return;
      for (const { task } of message.launches) {
        const status = {
          task_id: task.task_id,
          agent_id: task.agent_id,
          state: "TASK_RUNNING" as const,
          source: "SOURCE_EXECUTOR" as const,
          uuid: task.task_id.value,
        };
        const framework_id = message.framework.id?.value ?? "";
        const messages: AgentMessage[] = [{ type: "update", framework_id, status }];
        this.#inputs.push({ type: "agent_messages", link, messages });
      }
    } else if (effect.type === "send_framework") {
      const { connection, event } = effect;
      if (event.type === "OFFERS") {
        for (const offer of event.offers.offers ?? []) this.#offers.push({ connection, offer });
      } else if (event.type === "SUBSCRIBED") {
        this.#frameworks.set(connection, event.subscribed.framework_id.value);
      } else if (event.type === "UPDATE") {
        const { agent_id, task_id, uuid } = event.update.status;
        this.acknowledged++;
        this.#inputs.push({
          type: "framework_call",
          request: 0,
          stream: connection,
          call: {
            type: "ACKNOWLEDGE",
            framework_id: { value: this.#frameworks.get(connection) ?? "" },
            acknowledge: { agent_id: agent_id!, task_id, uuid: uuid! },
          },
        });
      }
    }
  }
}

function launchContender(params: Params): Contender {
  const perOffer = Number(params.tasksPerOffer);
  let cluster: Cluster;
  return {
    setup: () => {
      cluster = new Cluster(params);
    },
    run: () => cluster.round(perOffer),
    answer: () => {
      const faults = cluster.core.check();
      if (faults.length > 0) throw new Error(faults.join("; "));
      return cluster.acknowledged;
    },
  };
}

const launch: Case = {
  name: "launch",
  about: "every agent offered, accepted, running, acknowledged: the core alone",
  unit: "ms",
  sweep: [
    { agents: 500, frameworks: 20, tasksPerOffer: 1 },
    { agents: 5_000, frameworks: 200, tasksPerOffer: 1 },
    { agents: 5_000, frameworks: 200, tasksPerOffer: 10 },
  ],
  quick: [{ agents: 500, frameworks: 20, tasksPerOffer: 2 }],
  items: ({ agents, tasksPerOffer }) => Number(agents) * Number(tasksPerOffer),
  check: (answer, { agents, tasksPerOffer }) => {
    const expected = Number(agents) * Number(tasksPerOffer);
    if (answer === expected) return;
    throw new Error(`acknowledged ${answer} tasks, launched ${expected}`);
  },
  contenders: { core: launchContender },
};

export const suite: Suite = {
  name: "master",
  cases: [launch],
};
