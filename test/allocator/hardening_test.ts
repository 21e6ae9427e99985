import { describe, expect, test } from "vitest";
import { Allocator, type AllocatorOptions, Journal } from "../../src/allocator/mod.ts";
import { Resources } from "../../src/resources/mod.ts";

/** What was found by attacking the allocator; each stays found. */
function refused(allocator: Allocator, code: string, call: () => void): void {
  const before = Buffer.from(allocator.snapshot());
  expect(call).toThrow(expect.objectContaining({ code }));
  expect(before.equals(allocator.snapshot())).toBe(true);
}

const used = (role: string, text: string) => {
  return { frameworkId: "f", role, resources: Resources.parse(text) };
};

describe("a call that throws has changed nothing", () => {
  test("addAgent() with used parts that contradict each other", () => {
    const allocator = new Allocator();
    refused(allocator, "invalid_resource", () =>
      allocator.addAgent({
        id: "a",
        resources: "cpus:2",
        used: [used("r", "foo:[1-5]"), used("s", "foo:1")],
      }),
    );
  });

  test("addAgent() with used parts that contradict the total", () => {
    const allocator = new Allocator();
    refused(allocator, "invalid_resource", () =>
      allocator.addAgent({ id: "a", resources: "foo:10", used: [used("r", "foo:[1-5]")] }),
    );
  });

  test("addAgent() with more kinds in total and used than there is room for", () => {
    const allocator = new Allocator();
    const kinds = (prefix: string) =>
      Array.from({ length: 20 }, (_, i) => `${prefix}${i}:1`).join(";");
    refused(allocator, "invalid_resource", () =>
      allocator.addAgent({ id: "a", resources: kinds("a"), used: [used("r", kinds("b"))] }),
    );
    allocator.addAgent({ id: "a", resources: kinds("a") });
    expect(allocator.stats().agents).toBe(1);
  });

  test("addAgent() with used amounts whose sum is none, and addResourceProvider()", () => {
    const allocator = new Allocator();
    const much = [used("r", "cpus:2000000000000"), used("s", "cpus:2000000000000")];
    refused(allocator, "invalid_resource", () =>
      allocator.addAgent({ id: "a", resources: "cpus:2", used: much }),
    );
    allocator.addAgent({ id: "a", resources: "cpus:2" });
    refused(allocator, "invalid_resource", () => allocator.addResourceProvider("a", "mem:1", much));
  });

  test("addAgent() with a reservation for a role that is too deep", () => {
    const allocator = new Allocator();
    const deep = Array(20_000).fill("d").join("/");
    refused(allocator, "invalid_role", () =>
      allocator.addAgent({ id: "a", resources: `cpus(${deep}):1` }),
    );
  });

  test("addAgent() whose amounts pass what a cluster can sum up exactly", () => {
    const allocator = new Allocator();
    for (const id of ["a", "b", "c", "d"]) {
      allocator.addAgent({ id, resources: "cpus:2000000000000" });
    }
    refused(allocator, "invalid_resource", () =>
      allocator.addAgent({ id: "e", resources: "cpus:2000000000000" }),
    );
    expect(allocator.total().get("cpus")).toBe(8e15);
  });

  test("accept() and decline() when the clock throws", () => {
    let works = true;
    const clock = {
      nowMs: () => {
        if (works) return 0;
        throw new Error("the clock stands still");
      },
    };
    const allocator = new Allocator({ clock });
    allocator.addAgent({ id: "a", resources: "cpus:2" });
    allocator.addFramework({ id: "f", roles: ["r"] });
    const [offer] = allocator.run();
    const before = Buffer.from(allocator.snapshot());
    works = false;
    expect(() => allocator.accept(offer!.handle, { used: "cpus:1" })).toThrow("stands still");
    expect(() => allocator.decline(offer!.handle)).toThrow("stands still");
    expect(before.equals(allocator.snapshot())).toBe(true);
  });
});

describe("limits", () => {
  test("32 kinds are known, and not one more", () => {
    const allocator = new Allocator({ minAllocatable: [] });
    const kinds = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `k${from + i}:1`).join(";");
    allocator.addAgent({ id: "a", resources: kinds(0, 32) });
    refused(allocator, "invalid_resource", () =>
      allocator.addAgent({ id: "b", resources: kinds(32, 33) }),
    );
    allocator.addFramework({ id: "f", roles: ["r"] });
    expect(allocator.run().offer(0).resources.size).toBe(32);
  });

  test("100 groups of constraints for a role, and not one more", () => {
    const allocator = new Allocator();
    const groups = (count: number) =>
      Array.from({ length: count }, () => [
        { selector: { attribute: "rack" }, type: "exists" as const },
      ]);
    const spec = (count: number) => {
      return { id: "f", roles: ["r"], offerConstraints: { r: { groups: groups(count) } } };
    };
    refused(allocator, "invalid_argument", () => allocator.addFramework(spec(101)));
    allocator.addFramework(spec(100));
  });
});

describe("what was handed in", () => {
  test("may change afterwards: the allocator keeps its own", () => {
    const allocator = new Allocator();
    const roles = ["r"];
    const domain = { region: "r1", zone: "z" };
    const value = { text: "1" };
    const constraint = {
      selector: { attribute: "rack" },
      type: "text_equals" as const,
      value: value.text,
    };
    allocator.addAgent({ id: "a", resources: "cpus:2", domain, attributes: { rack: "1" } });
    allocator.addFramework({
      id: "f",
      roles,
      offerConstraints: { r: { groups: [[constraint]] } },
    });
    roles.push("s");
    constraint.value = "2";
    domain.region = "r2";
    expect(allocator.explain("f").map(({ code }) => code)).toEqual(["eligible"]);
    const again = Allocator.restore(allocator.snapshot());
    again.suppress("f");
    again.revive("f");
    expect(again.run().size).toBe(1);
  });

  test("may have any name: snapshots and journals give it back", () => {
    const options: AllocatorOptions = { clock: { nowMs: () => 0 } };
    const journal = new Journal(options);
    for (const name of ["__proto__", "constructor", "$resources", "$quantities"]) {
      const attributes = Object.fromEntries([[name, "x"]]);
      journal.apply({ call: "addAgent", spec: { id: name, resources: "cpus:1", attributes } });
      const constraints = {
        groups: [[{ selector: { attribute: name }, type: "exists" as const }]],
      };
      journal.apply({
        call: "addFramework",
        spec: {
          id: name,
          roles: [name],
          offerConstraints: Object.fromEntries([[name, constraints]]),
          minAllocatable: Object.fromEntries([[name, ["cpus:0.5"]]]),
        },
      });
    }
    const restored = Allocator.restore(journal.allocator.snapshot(), options);
    const replayed = Journal.replay(journal.toBytes());
    const live = journal.allocator.run().offers();
    expect(live).toHaveLength(4);
    const plain = (offers: typeof live) =>
      offers.map((offer) => ({ ...offer, resources: `${offer.resources}` }));
    expect(plain(restored.run().offers())).toEqual(plain(live));
    expect(plain(replayed.run().offers())).toEqual(plain(live));
  });

  test("is kept by a journal as it was when the call was made", () => {
    const journal = new Journal();
    const spec = { id: "a", resources: "cpus:1" };
    journal.apply({ call: "addAgent", spec });
    spec.id = "b";
    const replayed = Journal.replay(journal.toBytes());
    expect(() => replayed.deactivateAgent("a")).not.toThrow();
  });
});

describe("updateFramework()", () => {
  test("looks at filters again when the framework can handle more", () => {
    const allocator = new Allocator({ clock: { nowMs: () => 0 } });
    allocator.addAgent({ id: "a", resources: 'cpus:1;cpus:7 {"revocable":{}}' });
    allocator.addFramework({ id: "f", roles: ["r"] });
    allocator.decline(allocator.run().handles, { refuseMs: 60_000 });
    expect(allocator.run().size).toBe(0);
    allocator.updateFramework("f", { capabilities: ["REVOCABLE_RESOURCES"] });
    const [offer] = allocator.run();
    expect(offer?.resources.quantities().get("cpus")).toBe(8000);
  });
});

test("agents and frameworks that come and go leave nothing behind", () => {
  const allocator = new Allocator({ clock: { nowMs: () => 0 } });
  const sizes: number[] = [];
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 20; i++) {
      const id = `${round}-${i}`;
      allocator.addAgent({ id, resources: `cpus:2;cpus(team${i}):1`, attributes: { id } });
      allocator.addFramework({
        id,
        roles: [`team${i}/x`],
        minAllocatable: { [`team${i}/x`]: [`cpus:${(round * 20 + i + 1) / 10_000}`] },
        offerConstraints: {
          [`team${i}/x`]: { groups: [[{ selector: { attribute: id }, type: "not_exists" }]] },
        },
      });
    }
    allocator.decline(allocator.run().handles, { refuseMs: 60_000 });
    for (let i = 0; i < 20; i++) {
      allocator.removeFramework(`${round}-${i}`);
      allocator.removeAgent(`${round}-${i}`);
    }
    sizes.push(allocator.snapshot().length);
  }
  expect(allocator.shares()).toEqual([]);
  expect(new Set(sizes.slice(2)).size).toBeLessThan(6);
  expect(Math.max(...sizes.slice(2)) - sizes[2]!).toBeLessThan(2_000);
});
