import { describe, expect, test } from "vitest";
import { type Allocator, applyCall } from "../../src/allocator/mod.ts";
import { FairleadError } from "../../src/base/mod.ts";
import { Resources } from "../../src/resources/mod.ts";
import { busy } from "./behaviour/bad_calls.ts";
import { Cluster, codeOf } from "./behaviour/cluster.ts";

/** What JavaScript sees: methods that take anything. */
type Untyped = Record<string, (...given: unknown[]) => unknown>;

type Case = readonly [method: string, field: string, ...given: unknown[]];

const task = { agentId: "a1", frameworkId: "f", role: "r", resources: "cpus:1" };
const held = { frameworkId: "f", role: "r", resources: "cpus:1" };
const agent = (more: object) => ({ id: "x", resources: "cpus:1", ...more });
const framework = (more: object) => ({ id: "x", roles: ["r"], ...more });
/** Stands for the handle of the outstanding offer. */
const OFFER = Symbol("offer");

const agentCases: Case[] = [
  ["addAgent", "spec"],
  ["addAgent", "spec", null],
  ["addAgent", "spec", "a"],
  ["addAgent", "spec", []],
  ["addAgent", "id", { resources: "cpus:1" }],
  ["addAgent", "id", agent({ id: 7 })],
  ["addAgent", "resources", { id: "x" }],
  ["addAgent", "resources", agent({ resources: null })],
  ["addAgent", "resources", agent({ resources: { cpus: 1 } })],
  ["addAgent", "resource", agent({ resource: "cpus:1" })],
  ["addAgent", "active", agent({ active: "yes" })],
  ["addAgent", "hostname", agent({ hostname: 7 })],
  ["addAgent", "capabilities", agent({ capabilities: "MULTI_ROLE" })],
  ["addAgent", "capabilities[1]", agent({ capabilities: ["MULTI_ROLE", "GPU_RESOURCES"] })],
  ["addAgent", "attributes", agent({ attributes: null })],
  ["addAgent", "attributes", agent({ attributes: ["rack"] })],
  ["addAgent", "attributes", agent({ attributes: new Map([["rack", "r1"]]) })],
  ["addAgent", "attributes.rack", agent({ attributes: { rack: 7 } })],
  ["addAgent", "domain", agent({ domain: null })],
  ["addAgent", "domain", agent({ domain: "eu" })],
  ["addAgent", "domain.region", agent({ domain: { zone: "z" } })],
  ["addAgent", "domain.zone", agent({ domain: { region: "r", zone: 1 } })],
  ["addAgent", "used", agent({ used: held })],
  ["addAgent", "used[0]", agent({ used: [null] })],
  ["addAgent", "used[1].resources", agent({ used: [held, { ...held, resources: 1 }] })],
  ["addAgent", "used[0].role", agent({ used: [{ ...held, role: undefined }] })],
  ["addAgent", "used[0].frameworkId", agent({ used: [{ ...held, frameworkId: 1 }] })],
  ["addAgent", "used[0].framework", agent({ used: [{ ...held, framework: "f" }] })],
  ["addAgent", "unavailability", agent({ unavailability: null })],
  ["addAgent", "endMs", agent({ unavailability: { startMs: 1, endMs: 2 } })],
  ["updateAgent", "update", "a1"],
  ["updateAgent", "update", "a1", null],
  ["updateAgent", "active", "a1", { active: false }],
  ["updateAgent", "resources", "a1", { resources: 8 }],
  ["updateAgent", "hostname", "a1", { hostname: null }],
  ["updateAgent", "attributes.rack", "a1", { hostname: "new", attributes: { rack: 7 } }],
  ["updateAgent", "attributes.rack", "a1", { domain: null, attributes: { rack: 7 } }],
  ["updateAgent", "capabilities[0]", "a1", { capabilities: ["ALL"] }],
  ["updateAgent", "domain.zone", "a1", { domain: { region: "r" } }],
  ["setWhitelist", "ids", "a1"],
  ["setWhitelist", "ids", null],
  ["setWhitelist", "ids", { a1: true }],
  ["setWhitelist", "ids[1]", new Set(["a1", 2])],
  ["addResourceProvider", "resources", "a1"],
  ["addResourceProvider", "used", "a1", "cpus:1", null],
  ["addResourceProvider", "used[0].resources", "a1", "cpus:1", [{ ...held, resources: {} }]],
  ["removeResourceProvider", "resources", "a1", 1],
  ["updateAvailable", "from", "a1", undefined, "cpus:1"],
  ["updateAvailable", "to", "a1", "cpus:1", { cpus: 1 }],
  ["setUnavailability", "unavailability", "a1", null],
  ["setUnavailability", "unavailability.startMs", "a1", { startMs: "1" }],
  ["setUnavailability", "unavailability.durationMs", "a1", { startMs: 1, durationMs: "1" }],
  ["setUnavailability", "duration", "a1", { startMs: 1, duration: 1 }],
  ["expectAgents", "expected"],
  ["expectAgents", "timeout", { count: 1, timeout: 5 }],
];

const frameworkCases: Case[] = [
  ["addFramework", "spec"],
  ["addFramework", "id", framework({ id: 7 })],
  ["addFramework", "roles", { id: "x" }],
  ["addFramework", "roles", framework({ roles: "web" })],
  ["addFramework", "roles", framework({ roles: ["r", "s", "r"] })],
  ["addFramework", "roles[0]", framework({ roles: [7] })],
  ["addFramework", "role", framework({ role: "r" })],
  ["addFramework", "active", framework({ active: 1 })],
  ["addFramework", "suppressedRoles", framework({ suppressedRoles: "r" })],
  ["addFramework", "suppressedRoles[0]", framework({ suppressedRoles: [null] })],
  ["addFramework", "capabilities", framework({ capabilities: "GPU_RESOURCES" })],
  ["addFramework", "capabilities[0]", framework({ capabilities: ["GPU"] })],
  ["addFramework", "minAllocatable", framework({ minAllocatable: ["cpus:1"] })],
  ["addFramework", "minAllocatable.r", framework({ minAllocatable: { r: "cpus:1" } })],
  ["addFramework", "minAllocatable.r[0]", framework({ minAllocatable: { r: [{ cpus: 1 }] } })],
  ["addFramework", "offerConstraints", framework({ offerConstraints: [] })],
  ["addFramework", "offerConstraints.r", framework({ offerConstraints: { r: null } })],
  ["addFramework", "offerConstraints.r.groups", framework({ offerConstraints: { r: {} } })],
  [
    "addFramework",
    "offerConstraints.r.groups[0]",
    framework({ offerConstraints: { r: { groups: [{}] } } }),
  ],
  [
    "addFramework",
    "offerConstraints.r.groups[0][0]",
    framework({ offerConstraints: { r: { groups: [[null]] } } }),
  ],
  [
    "addFramework",
    "offerConstraints.r.groups[0][0].selector",
    framework({ offerConstraints: { r: { groups: [[{ type: "exists" }]] } } }),
  ],
  ["updateFramework", "update", "f"],
  ["updateFramework", "id", "f", { id: "g" }],
  ["updateFramework", "active", "f", { active: false }],
  ["updateFramework", "roles", "f", { roles: "r" }],
  ["updateFramework", "roles", "f", { roles: ["r", "r"] }],
  ["updateFramework", "capabilities[0]", "f", { capabilities: [undefined] }],
  ["suppress", "roles", "f", "r"],
  ["suppress", "roles", "f", null],
  ["revive", "roles[0]", "f", [1]],
  ["setWeight", "role", undefined, 2],
  ["setQuota", "role", 7, {}],
  ["setQuota", "quota", "r"],
  ["setQuota", "guarantee", "r", { guarantee: "cpus:1" }],
  ["setQuota", "guarantees", "r", { guarantees: 5 }],
  ["setQuota", "limits", "r", { limits: { cpus: 5 } }],
];

const offerCases: Case[] = [
  ["decline", "handles"],
  ["decline", "handles", null],
  ["decline", "handles", "1"],
  ["decline", "handles[1]", [OFFER, "1"]],
  ["decline", "options", OFFER, null],
  ["decline", "options", OFFER, 5000],
  ["decline", "refuseMS", OFFER, { refuseMS: 1 }],
  ["decline", "refuseMs", OFFER, { refuseMs: "1" }],
  ["decline", "refuseMs", OFFER, { refuseMs: null }],
  ["rescind", "handles"],
  ["rescind", "handles[0]", [1n]],
  ["accept", "handle"],
  ["accept", "acceptance", OFFER, null],
  ["accept", "use", OFFER, { use: "cpus:1" }],
  ["accept", "used", OFFER, { used: { cpus: 1 } }],
  ["accept", "refuseMs", OFFER, { refuseMs: "1" }],
  ["accept", "converted", OFFER, { converted: { from: "cpus:1", to: "cpus:1" } }],
  ["accept", "converted[0]", OFFER, { converted: [null] }],
  ["accept", "converted[0].from", OFFER, { converted: [{ to: "cpus:1" }] }],
  ["accept", "converted[0].to", OFFER, { converted: [{ from: "cpus:1", to: 1 }] }],
  ["release", "freed"],
  ["release", "resources", { ...task, resources: undefined }],
  ["release", "role", { ...task, role: null }],
  ["answerInverseOffer", "status", "a1", "f", "MAYBE"],
  ["answerInverseOffer", "status", "a1", "f"],
  ["answerInverseOffer", "refuseMS", "a1", "f", "ACCEPT", { refuseMS: 1 }],
];

const cases = [...agentCases, ...frameworkCases, ...offerCases].map(([method, field, ...given]) => {
  return { method, field, given };
});

/** What a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Equal bytes; `toEqual` takes a second for as many. */
function expectSame(after: Uint8Array, before: Uint8Array): void {
  expect(after.length).toBe(before.length);
  expect(after.findIndex((byte, i) => byte !== before[i])).toBe(-1);
}

function withHandle(given: unknown, handle: number): unknown {
  if (Array.isArray(given)) return given.map((part) => withHandle(part, handle));
  return given === OFFER ? handle : given;
}

/** The method of an allocator, for arguments that its type forbids. */
function methodOf(allocator: Allocator, method: string): (...given: unknown[]) => unknown {
  return (allocator as unknown as Untyped)[method]!.bind(allocator);
}

describe("calls from JavaScript", () => {
  test.each(cases)("$method() names $field: $given", ({ method, field, given }) => {
    const cluster = busy("typed");
    const before = cluster.allocator.snapshot();
    const args = given.map((part) => withHandle(part, cluster.handle()));
    const error = thrown(() => methodOf(cluster.allocator, method)(...args));
    expect(error).toBeInstanceOf(FairleadError);
    expect(error).toMatchObject({ code: "invalid_argument", details: { field } });
    expect(String(error)).toContain(field);
    expectSame(cluster.allocator.snapshot(), before);
  });

  test.each([undefined, null, "run", {}, { call: "addAgents" }, { call: "toString" }])(
    "applyCall() refuses what no method answers to: %s",
    (call) => {
      const { allocator } = busy("typed");
      const before = allocator.snapshot();
      expect(codeOf(() => applyCall(allocator, call as never))).toBe("invalid_argument");
      expectSame(allocator.snapshot(), before);
    },
  );

  test("a message says what is allowed and what was found", () => {
    const { allocator } = new Cluster("typed");
    const add = methodOf(allocator, "addFramework");
    expect(() => add({ id: "x", roles: "web" })).toThrow(
      'Cannot add a framework: roles must be a list of texts, not "web"',
    );
    expect(() => add({ id: "x", role: "web" })).toThrow(
      "role is not a known field; allowed are id, roles, suppressedRoles",
    );
  });
});

describe("what is odd and right", () => {
  test("names that every object has are names like others", () => {
    const cluster = new Cluster("typed");
    const names = ["__proto__", "constructor", "toString"];
    for (const name of names) {
      cluster.framework(name, name, { minAllocatable: {}, offerConstraints: {} });
      cluster.allocator.updateFramework(name, { capabilities: [] });
      cluster.agent(name, "cpus:1", { attributes: { [name]: "x" } });
    }
    expect(cluster.run()).toHaveLength(3);
  });

  test("a field that is undefined is left out", () => {
    const cluster = new Cluster("typed");
    const nothing = { roles: undefined, capabilities: undefined } as object;
    cluster.framework("f", ["r"]);
    cluster.allocator.updateFramework("f", nothing);
    cluster.agent("a", "cpus:1", { used: undefined, domain: undefined } as object);
    expect(cluster.run()).toHaveLength(1);
  });

  test("resources are text or typed wherever they are asked for", () => {
    const cluster = new Cluster("typed");
    const { allocator } = cluster;
    cluster.framework("f", ["r"]);
    allocator.addAgent({ id: "a", resources: "cpus:4", used: [held] });
    allocator.updateAvailable("a", "cpus:1", Resources.parse("cpus(r,):1"));
    cluster.run();
    cluster.accept({ converted: [{ from: "cpus:1", to: "cpus(r,):1" }], used: "cpus(r,):2" });
    expect(allocator.shares()[0]!.allocated.get("cpus")).toBe(3000);
  });
});
