import { SeededRandom, VirtualClock } from "fairlead/base";
import { type PlanOptions, planMigration } from "fairlead/migration";
import { SimulatedEnsemble } from "fairlead/sim";
import type { Operation } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { node } from "./support.ts";
import { waiter } from "./world.ts";

async function plan(
  make: (source: SimulatedEnsemble, target: SimulatedEnsemble) => void,
  more: Partial<PlanOptions> & { readonly targetZxid?: bigint; readonly user?: string } = {},
) {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const { targetZxid = 10_000n, user = "super", ...options } = more;
  const source = new SimulatedEnsemble({ clock, random, zxid: 1n });
  const target = new SimulatedEnsemble({ clock, random, zxid: targetZxid });
  make(source, target);
  const [from, to] = [source.connect(), target.connect()];
  const whoAmI = async () => [{ scheme: "digest", user }];
  const before = [source.zxid, target.zxid];
  const made = await waiter(clock)(
    planMigration({
      id: "m",
      source: { client: Object.assign(from, { whoAmI }), feed: from.feed },
      target: { client: Object.assign(to, { whoAmI }), feed: to.feed },
      mappings: [{ from: "/a" }],
      ...options,
    }),
  );
  expect([source.zxid, target.zxid]).toEqual(before);
  return made;
}

const create = (path: string, more: Partial<Extract<Operation, { type: "create" }>> = {}) => ({
  type: "create" as const,
  path,
  ...more,
});
const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code);

test("a plan says what is moved and what it costs, and writes nothing", async () => {
  const { blockers, inventory, operations } = await plan((source) => {
    source.commit([create("/a"), create("/a/b", { data: new Uint8Array(300) })], 1n, true);
    source.commit([{ type: "set", path: "/a/b", data: new Uint8Array(200) }], 1n, true);
    source.commit([create("/a/c", { lifetime: { type: "container" } })], 1n, true);
  });
  expect(blockers).toEqual([]);
  expect(inventory).toMatchObject({
    nodes: 3,
    bytes: 200,
    largestBytes: 200,
    depth: 2,
    widest: 2,
    containers: 1,
    acls: 1,
  });
  // Three nodes and one version.
  expect(operations).toBe(4);
});

test("each blocker names the paths", async () => {
  const base = (source: SimulatedEnsemble) => source.commit([create("/a")], 1n, true);
  expect(codes((await plan(() => {})).blockers)).toEqual(["source_missing"]);
  const full = await plan((source, target) => {
    base(source);
    target.commit([create("/a"), create("/a/x")], 1n, true);
  });
  expect(full.blockers).toMatchObject([{ code: "target_not_empty", paths: ["/a", "/a/x"] }]);
  const lower = await plan((source) => base(source), { targetZxid: 0n });
  expect(codes(lower.blockers)).toEqual(["target_zxid_lower"]);
  const large = await plan((source) => {
    base(source);
    source.commit([create("/a/large", { data: new Uint8Array(999_000) })], 1n, true);
  });
  expect(large.blockers).toMatchObject([{ code: "node_too_large", paths: ["/a/large"] }]);
  const high = await plan(
    (source) => {
      base(source);
      for (let turn = 0; turn < 5; turn += 1) {
        source.commit([{ type: "set", path: "/a", data: null }], 1n, true);
      }
    },
    { countStepsMax: 4 },
  );
  expect(high.blockers).toMatchObject([{ code: "count_too_high", paths: ["/a"] }]);
  const rights = await plan((source) => base(source), { user: "ada" });
  expect(codes(rights.blockers)).toEqual(["source_rights", "target_rights"]);
});

test("warnings tell of what stays behind or begins anew", async () => {
  const { warnings, blockers } = await plan(
    (source) => {
      source.commit([create("/a")], 1n, true);
      source.commit([create("/a/e", { lifetime: { type: "ephemeral" } })], 1n, true);
      source.commit([create("/a/ghost", { lifetime: { type: "ephemeral" } })], 1n, true);
      source.commit([create("/a/ttl", { lifetime: { type: "ttl", ttlMs: 5 } })], 1n, true);
      const acl = [{ permissions: 31, scheme: "sasl", id: "ada" }];
      source.commit([create("/a/sasl", { acl })], 1n, true);
      source.commit(
        [create("/zookeeper/quota/a"), create("/zookeeper/quota/a/zookeeper_limits")],
        1n,
        true,
      );
    },
    { ephemerals: (path) => (path === "/a/ghost" ? "ghost" : "drop") },
  );
  expect(blockers).toEqual([]);
  expect(warnings).toMatchObject([
    { code: "ephemerals_left", paths: ["/a/e"] },
    { code: "ephemerals_kept", paths: ["/a/ghost"] },
    { code: "times_to_live", paths: ["/a/ttl"] },
    { code: "schemes", paths: ["/a/sasl"] },
    { code: "quotas", paths: ["/a"] },
  ]);
});

test("counts of a billion are told, not tried", async () => {
  const { operations, copySeconds } = await plan(
    (source) => {
      source.commit([create("/a")], 1n, true);
      for (let index = 0; index < 1_000; index += 1) {
        source.tree.load(node(`/a/${index}`, { version: 1_000_000 }));
      }
    },
    { countStepsMax: 2_000_000 },
  );
  expect(operations).toBe(1_000_000_000 + 1_001);
  expect(copySeconds).toBeGreaterThan(50_000);
});
