/** The allocator: WASM kernel, typed reference and plain-object model, on the shapes of Mesos's figures. */

import { Allocator, type Offer } from "fairlead/allocator";
import {
  AGENT,
  cycleContender,
  type Kernel,
  make,
  populate,
  Runner,
  type Subject,
  YEAR_MS,
} from "./allocator_world.ts";
import type { Case, Contender, Maker, Params, ProcessContender, Suite } from "./harness.ts";

const CYCLES: readonly Params[] = [
  { agents: 1_000, frameworks: 50 },
  { agents: 10_000, frameworks: 200 },
  { agents: 1_000, frameworks: 1_000 },
  { agents: 5_000, frameworks: 1_000 },
  { agents: 10_000, frameworks: 1_000 },
  { agents: 50_000, frameworks: 1_000 },
];

/** The model takes seconds at large sizes; it shows its distance at small ones. */
const NAIVE_PAIRS_MAX = 50_000;

function each(
  maker: (kernel: Kernel, params: Params) => Contender,
): Record<string, Maker<Contender>> {
  return {
    wasm: (params) => maker("wasm", params),
    typed: (params) => maker("typed", params),
    naive: (params) => {
      const pairs = Number(params.agents) * Number(params.frameworks);
      return pairs > NAIVE_PAIRS_MAX ? undefined : maker("naive", params);
    },
  };
}

/** Decline everything until nobody wants anything: every agent is filtered for every framework. */
function filterAll(subject: Subject): void {
  const runner = new Runner(subject);
  do {
    runner.run();
    if (runner.handles.length > 0) subject.decline(runner.handles, { refuseMs: YEAR_MS });
  } while (runner.handles.length > 0);
}

/** A cycle that looks at every agent and may offer nothing of it to anybody. */
function filteredContender(kernel: Kernel, params: Params): Contender {
  const subject = populate(make(kernel), params);
  filterAll(subject);
  subject.addFramework({ id: "bystander", roles: ["*"], suppressedRoles: ["*"] });
  const runner = new Runner(subject);
  return {
    // Any change of a framework makes the allocator look at all agents again.
    setup: () => {
      subject.updateFramework("bystander", { capabilities: [] });
      expectCandidates(subject, Number(params.agents));
    },
    run: () => runner.run(),
    answer: () => runner.handles.length,
  };
}

/** A cycle that offers nothing says nothing by itself: how many agents is it going to look at? */
function expectCandidates(subject: Subject, expected: number): void {
  if (!(subject instanceof Allocator)) return;
  const { candidates } = subject.stats();
  if (candidates === expected) return;
  throw new Error(`Cannot time the cycle: it looks at ${candidates} agents, expected ${expected}`);
}

function idleContender(kernel: Kernel, params: Params): Contender {
  const subject = populate(make(kernel), params);
  const runner = new Runner(subject);
  runner.run();
  const offered = runner.handles.length;
  expectCandidates(subject, 0);
  return {
    run: () => runner.run(),
    answer: () => `${offered} offers before, then ${runner.handles.length}`,
  };
}

/** A task that held a whole agent ends: its resources return, and a cycle offers them anew. */
function eventContender(kernel: Kernel, params: Params): Contender {
  const subject = populate(make(kernel), params);
  let allocation = subject.run();
  let task: Offer | undefined;
  return {
    setup: () => {
      task = allocation.offers()[0]!;
      subject.accept(task.handle, { used: task.resources });
    },
    run: () => {
      if (task) subject.release(task);
      allocation = subject.run();
    },
    answer: () => allocation.offers()[0]?.resources.toString() ?? "none",
  };
}

function declineContender(kernel: Kernel, params: Params): Contender {
  const subject = populate(make(kernel), params);
  const runner = new Runner(subject);
  let declined = 0;
  return {
    setup: () => {
      for (let i = 0; i < Number(params.frameworks); i++) {
        subject.revive(`framework-${String(i).padStart(33, "0")}`);
      }
      runner.run();
    },
    run: () => {
      declined = runner.handles.length;
      subject.decline(runner.handles, { refuseMs: YEAR_MS });
    },
    answer: () => declined,
  };
}

/** Half of the roles are sure of half an agent, half of one and a quarter; none may have more. */
function quotaContender(kernel: Kernel, params: Params): Contender {
  const subject = populate(make(kernel), params);
  for (let i = 0; i < Number(params.roles); i++) {
    const amount = i % 2 === 0 ? "cpus:12;mem:2048;disk:2048" : "cpus:30;mem:5120;disk:5120";
    subject.setQuota(`role${i}`, { guarantees: amount, limits: amount });
  }
  return cycleContender(subject);
}

/** Adds agents to so many roles and says how long that took and what it weighs. */
function rolesProcess(kernel: Kernel): Maker<ProcessContender> {
  return ({ agents, frameworks, roles }) => ({
    code: `
      import { Allocator } from "fairlead/allocator";
      const allocator = new Allocator({ kernel: "${kernel}" });
      globalThis.gc();
      const before = process.memoryUsage();
      for (let i = 0; i < ${frameworks}; i++) {
        allocator.addFramework({ id: "framework-" + i, roles: ["role" + (i % ${roles})] });
      }
      const ids = Array.from({ length: ${agents} }, (_, i) => "agent-" + String(i).padStart(33, "0"));
      const start = performance.now();
      for (const id of ids) allocator.addAgent({ id, resources: "${AGENT}" });
      const value = performance.now() - start;
      const { size } = allocator.run();
      globalThis.gc();
      const after = process.memoryUsage();
      const heapBytes = after.heapUsed - before.heapUsed;
      const columnBytes = allocator.stats().memoryBytes;
      const memoryBytes = heapBytes + columnBytes;
      console.log(JSON.stringify({ value, answer: size, memoryBytes, heapBytes, columnBytes }));`,
  });
}

/** From the import to the first cycle's offers. */
function coldProcess(kernel: Kernel): Maker<ProcessContender> {
  return ({ agents, frameworks }) => ({
    code: `
      const start = performance.now();
      const { Allocator } = await import("fairlead/allocator");
      const importMs = performance.now() - start;
      const allocator = new Allocator({ kernel: "${kernel}" });
      for (let i = 0; i < ${frameworks}; i++) allocator.addFramework({ id: "f" + i, roles: ["*"] });
      for (let i = 0; i < ${agents}; i++) allocator.addAgent({ id: "a" + i, resources: "${AGENT}" });
      const filledMs = performance.now() - start;
      const { size } = allocator.run();
      const value = performance.now() - start;
      console.log(JSON.stringify({ value, answer: size, importMs, cycleMs: value - filledMs }));`,
  });
}

const cases: readonly Case[] = [
  {
    name: "cycle",
    about: "full-semantics cycle, all agents free, one role",
    sweep: CYCLES,
    quick: [{ agents: 500, frameworks: 50 }],
    growth: "agents",
    items: ({ agents }) => Number(agents),
    contenders: each((kernel, params) => cycleContender(populate(make(kernel), params))),
  },
  {
    name: "filtered",
    about: "a cycle over all agents, every (agent, framework) filtered",
    sweep: [
      { agents: 1_000, frameworks: 50 },
      { agents: 5_000, frameworks: 50 },
    ],
    quick: [{ agents: 200, frameworks: 10 }],
    growth: "agents",
    contenders: each(filteredContender),
  },
  {
    name: "idle",
    about: "a cycle after which nothing has changed",
    unit: "us",
    sweep: [
      { agents: 1_000, frameworks: 50 },
      { agents: 10_000, frameworks: 200 },
    ],
    quick: [{ agents: 500, frameworks: 50 }],
    growth: "agents",
    contenders: each(idleContender),
  },
  {
    name: "event",
    about: "one task ends: release and the cycle that offers its resources anew",
    unit: "us",
    sweep: [
      { agents: 1_000, frameworks: 50 },
      { agents: 10_000, frameworks: 200 },
    ],
    quick: [{ agents: 500, frameworks: 50 }],
    growth: "agents",
    contenders: each(eventContender),
  },
  {
    name: "decline",
    about: "decline every offer with a filter",
    sweep: [
      { agents: 1_000, frameworks: 50 },
      { agents: 10_000, frameworks: 1_000 },
    ],
    quick: [{ agents: 500, frameworks: 50 }],
    growth: "agents",
    items: ({ agents }) => Number(agents),
    contenders: each(declineContender),
  },
  {
    name: "quota",
    about: "every role has a quota, half of them small, half larger than an agent",
    sweep: [
      { roles: 300, agents: 300, frameworks: 300 },
      { roles: 3_000, agents: 3_000, frameworks: 3_000 },
    ],
    quick: [{ roles: 50, agents: 50, frameworks: 50 }],
    growth: "agents",
    contenders: each(quotaContender),
  },
  {
    name: "roles",
    about: "time to add all agents, and memory, with a framework in each role",
    measure: "process",
    unit: "ms",
    sweep: [
      { agents: 1_000, frameworks: 1_000, roles: 1_000 },
      { agents: 10_000, frameworks: 1_000, roles: 1_000 },
    ],
    quick: [{ agents: 500, frameworks: 50, roles: 50 }],
    samples: 5,
    growth: "agents",
    contenders: { wasm: rolesProcess("wasm"), typed: rolesProcess("typed") },
  },
  {
    name: "cold",
    about: "new process: import, add everything, first cycle",
    measure: "process",
    unit: "ms",
    sweep: [{ agents: 5_000, frameworks: 200 }],
    quick: [{ agents: 500, frameworks: 50 }],
    samples: 15,
    growth: "agents",
    contenders: { wasm: coldProcess("wasm"), typed: coldProcess("typed") },
  },
];

/** `npm run bench -- allocator` */
export const suite: Suite = { name: "allocator", cases };
