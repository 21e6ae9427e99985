import { compare, reconcile } from "fairlead/migration";
import type { SnapshotNode } from "fairlead/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import { node } from "./support.ts";
import { simulated } from "./world.ts";

/** Trees of a few nodes, three deep, whose counters are not less than their children need. */
const trees = fc
  .array(
    fc.record({
      path: fc.constantFrom("/t/a", "/t/b", "/t/a/x", "/t/a/y", "/t/b/x", "/t/a/x/deep"),
      value: fc.option(fc.integer({ min: 0, max: 3 })),
      version: fc.integer({ min: 0, max: 4 }),
      extra: fc.integer({ min: 0, max: 3 }),
      isContainer: fc.boolean(),
      isOpen: fc.boolean(),
    }),
    { maxLength: 10 },
  )
  .map((rows) => {
    const nodes = new Map<string, SnapshotNode>([["/t", node("/t")]]);
    const extras = new Map<string, number>();
    for (const { path, value, version, extra, isContainer, isOpen } of rows) {
      const parent = path.slice(0, path.lastIndexOf("/"));
      if (!nodes.has(parent) || nodes.has(path)) continue;
      extras.set(path, extra);
      nodes.set(
        path,
        node(path, {
          data: value === null ? null : Uint8Array.of(value),
          version,
          lifetime: { type: isContainer ? "container" : "persistent" },
          acl: [{ permissions: isOpen ? 31 : 7, scheme: "world", id: "anyone" }],
        }),
      );
    }
    const all = [...nodes.values()];
    return all.map((each) => {
      const children = all.filter(({ path }) => path.slice(0, path.lastIndexOf("/")) === each.path);
      return { ...each, cversion: children.length + (extras.get(each.path) ?? 0) };
    });
  });

/** Do the steps on an ensemble, and give what is there then. */
async function apply(
  ensemble: ReturnType<typeof simulated>["ensemble"],
  steps: ReturnType<typeof reconcile>,
): Promise<SnapshotNode[]> {
  for (const operation of steps.operations) ensemble.commit([operation], 0n, true);
  for (const acl of steps.acls) ensemble.commit([{ type: "set_acl", ...acl }], 0n, true);
  return ensemble.tree.nodes().filter(({ path }) => path === "/t" || path.startsWith("/t/"));
}

test("the steps make one tree of any other, whatever the policy", async () => {
  const policies = fc.record({ versions: fc.boolean(), counters: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(trees, trees, policies, async (before, after, policy) => {
      const { ensemble } = simulated();
      const exact = { versions: true, counters: true };
      const first = await apply(ensemble, reconcile(before, [], exact));
      expect(compare(before, first, { policy: exact }).differences).toEqual([]);
      const then = await apply(ensemble, reconcile(after, first, policy));
      expect(compare(after, then, { policy }).differences).toEqual([]);
      const again = reconcile(after, then, policy);
      expect(again).toMatchObject({ operations: [], acls: [], touched: 0 });
    }),
    { numRuns: 200 },
  );
});
