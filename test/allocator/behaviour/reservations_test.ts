import { describe, expect, test } from "vitest";
import { A_YEAR_MS, Cluster, held, KERNELS, plain } from "./cluster.ts";

describe.each(KERNELS)("reservations (%s)", (kernel) => {
  test("Reservations: reserved resources go to their role, the rest to anybody", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus(role1):2;mem(role1):1024");
    cluster.agent("a2", "cpus(role2):1;mem(role2):512;cpus:1;mem:512");
    cluster.framework("f1", "role1");
    expect(cluster.run().sort()).toEqual([
      "f1 role1 a1 cpus(role1):2;mem(role1):1024",
      "f1 role1 a2 cpus:1;mem:512",
    ]);
    cluster.framework("f2", "role2");
    expect(cluster.run()).toEqual(["f2 role2 a2 cpus(role2):1;mem(role2):512"]);
  });

  test("Reservations: static and dynamic ones, with principal and labels, are offered alike", () => {
    const cluster = new Cluster(kernel);
    const labelled =
      'cpus:1 {"reservations":[{"type":"DYNAMIC","role":"r","principal":"ops",' +
      '"labels":{"labels":[{"key":"k","value":"v"}]}}]}';
    cluster.agent("a1", `cpus(r):1;cpus(r, ops):1;cpus(r,):1;${labelled}`);
    cluster.framework("f", "r");
    cluster.run();
    expect(cluster.offers.map(({ resources }) => resources.quantities().get("cpus"))).toEqual([
      4_000,
    ]);
    expect(cluster.offers[0]?.resources.size).toBe(4);
  });

  test("OfferAncestorReservationsToDescendantChild: a role has what its ancestors have", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "a/b/c");
    cluster.agent("a1", "cpus(a):1;mem(a):512");
    expect(cluster.run()).toEqual(["f a/b/c a1 cpus(a):1;mem(a):512"]);
    cluster.agent("a2", "cpus:2;mem:1024;cpus(a/b):4;mem(a/b):2048");
    expect(cluster.run()).toEqual(["f a/b/c a2 cpus:2;cpus(a/b):4;mem:1024;mem(a/b):2048"]);
  });

  test("a reservation is not for a parent, a sibling, or a role whose name only starts alike", () => {
    const cluster = new Cluster(kernel);
    cluster.agent("a1", "cpus(a/b):1");
    for (const role of ["a", "a/c", "a/bb", "*"]) cluster.framework(role, role);
    expect(cluster.run()).toEqual([]);
  });

  test("refined reservations: only for RESERVATION_REFINEMENT", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "a/b");
    cluster.agent("a1", "cpus(a):1;cpus(a,)(a/b,):2");
    expect(cluster.run()).toEqual(["f a/b a1 cpus(a):1"]);
    cluster.allocator.updateFramework("f", { capabilities: ["RESERVATION_REFINEMENT"] });
    expect(cluster.run()).toEqual(["f a/b a1 cpus(a,)(a/b,):2"]);
  });

  test("FrameworkLoopMESOS_9554: who cannot have any of it does not stop the next one", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "a/b", { capabilities: ["RESERVATION_REFINEMENT"] });
    cluster.agent("a1", "cpus:1");
    cluster.run();
    cluster.acceptAll();
    cluster.framework("f2", "a/b");
    cluster.agent("a2", "cpus(a,)(a/b,):2");
    expect(cluster.run()).toEqual(["f1 a/b a2 cpus(a,)(a/b,):2"]);
  });

  test("refined reservations: a conversion pushes one onto the stack and pops it", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f", "a/b", { capabilities: ["RESERVATION_REFINEMENT"] });
    cluster.agent("a1", "cpus(a,):1");
    cluster.run();
    const plainOnes = held("f", "a/b", "cpus(a,):1").resources;
    const refined = plainOnes.pushReservation({ type: "DYNAMIC", role: "a/b" });
    cluster.accept({ converted: [{ from: plainOnes, to: refined }], refuseMs: 0 });
    expect(plain(cluster.role("a/b").consumed)).toBe("cpus:1");
    expect(cluster.run()).toEqual(["f a/b a1 cpus(a,)(a/b,):1"]);
    cluster.accept({ converted: [{ from: refined, to: plainOnes }], refuseMs: A_YEAR_MS });
    expect(plain(cluster.role("a/b").consumed)).toBe("");
    expect(plain(cluster.role("a").consumed)).toBe("cpus:1");
  });

  test("NonScalarReservationTrackingMESOS_9555: a reservation of ports alone", () => {
    const cluster = new Cluster(kernel, { minAllocatable: [] });
    cluster.framework("f", "role");
    cluster.agent("a1", "ports(role):[1-10]");
    cluster.agent("a2", "ports(role):[1-20]");
    expect(cluster.role("role").consumed.get("ports")).toBe(30_000);
    expect(cluster.run()).toHaveLength(2);
    cluster.allocator.removeAgent("a1");
    expect(cluster.role("role").consumed.get("ports")).toBe(20_000);
    cluster.allocator.removeAgent("a2");
    expect(plain(cluster.role("role").consumed)).toBe("");
  });

  test("a filter on reserved resources does not hide other roles' ones", () => {
    const cluster = new Cluster(kernel);
    cluster.framework("f1", "r1");
    cluster.framework("f2", "r2");
    cluster.agent("a1", "cpus(r1):1;cpus(r2):1");
    expect(cluster.run()).toEqual(["f1 r1 a1 cpus(r1):1", "f2 r2 a1 cpus(r2):1"]);
    cluster.allocator.decline(cluster.handle("f1"), { refuseMs: A_YEAR_MS });
    cluster.allocator.rescind(cluster.handle("f2"));
    expect(cluster.run()).toEqual(["f2 r2 a1 cpus(r2):1"]);
  });
});
