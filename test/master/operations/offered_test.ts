import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OfferedResources } from "../../../src/master/operations/offered.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { volume } from "../validate/launches.ts";
import { reserved, typed } from "./contexts.ts";

const web = (text: string) => Resources.parse(text).allocate("web");

describe("OfferedResources", () => {
  test("hands out what is left, and says what is used", () => {
    const offered = new OfferedResources(web("cpus:4;mem:1024"));
    offered.use(web("cpus:1;mem:128"));
    offered.use(web("cpus:1;mem:128"));
    expect(offered.used.equals(web("cpus:2;mem:256"))).toBe(true);
    expect(offered.rest.equals(web("cpus:2;mem:768"))).toBe(true);
    expect(offered.available.equals(offered.rest)).toBe(true);
    expect(offered.extra.isEmpty).toBe(true);
    expect(() => offered.use(web("cpus:3"))).toThrow(/Cannot subtract/);
  });

  test("converts all or nothing", () => {
    const offered = new OfferedResources(web("cpus:4;disk:100"));
    const from = web("disk:60");
    const to = typed(reserved(60)).allocate("web");
    expect(offered.convert([{ from, to }])).toBeUndefined();
    expect(offered.rest.equals(web("cpus:4;disk:40").add(to))).toBe(true);
    expect(
      offered.convert([
        { from: to, to: from },
        { from: to, to: from },
      ]),
    ).toMatch(/does not contain/);
    expect(offered.rest.equals(web("cpus:4;disk:40").add(to))).toBe(true);
    expect(offered.conversions).toEqual([{ from, to }]);
  });

  test("lets one copy of a shared volume serve many tasks; further copies are extra", () => {
    const shared = typed(volume("v", { shared: {} })).allocate("web");
    const offered = new OfferedResources(web("cpus:4").add(shared));
    for (let task = 0; task < 3; task += 1) {
      expect(offered.available.contains(shared)).toBe(true);
      offered.use(web("cpus:1").add(shared));
    }
    expect(offered.used.equals(web("cpus:3").add(shared))).toBe(true);
    expect(offered.extra.equals(shared.add(shared))).toBe(true);
    expect(offered.rest.equals(web("cpus:1"))).toBe(true);
  });

  test("never loses or makes anything that is not shared", () => {
    const amount = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.array(fc.record({ cpus: amount, mem: amount }), { maxLength: 8 }), (tasks) => {
        const all = web("cpus:10;mem:10");
        const offered = new OfferedResources(all);
        for (const { cpus, mem } of tasks) {
          const wanted = web(`cpus:${cpus};mem:${mem}`);
          if (offered.available.contains(wanted)) offered.use(wanted);
        }
        expect(offered.rest.add(offered.used).equals(all)).toBe(true);
      }),
    );
  });
});
