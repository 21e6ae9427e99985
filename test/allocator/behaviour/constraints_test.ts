import { describe, expect, test } from "vitest";
import type { AttributeConstraint, OfferConstraints } from "../../../src/allocator/mod.ts";
import { Cluster, codeOf, KERNELS, type Kernel } from "./cluster.ts";

const zone = { attribute: "zone" };
const any = (...groups: AttributeConstraint[][]): OfferConstraints => ({ groups });

/** Agents that a framework with these constraints is offered, of four. */
function offered(kernel: Kernel, constraints: OfferConstraints): string {
  const cluster = new Cluster(kernel);
  cluster.agent("plain", "cpus:1");
  cluster.agent("east1", "cpus:1", { attributes: { zone: "east-1", disk: "ssd" } });
  cluster.agent("east2", "cpus:1", { attributes: { zone: "east-2" } });
  cluster.agent("west1", "cpus:1", {
    attributes: { zone: "west-1", disk: "ssd" },
    domain: { region: "r", zone: "z" },
    hostname: "host-9",
  });
  cluster.framework("f", "role", { offerConstraints: { role: constraints } });
  cluster.run();
  const agents = cluster.offers.map(({ agentId }) => agentId).sort();
  for (const id of ["plain", "east1", "east2", "west1"]) {
    expect(cluster.why("f", id).code).toBe(agents.includes(id) ? "offered" : "constraint");
  }
  return agents.join(" ");
}

describe.each(KERNELS)("offer constraints (%s)", (kernel) => {
  const cases: [string, AttributeConstraint, string][] = [
    ["exists", { selector: zone, type: "exists" }, "east1 east2 west1"],
    ["not_exists", { selector: zone, type: "not_exists" }, "plain"],
    ["text_equals", { selector: zone, type: "text_equals", value: "east-1" }, "east1"],
    [
      "text_not_equals holds on an absent attribute",
      { selector: zone, type: "text_not_equals", value: "east-1" },
      "east2 plain west1",
    ],
    [
      "text_matches",
      { selector: zone, type: "text_matches", pattern: "east-[0-9]" },
      "east1 east2",
    ],
    ["text_matches the whole text", { selector: zone, type: "text_matches", pattern: "east" }, ""],
    [
      "text_not_matches holds on an absent attribute",
      { selector: zone, type: "text_not_matches", pattern: "east.*" },
      "plain west1",
    ],
  ];
  test.each(cases)("predicate: %s", (_, constraint, agents) => {
    expect(offered(kernel, any([constraint]))).toBe(agents);
  });

  test("groups are OR-ed, the constraints of a group are AND-ed", () => {
    const ssd: AttributeConstraint = {
      selector: { attribute: "disk" },
      type: "text_equals",
      value: "ssd",
    };
    const east: AttributeConstraint = {
      selector: zone,
      type: "text_matches",
      pattern: "east.*",
    };
    const none: AttributeConstraint = { selector: zone, type: "not_exists" };
    expect(offered(kernel, any([ssd, east]))).toBe("east1");
    expect(offered(kernel, any([ssd, east], [none]))).toBe("east1 plain");
  });

  test("no group at all holds nowhere", () => {
    expect(offered(kernel, any())).toBe("");
  });

  const pseudo: [string, AttributeConstraint, string][] = [
    [
      "HOSTNAME",
      { selector: { pseudo: "HOSTNAME" }, type: "text_equals", value: "host-9" },
      "west1",
    ],
    [
      "HOSTNAME is the id by default",
      { selector: { pseudo: "HOSTNAME" }, type: "text_matches", pattern: "east." },
      "east1 east2",
    ],
    ["REGION", { selector: { pseudo: "REGION" }, type: "exists" }, "west1"],
    [
      "ZONE",
      { selector: { pseudo: "ZONE" }, type: "text_not_equals", value: "z" },
      "east1 east2 plain",
    ],
  ];
  test.each(pseudo)("pseudo selector %s", (_, constraint, agents) => {
    expect(offered(kernel, any([constraint]))).toBe(agents);
  });

  test("they are per role: another role of the framework is not bound", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:1");
    cluster.framework("f", ["r1", "r2"], {
      offerConstraints: { r1: any([{ selector: zone, type: "exists" }]) },
    });
    expect(cluster.run()).toEqual(["f r2 a1 cpus:1"]);
  });

  test("they follow the agent's attributes and the framework's update", () => {
    const cluster = new Cluster(kernel);
    const constraints = any([{ selector: zone, type: "text_equals", value: "x" }]);
    cluster.agent("a1", "cpus:1");
    cluster.framework("f", "role", { offerConstraints: { role: constraints } });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateAgent("a1", { attributes: { zone: "x" } });
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
    cluster.declineAll(0);
    cluster.allocator.updateAgent("a1", { attributes: { zone: "y" } });
    expect(cluster.run()).toEqual([]);
    cluster.allocator.updateFramework("f", { offerConstraints: {} });
    expect(cluster.run()).toEqual(["f role a1 cpus:1"]);
  });

  test.each([
    ["a back-reference", "(a)\\1"],
    ["look-ahead", "(?=a)b"],
    ["a repeated repetition", "(a+)+"],
    ["four unbounded repetitions", "a*b*c*d*"],
    ["more than 256 characters", "a".repeat(257)],
    ["an open class", "[a"],
  ])("bounded patterns: %s is refused with invalid_pattern", (_, pattern) => {
    const cluster = new Cluster(kernel);
    const call = () => {
      cluster.framework("f", "role", {
        offerConstraints: { role: any([{ selector: zone, type: "text_matches", pattern }]) },
      });
    };
    expect(codeOf(call)).toBe("invalid_pattern");
    expect(cluster.allocator.stats().frameworks).toBe(0);
  });

  test("bounded patterns: an attribute of more than 256 characters matches none", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("long", "cpus:1", { attributes: { zone: "a".repeat(257) } });
    cluster.agent("short", "cpus:1", { attributes: { zone: "a".repeat(256) } });
    cluster.framework("f", "role", {
      offerConstraints: {
        role: any([{ selector: zone, type: "text_matches", pattern: "a*" }]),
      },
    });
    expect(cluster.run()).toEqual(["f role short cpus:1"]);
  });
});
