import { describe, expect, test } from "vitest";
import { Resources } from "../../../src/resources/mod.ts";
import { A_YEAR_MS, Cluster, codeOf, KERNELS, plain } from "./cluster.ts";

const text = (resources: string) => Resources.parse(resources);
const VOLUME = 'disk(r,):5 {"disk":{"persistence":{"id":"v"}}}';

describe.each(KERNELS)("conversions of an offer (%s)", (kernel) => {
  test("UpdateAllocation: RESERVE and CREATE, one after the other, then use", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:2;mem:64;disk:10");
    cluster.run();
    cluster.accept({
      converted: [
        { from: text("disk:5"), to: text("disk(r,):5") },
        { from: text("disk(r,):5"), to: text(VOLUME) },
      ],
      used: `cpus:1;${VOLUME}`,
      refuseMs: 0,
    });
    expect(plain(cluster.role("r").allocated)).toBe("cpus:1;disk:5");
    expect(cluster.run()).toEqual(["f r a1 cpus:1;disk:5;mem:64"]);
    cluster.declineAll(0);
    cluster.allocator.release({
      agentId: "a1",
      frameworkId: "f",
      role: "r",
      resources: `cpus:1;${VOLUME}`,
    });
    expect(cluster.run()).toEqual([`f r a1 cpus:2;disk:5;${VOLUME};mem:64`]);
  });

  test("UpdateAllocation: refusing the rest hides what was converted, too", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:2");
    cluster.run();
    cluster.accept({
      converted: [{ from: text("cpus:2"), to: text("cpus(r,):2") }],
      refuseMs: A_YEAR_MS,
    });
    expect(cluster.run()).toEqual([]);
  });

  test("UpdateAllocation: several reservations stay apart", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:4");
    cluster.run();
    cluster.accept({
      converted: [
        { from: text("cpus:1"), to: text("cpus(r, alice):1") },
        { from: text("cpus:2"), to: text("cpus(r, bob):2") },
      ],
      refuseMs: 0,
    });
    expect(cluster.run()).toEqual(["f r a1 cpus:1;cpus(r, alice):1;cpus(r, bob):2"]);
  });

  test("UpdateAllocationRemoveResources: a conversion that loses amounts is refused", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:2;disk:100");
    cluster.run();
    const lose = { converted: [{ from: text("disk:100"), to: Resources.EMPTY }] };
    expect(codeOf(() => cluster.accept(lose))).toBe("invalid_conversion");
    expect(cluster.allocator.stats().offersOutstanding).toBe(1);
  });
});

describe.each(KERNELS)("conversions of what is free (%s)", (kernel) => {
  test("UpdateAvailableSuccess: an operator reserves, and the next offer shows it", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus:100;mem:100");
    cluster.allocator.updateAvailable("a1", text("cpus:25;mem:50"), text("cpus(r,):25;mem(r,):50"));
    expect(plain(cluster.role("r").consumed)).toBe("cpus:25;mem:50");
    cluster.framework("f", "r");
    expect(cluster.run()).toEqual(["f r a1 cpus:75;cpus(r,):25;mem:50;mem(r,):50"]);
  });

  test("UpdateAvailableFail: what is offered or used is a race that the caller may try again", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:100;mem:100");
    cluster.run();
    const reserve = () =>
      cluster.allocator.updateAvailable("a1", text("cpus:25"), text("cpus(r,):25"));
    expect(codeOf(reserve)).toBe("resources_not_available");
    cluster.declineAll(0);
    reserve();
    expect(cluster.run()).toEqual(["f r a1 cpus:75;cpus(r,):25;mem:100"]);
  });

  test("UNRESERVE and DESTROY of what is free", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", `cpus(r,):2;${VOLUME}`);
    cluster.allocator.updateAvailable("a1", text(VOLUME), text("disk(r,):5"));
    cluster.allocator.updateAvailable("a1", text("cpus(r,):2;disk(r,):5"), text("cpus:2;disk:5"));
    cluster.framework("f", "other");
    expect(cluster.run()).toEqual(["f other a1 cpus:2;disk:5"]);
  });

  test("a filter does not hide what an operator reserved", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r");
    cluster.agent("a1", "cpus:4");
    cluster.run();
    cluster.declineAll(A_YEAR_MS);
    cluster.allocator.updateAvailable("a1", text("cpus:1"), text("cpus(r,):1"));
    expect(cluster.run()).toEqual(["f r a1 cpus:3;cpus(r,):1"]);
  });
});
