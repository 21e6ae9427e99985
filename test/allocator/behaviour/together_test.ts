import { expect, test } from "vitest";
import { Allocator } from "../../../src/allocator/mod.ts";
import { VirtualClock } from "../../../src/base/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";

const EVERYTHING = "cpus:8;mem:8000;ports:[1-10]";
const held = (resources: string) => ({ frameworkId: "f", role: "r", resources });
const task = (resources: string) => ({ agentId: "n1", ...held(resources) });

/** One agent whose free resources are in two offers of one framework. */
function twoOffers() {
  const clock = new VirtualClock();
  const allocator = new Allocator({ clock });
  allocator.addFramework({ id: "f", roles: ["r"], capabilities: ["SHARED_RESOURCES"] });
  const used = "cpus:3;mem:3000;ports:[1-4]";
  allocator.addAgent({ id: "n1", resources: EVERYTHING, used: [held(used)] });
  const [first] = allocator.run();
  allocator.release(task(used));
  const [second] = allocator.run();
  return { allocator, clock, handles: [first!.handle, second!.handle] };
}

const sharesOf = (allocator: Allocator) => String(allocator.shares()[0]?.allocated ?? "");
const unfiltered = (allocator: Allocator) => {
  allocator.revive("f");
  return String(allocator.run().offer(0).resources.unallocate());
};

test("accept() of several offers uses what they hold together", () => {
  const { allocator, handles } = twoOffers();
  allocator.accept(handles, { used: "cpus:7;mem:7000;ports:[2-9]", refuseMs: 0 });
  expect(allocator.stats().offersOutstanding).toBe(0);
  expect(sharesOf(allocator)).toBe("cpus:7; mem:7000; ports:8");
  expect(unfiltered(allocator)).toBe("cpus:1; mem:1000; ports:[1-1, 10-10]");
  allocator.deactivateFramework("f");
  allocator.activateFramework("f");
  allocator.release(task("cpus:7;mem:7000;ports:[2-9]"));
  expect(unfiltered(allocator)).toBe("cpus:8; mem:8000; ports:[1-10]");
});

test("accept() of several offers filters the rest of all of them", () => {
  const { allocator, clock, handles } = twoOffers();
  allocator.accept(handles, { used: "cpus:6", refuseMs: 10_000 });
  expect(allocator.run().size).toBe(0);
  return clock.advance(10_001).then(() => expect(allocator.run().size).toBe(1));
});

test("accept() of several offers converts across them", () => {
  const { allocator, handles } = twoOffers();
  const from = Resources.parse("cpus:6;mem:8000");
  const to = from.pushReservation({ type: "DYNAMIC", role: "r" });
  allocator.accept(handles, { converted: [{ from, to }], used: to, refuseMs: 0 });
  expect(sharesOf(allocator)).toBe("cpus:6; mem:8000");
  expect(unfiltered(allocator)).toBe("cpus:2; ports:[1-10]");
});

test("accept() refuses offers that do not belong together, and changes nothing", () => {
  const { allocator, handles } = twoOffers();
  allocator.addAgent({ id: "n2", resources: EVERYTHING });
  const [other] = allocator.run();
  const [first, second] = handles;
  for (const bad of [[first!, other!.handle], [first!, first!], []]) {
    expect(() => allocator.accept(bad, {})).toThrow(/Cannot accept these offers in one/);
  }
  const greedy = () => allocator.accept([first!, second!], { used: "cpus:9" });
  expect(greedy).toThrow(/the offer holds/);
  expect(allocator.stats().offersOutstanding).toBe(3);
});

const VOLUME = 'disk(r):100 {"disk":{"persistence":{"id":"v"}},"shared":{}}';

test("accept() lets several tasks use a shared volume that is offered once", () => {
  const allocator = new Allocator({ clock: new VirtualClock() });
  allocator.addFramework({ id: "f", roles: ["r"], capabilities: ["SHARED_RESOURCES"] });
  allocator.addAgent({ id: "n1", resources: `cpus:4;mem:4000;${VOLUME}` });
  const [offer] = allocator.run();
  const one = Resources.parse(`cpus:1;${VOLUME}`);
  allocator.accept(offer!.handle, { used: one.add(one), refuseMs: 0 });
  expect(sharesOf(allocator)).toBe("cpus:2; disk:100");
  const of = { agentId: "n1", frameworkId: "f", role: "r", resources: one };
  allocator.release(of);
  expect(sharesOf(allocator)).toBe("cpus:1; disk:100");
  allocator.release(of);
  expect(sharesOf(allocator)).toBe("");
});

test("accept() of several offers ends their holds on a shared volume", () => {
  const allocator = new Allocator({ clock: new VirtualClock() });
  allocator.addFramework({ id: "f", roles: ["r"], capabilities: ["SHARED_RESOURCES"] });
  allocator.addAgent({
    id: "n1",
    resources: `cpus:4;mem:4000;${VOLUME}`,
    used: [held("cpus:2;mem:2000")],
  });
  const [first] = allocator.run();
  allocator.release(task("cpus:2;mem:2000"));
  const [second] = allocator.run();
  expect(String(second!.resources.unallocate())).toContain("disk");
  allocator.accept([first!.handle, second!.handle], { used: `cpus:3;${VOLUME}`, refuseMs: 0 });
  expect(sharesOf(allocator)).toBe("cpus:3; disk:100");
  allocator.release(task(`cpus:3;${VOLUME}`));
  expect(sharesOf(allocator)).toBe("");
  expect(() => allocator.updateAvailable("n1", VOLUME, "disk(r):100")).not.toThrow();
});
