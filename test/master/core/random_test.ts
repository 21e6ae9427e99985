/**
 * Random clusters: agents, frameworks and operators do whatever comes to their minds, links and
 * streams break, masters change. The books hold together after every step (see `Cluster.step`), and
 * in the end, when everybody is well again, nothing is lost.
 */
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/base/mod.ts";
import { isTerminal, type ResourceJson, type Task } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { Cluster, type FakeAgent, type FakeFramework, masterInfo, task } from "./cluster.ts";

const SEEDS = 12;
const MOVES = 300;
const json = (text: string) => Resources.parse(text).toJson() as ResourceJson[];

/** What an agent of the model runs: it does as it is told, now and then. */
class Host {
  agent: FakeAgent;
  /** Tasks by framework and id; terminal ones wait for acknowledgement. */
  readonly tasks = new Map<string, { framework: string; task: Task; uuid?: string }>();
  #seen = 0;

  constructor(agent: FakeAgent) {
    this.agent = agent;
  }

  /** Take in what the master said since the last time. */
  listen(): void {
    for (const message of this.agent.messages.slice(this.#seen)) {
      if (message.type === "launch") {
        for (const { task } of message.launches) this.#start(message.framework.id!.value, task);
      } else if (message.type === "launch_group") {
        for (const task of message.tasks) this.#start(message.framework.id!.value, task);
      } else if (message.type === "kill") {
        this.end(`${message.framework_id} ${message.task_id}`, "TASK_KILLED");
      } else if (message.type === "shutdown_framework") {
        for (const [key, { framework }] of this.tasks) {
          if (framework === message.framework_id) this.tasks.delete(key);
        }
      } else if (message.type === "reconcile") {
        for (const { framework_id, task_id } of message.tasks) {
          if (this.tasks.has(`${framework_id} ${task_id}`)) continue;
          this.agent.update(framework_id, task_id, "TASK_DROPPED");
        }
      } else if (message.type === "ack") {
        const key = `${message.framework_id} ${message.task_id}`;
        const held = this.tasks.get(key);
        if (held && isTerminal(held.task.state) && held.uuid === message.uuid) {
          this.tasks.delete(key);
        }
      } else if (message.type === "registered") {
        for (const [key, { framework }] of this.tasks) {
          if (message.unwanted_frameworks?.includes(framework)) this.tasks.delete(key);
        }
      } else if (message.type === "shutdown") this.tasks.clear();
    }
    this.#seen = this.agent.messages.length;
  }

  /** A new link, perhaps to a new master: messages are counted anew. */
  move(agent: FakeAgent): void {
    this.agent = agent;
    this.#seen = 0;
  }

  #start(framework: string, info: Parameters<Cluster["subscribe"]>[0] & object): void {
    const { command: _, executor: __, ...facts } = info as ReturnType<typeof task>;
    this.tasks.set(`${framework} ${facts.task_id.value}`, {
      framework,
      task: { ...facts, framework_id: { value: framework }, state: "TASK_STAGING" },
    });
  }

  /** Say where a task stands; the same again when it is over and not acknowledged. */
  end(key: string, state: "TASK_RUNNING" | "TASK_FINISHED" | "TASK_KILLED"): void {
    const held = this.tasks.get(key);
    if (held === undefined || !this.agent.isOpen) return;
    const next = isTerminal(held.task.state) ? held.task.state : state;
    held.task = { ...held.task, state: next };
    const status = this.agent.update(held.framework, held.task.task_id.value, next, {
      ...(held.uuid && isTerminal(next) && { uuid: held.uuid }),
    });
    held.uuid = status.uuid!;
  }
}

class World {
  readonly random: SeededRandom;
  cluster: Cluster;
  hosts: Host[] = [];
  frameworks: FakeFramework[] = [];
  /** Tasks that frameworks launched, by framework and id, and how they heard of their end. */
  #tasks = 0;
  #masters = 1;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.cluster = new Cluster(this.options());
    for (let i = 0; i < 4; i++) this.addAgent();
    for (let i = 0; i < 3; i++) this.addFramework();
  }

  options() {
    return { offerTimeoutMs: 20_000, unreachableTasksMax: 5, completedTasksMax: 5 };
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.random.int(list.length)];
  }

  addAgent(): void {
    const hostname = `h${this.hosts.length}`;
    this.hosts.push(new Host(this.cluster.agent({ hostname })));
  }

  addFramework(): void {
    const role = this.pick(["*", "eng", "eng/web"])!;
    const aware = this.random.int(2) === 0;
    const info = { role, ...(aware ? {} : { capabilities: [] }), failover_timeout: 40 };
    this.frameworks.push(this.cluster.subscribe(info));
  }

  /** Frameworks whose stream is open. */
  get open(): FakeFramework[] {
    return this.frameworks.filter(({ ended, id }) => !ended && id !== "");
  }

  launch(framework: FakeFramework): void {
    const offer = this.pick(framework.offers);
    if (!offer) return;
    const others = framework.offers.filter(
      ({ agent_id }) => agent_id.value === offer.agent_id.value,
    );
    const tasks = Array.from({ length: 1 + this.random.int(3) }, () =>
      task(
        offer.agent_id.value,
        `t${this.#tasks++}`,
        this.pick(["cpus:1;mem:100", "cpus:2;mem:3000;ports:[31001-31002]", "cpus:9"]),
      ),
    );
    framework.launch(this.random.int(2) === 0 ? [offer] : others, tasks, this.random.int(3) * 5);
  }

  reserve(framework: FakeFramework): void {
    const offer = this.pick(framework.offers);
    const role = offer?.allocation_info?.role;
    if (!offer || !role || role === "*") return;
    const resources = json(`cpus(${role},):1`);
    const type = this.random.int(2) === 0 ? "RESERVE" : "UNRESERVE";
    framework.accept(
      [offer],
      [type === "RESERVE" ? { type, reserve: { resources } } : { type, unreserve: { resources } }],
      0,
    );
  }

  breakStream(framework: FakeFramework): void {
    const { id } = framework;
    framework.disconnect();
    framework.ended = true;
    if (this.random.int(3) > 0) this.resubscribe(id);
  }

  resubscribe(id: string): void {
    const info = this.cluster.core.state.frameworks.get(id)?.record.info;
    if (info) this.frameworks.push(this.cluster.subscribe(info));
  }

  breakLink(host: Host): void {
    if (host.agent.isOpen) host.agent.close();
  }

  comeBack(host: Host): void {
    if (host.agent.isOpen) return;
    const { agent } = host;
    const held = [...host.tasks.values()];
    const infos = [...this.cluster.core.state.frameworks.values()].map(({ record }) => record.info);
    const known = new Map(infos.map((info) => [info.id?.value ?? "", info]));
    const unknown = new Set(held.map(({ framework }) => framework).filter((id) => !known.has(id)));
    const moved = this.cluster.stranger(agent.options);
    moved.id = agent.id;
    // The agent's own books say what it has: here the master's, as nothing fails on the way.
    const record = this.cluster.core.state.agents.get(agent.id)?.record;
    moved.resources = record?.resources ?? agent.resources;
    host.move(moved);
    moved.reregister({
      tasks: held.map(({ task }) => task),
      frameworks: [
        ...known.values(),
        ...Array.from(unknown, (value) => ({ id: { value }, user: "u", name: "old" })),
      ],
    });
    host.listen();
    if (moved.of("refused").some(({ reason }) => reason === "gone")) {
      this.hosts = this.hosts.filter((each) => each !== host);
    }
  }

  failover(): void {
    const ids = [...this.cluster.core.state.frameworks.keys()];
    const resources = new Map(
      this.hosts.map(({ agent }) => [
        agent.id,
        this.cluster.core.state.agents.get(agent.id)?.record.resources,
      ]),
    );
    const info = { ...masterInfo, id: `m${++this.#masters}` };
    this.cluster = this.cluster.failover({ ...this.options(), masterInfo: info });
    for (const host of this.hosts) {
      host.agent.isOpen = false;
      host.agent.resources = resources.get(host.agent.id) ?? host.agent.resources;
      if (this.random.int(4) > 0) this.comeBack(host);
    }
    for (const id of ids) if (this.random.int(4) > 0) this.resubscribe(id);
  }

  operate(): void {
    const agent = this.pick(this.hosts)?.agent;
    if (!agent) return;
    const agent_id = { value: agent.id };
    switch (this.random.int(7)) {
      case 0:
        this.cluster.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id } });
        break;
      case 1:
        this.cluster.operate({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
        break;
      case 2:
        this.cluster.operate({ type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } });
        break;
      case 3: {
        const limits = { cpus: { value: 1 + this.random.int(20) } };
        const quota_configs = [{ role: "eng", guarantees: { cpus: { value: 1 } }, limits }];
        this.cluster.operate({ type: "UPDATE_QUOTA", update_quota: { quota_configs } });
        break;
      }
      case 4: {
        const weight_infos = [{ role: "eng", weight: 1 + this.random.int(3) }];
        this.cluster.operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos } });
        break;
      }
      case 5: {
        const resources = json("cpus(eng,):1");
        const call = { agent_id, resources };
        this.cluster.operate({ type: "RESERVE_RESOURCES", reserve_resources: call });
        break;
      }
      case 6: {
        const windows =
          this.random.int(2) === 0
            ? []
            : [
                {
                  machine_ids: [{ hostname: agent.options.hostname ?? "" }],
                  unavailability: { start: { nanoseconds: 1e15 } },
                },
              ];
        this.cluster.operate({
          type: "UPDATE_MAINTENANCE_SCHEDULE",
          update_maintenance_schedule: { schedule: { windows } },
        });
        break;
      }
    }
  }

  move(): void {
    const framework = this.pick(this.open);
    const host = this.pick(this.hosts);
    const what = this.random.int(100);
    if (what < 25 && framework) this.launch(framework);
    else if (what < 45 && host) this.progress(host);
    else if (what < 60 && framework) framework.acknowledgeAll();
    else if (what < 65 && framework) this.decline(framework);
    else if (what < 69 && framework) this.reserve(framework);
    else if (what < 73 && host) this.breakLink(host);
    else if (what < 80 && host) this.comeBack(host);
    else if (what < 82 && framework) this.breakStream(framework);
    else if (what < 83 && framework && this.open.length > 1) framework.call({ type: "TEARDOWN" });
    else if (what < 84) this.addFramework();
    else if (what < 85) this.failover();
    else if (what < 89) this.operate();
    else if (what < 91 && framework) this.kill(framework);
    else this.cluster.advance(this.random.int(20_000));
    for (const each of this.hosts) {
      each.listen();
      if (each.agent.isOpen) each.agent.say({ type: "pong", sequence: 0 });
    }
  }

  decline(framework: FakeFramework): void {
    const offer_ids = framework.offers.map(({ id }) => id);
    framework.call({
      type: "DECLINE",
      decline: { offer_ids, filters: { refuse_seconds: this.random.int(30) } },
    });
  }

  kill(framework: FakeFramework): void {
    const ids = [...(this.cluster.core.state.frameworks.get(framework.id)?.tasks.keys() ?? [])];
    const value = this.pick(ids);
    if (value) framework.call({ type: "KILL", kill: { task_id: { value } } });
  }

  progress(host: Host): void {
    const key = this.pick([...host.tasks.keys()]);
    if (key) host.end(key, this.random.int(2) === 0 ? "TASK_RUNNING" : "TASK_FINISHED");
  }

  /** Everybody comes back, everything ends and is acknowledged. */
  quiesce(): void {
    for (const { record } of this.cluster.core.state.frameworks.values()) {
      if (record.connection.status !== "connected") this.resubscribe(record.id);
    }
    for (let round = 0; round < 6; round++) {
      for (const host of this.hosts) {
        this.comeBack(host);
        host.listen();
        for (const key of [...host.tasks.keys()]) host.end(key, "TASK_FINISHED");
        for (const framework of this.open) framework.acknowledgeAll();
        host.listen();
      }
      for (const host of this.hosts) {
        if (host.agent.isOpen) host.agent.say({ type: "pong", sequence: 0 });
      }
      this.cluster.advance(1_000);
    }
  }
}

describe.each(Array.from({ length: SEEDS }, (_, i) => i + 1))("seed %d", (seed) => {
  test("the books hold together, and nothing is left when everything has ended", () => {
    const world = new World(seed);
    for (let i = 0; i < MOVES; i++) world.move();
    world.quiesce();
    const { state } = world.cluster.core;
    for (const { record, tasks } of state.frameworks.values()) {
      expect([record.id, [...tasks.values()]]).toEqual([record.id, []]);
    }
    for (const { agent, tasks } of world.hosts)
      expect([agent.id, [...tasks]]).toEqual([agent.id, []]);
    expect(
      world.cluster.core
        .shares()
        .every(({ frameworks }) =>
          frameworks.every(
            ({ id, allocated }) => allocated.isEmpty || state.frameworks.get(id)!.offers.size > 0,
          ),
        ),
    ).toBe(true);
  });
});
