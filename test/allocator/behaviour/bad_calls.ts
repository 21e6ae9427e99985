import type { AllocatorCall } from "../../../src/allocator/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { Cluster, held, type Kernel, shared } from "./cluster.ts";

/** A call that must fail, given the handle of the only outstanding offer of `busy`. */
export interface BadCall {
  readonly code: string;
  readonly shown: string;
  readonly call: (handle: number) => AllocatorCall;
}

const text = (resources: string) => Resources.parse(resources);
const VOLUME = shared("r", "v", 5);

/** A cluster with something of everything; the last run made one offer, to "f" on "a1". */
export function busy(kernel: Kernel): Cluster {
  const cluster = new Cluster(kernel);
  cluster.allocator.setQuota("eng", { guarantees: "cpus:2", limits: "cpus:4" });
  cluster.allocator.setQuota("eng/web", { guarantees: "cpus:1" });
  cluster.allocator.setWeight("r", 2);
  cluster.framework("f", ["r", "r/s"], { suppressedRoles: ["r/s"] });
  cluster.framework("g", "eng/web", { active: false });
  cluster.agent("a1", `cpus:8;mem:64;ports:[1-10];${VOLUME}`, {
    used: [held("f", "r", `cpus:1;${VOLUME}`)],
  });
  cluster.agent("a2", "cpus:2", { used: [held("f", "r", "cpus:2")] });
  cluster.run();
  return cluster;
}

const NOWHERE = 16_777_217 * 99;

/** By code: calls that fail with it, given the handle of the outstanding offer. */
const agentCalls: [string, AllocatorCall][] = [
  ["duplicate_agent", { call: "addAgent", spec: { id: "a1", resources: "cpus:1" } }],
  ["invalid_argument", { call: "addAgent", spec: { id: "", resources: "cpus:1" } }],
  ["invalid_resource", { call: "addAgent", spec: { id: "x", resources: "cpus:-1" } }],
  ["invalid_resource", { call: "addAgent", spec: { id: "x", resources: "cpus:NaN" } }],
  ["invalid_resource", { call: "addAgent", spec: { id: "x", resources: "new:1;cpus:[1-2]" } }],
  [
    "invalid_resource",
    {
      call: "addAgent",
      spec: { id: "x", resources: Array.from({ length: 33 }, (_, i) => `k${i}:1`).join(";") },
    },
  ],
  ["invalid_role", { call: "addAgent", spec: { id: "x", resources: "cpus(a/../b):1" } }],
  [
    "invalid_role",
    {
      call: "addAgent",
      spec: { id: "x", resources: "cpus:1", used: [held("f", "a//b", "cpus:1")] },
    },
  ],
  [
    "invalid_argument",
    { call: "addAgent", spec: { id: "x", resources: "cpus:1", used: [held("", "a", "cpus:1")] } },
  ],
  [
    "invalid_resource",
    {
      call: "addAgent",
      spec: { id: "x", resources: "cpus:1", used: [held("f", "a", "mem:[1-2]")] },
    },
  ],
  [
    "invalid_argument",
    {
      call: "addAgent",
      spec: { id: "x", resources: "cpus:1", unavailability: { startMs: Number.NaN } },
    },
  ],
  ["unknown_agent", { call: "updateAgent", id: "x", update: { resources: "cpus:1" } }],
  ["invalid_resource", { call: "updateAgent", id: "a1", update: { resources: "ports:3" } }],
  [
    "invalid_resource",
    { call: "updateAgent", id: "a1", update: { resources: "cpus:-1", hostname: "new" } },
  ],
  [
    "invalid_resource",
    { call: "updateAgent", id: "a1", update: { resources: "mem:[1-2]", hostname: "new" } },
  ],
  ["unknown_agent", { call: "removeAgent", id: "x" }],
  ["unknown_agent", { call: "activateAgent", id: "x" }],
  ["unknown_agent", { call: "deactivateAgent", id: "x" }],
  ["unknown_agent", { call: "addResourceProvider", agentId: "x", resources: "cpus:1" }],
  ["invalid_resource", { call: "addResourceProvider", agentId: "a1", resources: "ports:1" }],
  ["invalid_resource", { call: "addResourceProvider", agentId: "a1", resources: VOLUME }],
  [
    "invalid_role",
    {
      call: "addResourceProvider",
      agentId: "a1",
      resources: "cpus:1",
      used: [held("f", "-a", "cpus:1")],
    },
  ],
  ["unknown_agent", { call: "removeResourceProvider", agentId: "x", resources: "cpus:1" }],
  [
    "resources_not_available",
    { call: "removeResourceProvider", agentId: "a1", resources: "cpus:3" },
  ],
  [
    "resources_not_available",
    { call: "removeResourceProvider", agentId: "a2", resources: "disk:1" },
  ],
  [
    "unknown_agent",
    { call: "updateAvailable", agentId: "x", from: text("cpus:1"), to: text("cpus:1") },
  ],
  [
    "invalid_conversion",
    { call: "updateAvailable", agentId: "a1", from: text("cpus:1"), to: text("cpus(r,):2") },
  ],
  [
    "resources_not_available",
    { call: "updateAvailable", agentId: "a1", from: text("cpus:3"), to: text("cpus(r,):3") },
  ],
  ["unknown_agent", { call: "setUnavailability", agentId: "x", unavailability: { startMs: 1 } }],
  [
    "invalid_argument",
    { call: "setUnavailability", agentId: "a1", unavailability: { startMs: 1, durationMs: -1 } },
  ],
  ["invalid_argument", { call: "expectAgents", expected: { count: -1 } }],
  ["invalid_argument", { call: "expectAgents", expected: { count: 1, factor: 1.1 } }],
  ["invalid_argument", { call: "expectAgents", expected: { count: 1, timeoutMs: Number.NaN } }],
];

const exists = { selector: { attribute: "a" }, type: "exists" } as const;
const frameworkCalls: [string, AllocatorCall][] = [
  ["duplicate_framework", { call: "addFramework", spec: { id: "f", roles: ["new"] } }],
  ["invalid_argument", { call: "addFramework", spec: { id: "", roles: ["new"] } }],
  ["invalid_argument", { call: "addFramework", spec: { id: "x", roles: [] } }],
  ["invalid_role", { call: "addFramework", spec: { id: "x", roles: ["new", "a/.."] } }],
  [
    "invalid_role",
    { call: "addFramework", spec: { id: "x", roles: [Array(33).fill("d").join("/")] } },
  ],
  [
    "unknown_role",
    { call: "addFramework", spec: { id: "x", roles: ["a"], suppressedRoles: ["b"] } },
  ],
  [
    "invalid_resource",
    { call: "addFramework", spec: { id: "x", roles: ["a"], minAllocatable: { a: ["cpus:-1"] } } },
  ],
  [
    "invalid_argument",
    { call: "addFramework", spec: { id: "x", roles: ["a"], minAllocatable: { b: [] } } },
  ],
  [
    "invalid_argument",
    {
      call: "addFramework",
      spec: { id: "x", roles: ["a"], offerConstraints: { b: { groups: [[exists]] } } },
    },
  ],
  [
    "invalid_argument",
    {
      call: "addFramework",
      spec: { id: "x", roles: ["a"], offerConstraints: { a: { groups: [[]] } } },
    },
  ],
  [
    "invalid_pattern",
    {
      call: "addFramework",
      spec: {
        id: "x",
        roles: ["a"],
        offerConstraints: {
          a: { groups: [[{ ...exists, type: "text_matches", pattern: "(a+)+" }]] },
        },
      },
    },
  ],
  ["unknown_framework", { call: "updateFramework", id: "x", update: { roles: ["a"] } }],
  ["invalid_argument", { call: "updateFramework", id: "f", update: { roles: [] } }],
  ["invalid_role", { call: "updateFramework", id: "f", update: { roles: ["r", " "] } }],
  ["unknown_role", { call: "updateFramework", id: "f", update: { suppressedRoles: ["zz"] } }],
  [
    "invalid_resource",
    { call: "updateFramework", id: "f", update: { minAllocatable: { r: ["cpus:x"] } } },
  ],
  ["unknown_framework", { call: "removeFramework", id: "x" }],
  ["unknown_framework", { call: "activateFramework", id: "x" }],
  ["unknown_framework", { call: "deactivateFramework", id: "x" }],
  ["unknown_framework", { call: "suppress", id: "x" }],
  ["unknown_role", { call: "suppress", id: "f", roles: ["r", "zz"] }],
  ["unknown_framework", { call: "revive", id: "x" }],
  ["unknown_role", { call: "revive", id: "f", roles: ["r/s", "zz"] }],
];

const roleCalls: [string, AllocatorCall][] = [
  ["invalid_role", { call: "setWeight", role: "a/", weight: 2 }],
  ["invalid_weight", { call: "setWeight", role: "new", weight: 0 }],
  ["invalid_weight", { call: "setWeight", role: "new", weight: -1 }],
  ["invalid_weight", { call: "setWeight", role: "r", weight: Number.NaN }],
  ["invalid_weight", { call: "setWeight", role: "r", weight: Number.POSITIVE_INFINITY }],
  ["invalid_role", { call: "setQuota", role: "/a", quota: { limits: "cpus:1" } }],
  ["invalid_quota", { call: "setQuota", role: "new", quota: { limits: "cpus:-1" } }],
  ["invalid_quota", { call: "setQuota", role: "new", quota: { guarantees: "cpus:x" } }],
  [
    "invalid_quota",
    { call: "setQuota", role: "new", quota: { guarantees: "cpus:2", limits: "cpus:1" } },
  ],
  // nothing guaranteed above it
  ["invalid_quota", { call: "setQuota", role: "new/kid", quota: { guarantees: "cpus:1" } }],
  // with its sibling's it is more than the parent's
  ["invalid_quota", { call: "setQuota", role: "eng/db", quota: { guarantees: "cpus:1.001" } }],
  ["invalid_quota", { call: "setQuota", role: "eng/db", quota: { limits: "cpus:5" } }],
  ["invalid_quota", { call: "setQuota", role: "eng", quota: { guarantees: "cpus:0.5" } }],
  [
    "invalid_quota",
    { call: "setQuota", role: "eng", quota: { guarantees: "cpus:2", limits: "cpus:0.5" } },
  ],
  ["unknown_role", { call: "removeQuota", role: "r" }],
  ["invalid_quota", { call: "removeQuota", role: "eng" }],
];

const offerCalls: [string, (handle: number) => AllocatorCall][] = [
  ["unknown_offer", (handle) => ({ call: "decline", handles: [handle, NOWHERE] })],
  ["unknown_offer", (handle) => ({ call: "decline", handles: [handle, handle] })],
  ["unknown_offer", () => ({ call: "decline", handles: [Number.NaN] })],
  ["invalid_argument", (handle) => ({ call: "decline", handles: [handle], refuseMs: -1 })],
  ["invalid_argument", (handle) => ({ call: "decline", handles: [handle], refuseMs: Number.NaN })],
  ["unknown_offer", (handle) => ({ call: "rescind", handles: [handle, -1] })],
  ["unknown_offer", () => ({ call: "accept", handle: NOWHERE, acceptance: {} })],
  ["invalid_argument", (handle) => ({ call: "accept", handle, acceptance: { refuseMs: -1 } })],
  ["invalid_resource", (handle) => ({ call: "accept", handle, acceptance: { used: "cpus:x" } })],
  ["resources_not_held", (handle) => ({ call: "accept", handle, acceptance: { used: "cpus:9" } })],
  [
    "resources_not_held",
    (handle) => ({ call: "accept", handle, acceptance: { used: text("cpus:1").allocate("zz") } }),
  ],
  [
    "resources_not_held",
    (handle) => ({
      call: "accept",
      handle,
      acceptance: {
        converted: [{ from: text("cpus:1"), to: text("cpus(r,):1") }],
        used: "cpus(r,):2",
      },
    }),
  ],
  [
    "invalid_conversion",
    (handle) => ({
      call: "accept",
      handle,
      acceptance: { converted: [{ from: text("cpus:1"), to: text("cpus(r,):2") }] },
    }),
  ],
  [
    "invalid_conversion",
    (handle) => ({
      call: "accept",
      handle,
      acceptance: {
        converted: [
          { from: text("cpus:1"), to: text("cpus(r,):1") },
          { from: text("cpus:100"), to: text("cpus(r,):100") },
        ],
      },
    }),
  ],
  ...releases(),
  ...answers(),
];

function releases(): [string, () => AllocatorCall][] {
  const task = { agentId: "a1", frameworkId: "f", role: "r", resources: "cpus:1" };
  return [
    ["unknown_agent", () => ({ call: "release", ...task, agentId: "x" })],
    ["unknown_framework", () => ({ call: "release", ...task, frameworkId: "x" })],
    ["resources_not_held", () => ({ call: "release", ...task, role: "r/s" })],
    ["resources_not_held", () => ({ call: "release", ...task, resources: "cpus:1.001" })],
    ["resources_not_held", () => ({ call: "release", ...task, resources: `${VOLUME};cpus:2` })],
    ["invalid_resource", () => ({ call: "release", ...task, resources: "cpus" })],
  ];
}

function answers(): [string, () => AllocatorCall][] {
  const answer = { agentId: "a1", frameworkId: "f", status: "ACCEPT" } as const;
  return [
    ["unknown_agent", () => ({ call: "answerInverseOffer", ...answer, agentId: "x" })],
    ["unknown_framework", () => ({ call: "answerInverseOffer", ...answer, frameworkId: "x" })],
    ["unknown_offer", () => ({ call: "answerInverseOffer", ...answer })],
    ["invalid_argument", () => ({ call: "answerInverseOffer", ...answer, refuseMs: -1 })],
  ];
}

/** At least one for every error code of every call that changes something. */
export const badCalls: BadCall[] = [
  ...agentCalls,
  ...frameworkCalls,
  ...roleCalls,
  ...offerCalls,
].map(([code, given]) => {
  const call = typeof given === "function" ? given : () => given;
  const shown = JSON.stringify(call(0), (_, value) => {
    return value instanceof Resources ? String(value) : value;
  });
  return { code, shown, call };
});
