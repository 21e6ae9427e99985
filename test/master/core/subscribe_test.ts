import { describe, expect, test } from "vitest";
import { Cluster, task } from "./cluster.ts";

const MULTI = [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }];

describe("SUBSCRIBE", () => {
  test("without an id gives ids in order and publishes the framework", () => {
    const cluster = new Cluster();
    const [first, second] = [cluster.subscribe(), cluster.subscribe({ id: { value: "" } })];
    expect([first.id, second.id]).toEqual(["m1-0000", "m1-0001"]);
    expect(cluster.changes.map(({ type }) => type)).toEqual(["framework_added", "framework_added"]);
    expect(cluster.registry.read("frameworks/m1-0000")).toMatchObject({ info: { name: "f" } });
  });

  test("with an id that no agent and no registry knows takes the framework in", () => {
    const cluster = new Cluster();
    const framework = cluster.subscribe({ id: { value: "old-0007" } });
    expect(framework.id).toBe("old-0007");
    expect(cluster.core.state.frameworks.has("old-0007")).toBe(true);
  });

  test("again ends the old stream with an ERROR and keeps the tasks", () => {
    const cluster = new Cluster();
    const agent = cluster.agent();
    const old = cluster.subscribe();
    cluster.settle();
    old.launch(old.offers, [task(agent.id, "t1")]);
    cluster.settle();
    cluster.advance(6_000);
    expect(old.offers.length).toBe(1);
    const renewed = cluster.subscribe({ id: { value: old.id } });
    expect(old.errors).toEqual(["Framework failed over"]);
    expect(old.ended).toBe(true);
    expect(old.of("RESCIND")).toEqual([]);
    expect(renewed.id).toBe(old.id);
    expect(cluster.core.state.frameworks.get(old.id)?.tasks.has("t1")).toBe(true);
    cluster.settle();
    expect(renewed.offers.length).toBe(1);
    agent.update(renewed, "t1", "TASK_RUNNING");
    expect(renewed.statesOf("t1")).toEqual(["TASK_RUNNING"]);
    // The old stream's end, when it is heard of, changes nothing.
    old.disconnect();
    expect(cluster.core.state.frameworks.get(old.id)?.record.connection.status).toBe("connected");
  });

  test("tells agents that run something of it what changed about the framework", () => {
    const cluster = new Cluster();
    const [agent, other] = [cluster.agent(), cluster.agent({ hostname: "b" })];
    const old = cluster.subscribe();
    cluster.settle();
    old.launch(
      old.offers.filter(({ agent_id }) => agent_id.value === agent.id),
      [task(agent.id, "t1")],
    );
    cluster.subscribe({ id: { value: old.id }, name: "renamed" });
    expect(agent.of("framework")).toMatchObject([{ framework: { name: "renamed" } }]);
    expect(other.of("framework")).toEqual([]);
    expect(cluster.changes.at(-1)).toMatchObject({
      type: "framework_updated",
      framework: { info: { name: "renamed" } },
    });
  });

  test("keeps user and checkpoint of a framework that comes back", () => {
    const cluster = new Cluster();
    const old = cluster.subscribe({ user: "alice", checkpoint: true });
    cluster.subscribe({ id: { value: old.id }, user: "bob", checkpoint: false });
    const { info } = cluster.core.state.frameworks.get(old.id)!.record;
    expect(info).toMatchObject({ user: "alice", checkpoint: true });
  });

  test("takes the authenticated principal over, and refuses another one", () => {
    const cluster = new Cluster();
    const framework = cluster.subscribe({}, { principal: "p" });
    expect(cluster.core.state.frameworks.get(framework.id)?.record.info.principal).toBe("p");
    const wrong = cluster.subscribe({ principal: "q" }, { principal: "p" });
    expect(wrong.errors[0]).toContain("does not match principal 'q'");
    expect(wrong.ended).toBe(true);
    const changed = cluster.subscribe({ id: { value: framework.id }, principal: "r" });
    expect(changed.errors).toEqual(["Changing framework's principal is not allowed."]);
  });

  test("is refused for roles that it may not register in", () => {
    const authorize = (_: string | undefined, action: string, role?: string) =>
      action !== "register_frameworks" || role !== "secret";
    const cluster = new Cluster({ authorize });
    const framework = cluster.subscribe({ roles: ["open", "secret"], capabilities: MULTI });
    expect(framework.errors).toEqual(["Not authorized to register framework in role 'secret'"]);
  });

  test.each([
    [
      "roles without MULTI_ROLE",
      { roles: ["a"] },
      /must not be set when the framework is not MULTI/,
    ],
    ["a role twice", { roles: ["a", "a"], capabilities: MULTI }, /duplicate/],
    ["a bad role", { role: "a//b" }, /not a valid role/],
    ["a negative timeout", { failover_timeout: -1 }, /failover_timeout/],
    ["a bad id", { id: { value: "a/b" } }, /a\/b/],
  ])("is refused with %s", (_what, info, message) => {
    const cluster = new Cluster();
    const framework = cluster.subscribe(info);
    expect(framework.errors[0]).toMatch(message);
    expect(framework.ended).toBe(true);
    expect(cluster.core.state.frameworks.size).toBe(0);
    expect(cluster.registry.nodes.size).toBe(0);
  });

  test("is refused when it suppresses roles that it has not", () => {
    const framework = new Cluster().subscribe({ role: "a" }, { suppressed: ["b"] });
    expect(framework.errors[0]).toContain("not contained in the set of roles");
  });

  test("is refused with constraints that cannot be compiled, and then the old ones hold", () => {
    const cluster = new Cluster();
    const constraints = (regex: string) => ({
      role_constraints: {
        "*": {
          groups: [
            {
              attribute_constraints: [
                { selector: { attribute_name: "rack" }, predicate: { text_matches: { regex } } },
              ],
            },
          ],
        },
      },
    });
    const framework = cluster.subscribe({}, { constraints: constraints("x[0-9]") });
    cluster.agent();
    cluster.settle();
    expect(framework.offers).toEqual([]);
    const wrong = cluster.subscribe(
      { id: { value: framework.id } },
      { constraints: constraints("(r1") },
    );
    expect(wrong.errors[0]).toMatch(/constraints are not valid/);
    expect(framework.ended).toBe(false);
    const right = cluster.subscribe(
      { id: { value: framework.id } },
      { constraints: constraints("r[0-9]") },
    );
    cluster.settle();
    expect(right.offers.length).toBe(1);
  });

  test("of a framework that was torn down is refused", () => {
    const cluster = new Cluster();
    const framework = cluster.subscribe();
    const { id } = framework;
    expect(framework.call({ type: "TEARDOWN" }).status).toBe(202);
    expect(cluster.subscribe({ id: { value: id } }).errors).toEqual(["Framework has been removed"]);
    expect(cluster.failover().subscribe({ id: { value: id } }).errors).toEqual([
      "Framework has been removed",
    ]);
  });

  test("minimums of its offer filters decide what it is offered", () => {
    const cluster = new Cluster();
    const min = (cpus: number) => ({
      offer_filters: {
        "*": {
          min_allocatable_resources: { quantities: [{ quantities: { cpus: { value: cpus } } }] },
        },
      },
    });
    cluster.agent();
    const picky = cluster.subscribe(min(9));
    cluster.settle();
    expect(picky.offers).toEqual([]);
    const modest = cluster.subscribe({ id: { value: picky.id }, ...min(8) });
    cluster.settle();
    expect(modest.offers.length).toBe(1);
  });
});

describe("UPDATE_FRAMEWORK", () => {
  const update = (info: object, more: object = {}) => ({
    type: "UPDATE_FRAMEWORK" as const,
    update_framework: { framework_info: { user: "u", name: "f", ...info }, ...more },
  });

  test("changes roles at once: 200, offers of roles that are left are rescinded", () => {
    const cluster = new Cluster();
    cluster.agent();
    const framework = cluster.subscribe({ roles: ["a", "b"], capabilities: MULTI });
    cluster.settle();
    expect(framework.offers.length).toBe(1);
    const role = framework.offers[0]?.allocation_info?.role;
    const rest = role === "a" ? "b" : "a";
    const id = { value: framework.id };
    const answer = framework.call(update({ id, roles: [rest], capabilities: MULTI }));
    expect(answer.status).toBe(200);
    expect(framework.of("RESCIND").length).toBe(1);
    cluster.settle();
    expect(framework.offers[0]?.allocation_info?.role).toBe(rest);
    expect(cluster.registry.read(`frameworks/${framework.id}`)).toMatchObject({
      info: { roles: [rest] },
    });
  });

  test.each([
    ["a changed user", { user: "x", capabilities: [] }, {}, 400, /is not valid.*user/],
    ["bad roles", { role: "/" }, {}, 400, /Supplied FrameworkInfo is not valid/],
    ["bad suppressed roles", {}, { suppressed_roles: ["z"] }, 400, /'UpdateFramework' call is not/],
  ])("with %s changes nothing", (_what, info, more, status, message) => {
    const cluster = new Cluster();
    const framework = cluster.subscribe();
    const before = cluster.core.state.frameworks.get(framework.id)?.record;
    const answer = framework.call(update({ id: { value: framework.id }, ...info }, more));
    expect(answer).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(cluster.core.state.frameworks.get(framework.id)?.record).toBe(before);
  });

  test("to a role that is not allowed is 403", () => {
    const authorize = (_: string | undefined, action: string, role?: string) =>
      action !== "register_frameworks" || role !== "secret";
    const cluster = new Cluster({ authorize });
    const framework = cluster.subscribe();
    const info = { id: { value: framework.id }, role: "secret" };
    expect(framework.call(update(info)).status).toBe(403);
  });
});
