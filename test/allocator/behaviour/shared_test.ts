import { describe, expect, test } from "vitest";
import { Resources } from "../../../src/resources/mod.ts";
import { Cluster, codeOf, held, KERNELS, plain, shared } from "./cluster.ts";
import { Sorter } from "./sorting.ts";

const SHARED = { capabilities: ["SHARED_RESOURCES" as const] };
const VOLUME = 'disk(r,):100 {"disk":{"persistence":{"id":"v"}},"shared":{}}';

describe.each(KERNELS)("shared volumes (%s)", (kernel) => {
  test("AllocateSharedResources: a volume in use is offered again, to another framework", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "r", SHARED);
    cluster.agent("a1", `cpus:2;mem:512;${shared("r", "v", 100)}`);
    expect(cluster.run()).toEqual([`f1 r a1 cpus:2;${VOLUME};mem:512`]);
    cluster.accept({ used: `cpus:1;mem:256;${VOLUME}`, refuseMs: 0 });
    cluster.framework("f2", "r", SHARED);
    expect(cluster.run()).toEqual([`f2 r a1 cpus:1;${VOLUME};mem:256`]);
    cluster.acceptAll();
    // nothing else is free; the volume alone is no offer by the default minimum
    expect(cluster.run()).toEqual([]);
    expect(plain(cluster.role("r").allocated)).toBe("cpus:2;disk:100;mem:512");
  });

  test("AllocateSharedResources: at most once in a run", () => {
    const cluster = new Cluster(kernel, { minAllocatable: [] });
    cluster.framework("f1", "r", SHARED);
    cluster.framework("f2", "r", SHARED);
    cluster.agent("a1", shared("r", "v", 100));
    expect(cluster.run()).toEqual([`f1 r a1 ${VOLUME}`]);
    // out as it is, the next run offers it to the other one
    expect(cluster.run()).toEqual([`f2 r a1 ${VOLUME}`]);
    expect(cluster.allocator.stats().offersOutstanding).toBe(2);
  });

  test("SharedResourcesCapability: others do not see it", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "r");
    cluster.agent("a1", `cpus:1;${shared("r", "v", 100)}`);
    expect(cluster.run()).toEqual(["f1 r a1 cpus:1"]);
    cluster.accept({ used: "cpus:0.5", refuseMs: 0 });
    cluster.allocator.updateFramework("f1", SHARED);
    expect(cluster.run()).toEqual([`f1 r a1 cpus:0.5;${VOLUME}`]);
  });

  test("UpdateAllocationSharedPersistentVolume: created and destroyed within offers", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r", SHARED);
    cluster.agent("a1", "cpus:1;mem:64;disk(r,):100");
    cluster.run();
    const bare = Resources.parse("disk(r,):100");
    const volume = Resources.parse(shared("r", "v", 100));
    cluster.accept({ converted: [{ from: bare, to: volume }], refuseMs: 0 });
    expect(cluster.run()).toEqual([`f r a1 cpus:1;${VOLUME};mem:64`]);
    cluster.accept({ converted: [{ from: volume, to: bare }], refuseMs: 0 });
    expect(cluster.run()).toEqual(["f r a1 cpus:1;disk(r,):100;mem:64"]);
  });

  test("UpdateAllocationSharedPersistentVolume: a volume that is used cannot be destroyed", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "r", SHARED);
    cluster.agent("a1", `cpus:2;${shared("r", "v", 100)}`);
    cluster.run();
    cluster.accept({ used: `cpus:1;${VOLUME}`, refuseMs: 0 });
    cluster.run();
    const volume = Resources.parse(shared("r", "v", 100));
    const destroy = { from: volume, to: Resources.parse("disk(r,):100") };
    expect(codeOf(() => cluster.accept({ converted: [destroy] }))).toBe("invalid_conversion");
    cluster.allocator.release({ agentId: "a1", ...held("f", "r", `cpus:1;${VOLUME}`) });
    cluster.accept({ converted: [destroy], refuseMs: 0 });
    expect(cluster.run()).toEqual(["f r a1 cpus:2;disk(r,):100"]);
  });

  test("SharedAllocatedResourceQuotaAccounting: a volume counts once against quota", () => {
    const cluster = new Cluster(kernel);
    cluster.quota("r", "cpus:3;mem:2048;disk:100");
    cluster.framework("f", "r", SHARED);
    cluster.agent("a1", `cpus:2;mem:1024;${shared("r", "v", 50)}`);
    cluster.run();
    cluster.accept({ used: `cpus:1;mem:512;${shared("r", "v", 50)}`, refuseMs: 0 });
    cluster.run();
    cluster.acceptAll();
    expect(plain(cluster.role("r").consumed)).toBe("cpus:2;disk:50;mem:1024");
    cluster.agent("a2", "cpus:1;mem:1024;disk:50");
    expect(cluster.run()).toEqual(["f r a2 cpus:1;disk:50;mem:1024"]);
    cluster.agent("a3", "cpus:1;mem:1024;disk:50");
    expect(cluster.run()).toEqual([]);
  });
});

describe.each(KERNELS)("sorter: shared resources (%s)", (kernel) => {
  const CLUSTER = "cpus:100;mem:100;disk(r):900";

  test("SharedResources: a volume counts whole for each holder", () => {
    const volume = shared("r", "v", 100);
    const sorter = new Sorter(kernel, `${CLUSTER};${volume}`);
    sorter.add("r/a", `cpus:5;mem:5;${volume}`);
    sorter.add("r/b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["r/b", "r/a"]);
    sorter.add("r/c", `cpus:1;mem:1;${volume}`);
    expect(sorter.role("r/a").share).toBe(0.1);
    expect(sorter.role("r/c").share).toBe(0.1);
    // once for their parent
    expect(plain(sorter.role("r").allocated)).toBe("cpus:12;disk:100;mem:12");
    sorter.remove("r/a");
    sorter.release("r/b", "cpus:4;mem:4");
    expect(sorter.order()).toEqual(["r/b", "r/c"]);
  });

  test("SameDominantSharedResourcesAcrossClients: equal shares, then count and name", () => {
    const volume = shared("r", "v", 900);
    const sorter = new Sorter(kernel, `cpus:100;mem:100;disk(r):100;${volume}`);
    sorter.add("r/b", `cpus:5;mem:20;${volume}`);
    sorter.add("r/c", `cpus:10;mem:6;${volume}`);
    sorter.add("r/a", `cpus:50;mem:40;${volume}`);
    expect(sorter.order()).toEqual(["r/a", "r/b", "r/c"]);
    expect(sorter.role("r/a").share).toBe(0.9);
  });

  test("SameSharedResourcesSameClient: further copies for one client add nothing", () => {
    const volume = shared("r", "v", 50);
    const sorter = new Sorter(kernel, `cpus:100;mem:100;disk(r):950;${volume}`);
    sorter.add("r/a", `cpus:2;mem:2;${volume}`);
    sorter.add("r/b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["r/a", "r/b"]);
    for (let copy = 0; copy < 3; copy++) sorter.hold("r/a", volume);
    expect(sorter.role("r/a").share).toBe(0.05);
    expect(sorter.order()).toEqual(["r/a", "r/b"]);
  });

  test("SharedResourcesUnallocated: it counts until the last copy is back", () => {
    const volume = shared("r", "v", 100);
    const sorter = new Sorter(kernel, `${CLUSTER};${volume}`);
    sorter.add("r/a", `cpus:2;mem:2;${volume}`);
    for (let copy = 0; copy < 2; copy++) sorter.hold("r/a", volume);
    sorter.add("r/b", "cpus:6;mem:6");
    expect(sorter.order()).toEqual(["r/b", "r/a"]);
    sorter.release("r/a", volume);
    expect(sorter.order()).toEqual(["r/b", "r/a"]);
    sorter.release("r/a", volume);
    sorter.release("r/a", volume);
    expect(sorter.order()).toEqual(["r/a", "r/b"]);
  });
});
