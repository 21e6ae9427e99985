import { expect, test } from "vitest";
import { Resources, reservationRole } from "../../src/resources/mod.ts";
import { disk, mount, path, sharedVolume, volume } from "./disks.ts";

const parse = (text: string) => Resources.parse(text);

test("Resources.add() sums scalars and unites ranges and sets", () => {
  const sum = parse("cpus:1;ports:[1-5];zones:{a}").add(
    parse("cpus:0.1;mem:5;ports:[4-9];zones:{b}"),
  );
  expect(String(sum)).toBe("cpus:1.1; mem:5; ports:[1-9]; zones:{a, b}");
});

test("Resources.add() adds thousandths without the noise of floats", () => {
  let sum = Resources.EMPTY;
  for (let step = 0; step < 1_000; step += 1) sum = sum.add(parse("cpus:0.1"));
  expect(String(sum)).toBe("cpus:100");
});

test("Resources.add() refuses two value types of one identity, and sums out of bounds", () => {
  expect(() => parse("x:1").add(parse("x:{a}"))).toThrow(
    expect.objectContaining({ code: "invalid_resource" }),
  );
  expect(parse("x:1").add(parse("x(eng):{a}")).size).toBe(2);
  expect(() => parse("mem:2000000000000").add(parse("mem:0.001"))).toThrow("millis");
});

test("Resources.subtract() takes away what is there", () => {
  const rest = parse("cpus:2;mem:5;ports:[1-9];zones:{a,b}").subtract(
    parse("cpus:0.5;mem:5;ports:[3-4,7-7];zones:{a}"),
  );
  expect(String(rest)).toBe("cpus:1.5; ports:[1-2, 5-6, 8-9]; zones:{b}");
});

test("Resources.subtract() refuses what is not contained, and names what is missing", () => {
  const held = parse("cpus:2;ports:[1-5]");
  const asked = parse("cpus:3;mem:1;ports:[4-6]");
  expect(held.trySubtract(asked)).toBeUndefined();
  expect(() => held.subtract(asked)).toThrow(
    expect.objectContaining({
      code: "resources_not_contained",
      message:
        "Cannot subtract cpus:3; mem:1; ports:[4-6]: " +
        "cpus:1; mem:1; ports:[6-6] is not in cpus:2; ports:[1-5]",
    }),
  );
  expect(() => Resources.EMPTY.subtract(parse("cpus:1"))).toThrow("cpus:1 is not in nothing");
  expect(held.equals(parse("cpus:2;ports:[1-5]"))).toBe(true);
});

test("Resources.contains() keeps identities apart", () => {
  const held = parse('cpus:1;cpus(eng):1;cpus:1 {"revocable":{}}');
  expect(held.contains(parse("cpus:2"))).toBe(false);
  expect(held.contains(parse("cpus(eng):1"))).toBe(true);
  expect(held.contains(parse("cpus(ops):1"))).toBe(false);
  expect(held.contains(parse("cpus(eng,):1"))).toBe(false);
  expect(parse("x:1").contains(parse("x:{a}"))).toBe(false);
});

test("Resources.equals() looks at amounts, not at how they were written", () => {
  expect(parse("cpus:1.0;mem:1024").equals(parse("mem:1024.000;cpus:1"))).toBe(true);
  expect(parse("ports:[1-3,4-5]").equals(parse("ports:[5-5,1-4]"))).toBe(true);
  expect(parse("zones:{a,b}").equals(parse("zones:{b,a}"))).toBe(true);
  expect(parse("cpus:1").equals(parse("cpus:1.001"))).toBe(false);
  expect(parse("cpus:1").equals(parse("cpus:1;mem:1"))).toBe(false);
  expect(parse("x:1").equals(parse("x:{a}"))).toBe(false);
});

test("Resources never merges MOUNT disks, and gives each one only as a whole", () => {
  const two = Resources.of([mount, mount]);
  expect(two.size).toBe(2);
  expect(two.copiesOf(mount)).toBe(2);
  expect(two.quantities().get("disk")).toBe(200_000);
  expect([...two]).toEqual([mount, mount]);
  expect(two.contains(Resources.of([{ ...mount, value: { type: "SCALAR", millis: 1 } }]))).toBe(
    false,
  );
  expect(
    two.contains(Resources.of([{ ...mount, value: { type: "SCALAR", millis: 200_000 } }])),
  ).toBe(false);
  expect(two.subtract(Resources.of([mount])).equals(Resources.of([mount]))).toBe(true);
});

test("Resources merges PATH disks of one root, and splits them", () => {
  const two = Resources.of([path, path]);
  expect(two.size).toBe(1);
  expect(two.copiesOf(path)).toBe(1);
  expect(
    two.contains(Resources.of([{ ...path, value: { type: "SCALAR", millis: 150_000 } }])),
  ).toBe(true);
  const other = disk({ disk: { source: { type: "PATH", root: "/mnt/q" } } });
  expect(Resources.of([path, other]).size).toBe(2);
});

test("Resources counts the copies of a shared volume, and its size once", () => {
  const one = Resources.of([sharedVolume]);
  const two = one.add(one);
  expect(two.copiesOf(sharedVolume)).toBe(2);
  expect(two.size).toBe(2);
  expect(two.quantities().get("disk")).toBe(100_000);
  expect(two.contains(two)).toBe(true);
  expect(one.contains(two)).toBe(false);
  expect(two.subtract(one).equals(one)).toBe(true);
  expect(two.subtract(two)).toBe(Resources.EMPTY);
  expect(two.intersect(one).equals(one)).toBe(true);
  expect(Resources.fromJson(two.toJson()).equals(two)).toBe(true);
  expect(two.shared().copiesOf(sharedVolume)).toBe(2);
  expect(two.copiesOf(volume)).toBe(0);
});

test("Resources keeps a persistent volume apart from the same volume shared", () => {
  const both = Resources.of([volume, sharedVolume]);
  expect(both.size).toBe(2);
  expect(both.nonShared().copiesOf(volume)).toBe(1);
});

test("Resources filters by reservation, allocation and kind", () => {
  const held = parse(
    'cpus:1;cpus(eng):2;cpus(eng)(eng/web,):3;cpus(ops):4;mem:5;cpus:6 {"revocable":{}}',
  );
  expect(String(held.reservedTo("eng"))).toBe("cpus(eng):2");
  expect(held.reservedTo().quantities().get("cpus")).toBe(9_000);
  expect(held.unreserved().quantities().get("cpus")).toBe(7_000);
  expect(held.allocatableTo("eng/web").quantities().get("cpus")).toBe(12_000);
  expect(held.allocatableTo("eng").quantities().get("cpus")).toBe(9_000);
  expect(held.revocable().quantities().get("cpus")).toBe(6_000);
  expect(String(held.named("mem"))).toBe("mem:5");
  expect([...held.reservedTo("eng/web")].map(reservationRole)).toEqual(["eng/web"]);
});

test("Resources.allocate() holds everything for a role, unallocate() for nobody", () => {
  const held = parse("cpus:1;mem:2");
  const allocated = held.allocate("eng");
  expect(allocated.contains(held)).toBe(false);
  expect(allocated.allocatedTo("eng").equals(allocated)).toBe(true);
  expect(allocated.allocatedTo("ops").isEmpty).toBe(true);
  expect(allocated.unallocated().isEmpty).toBe(true);
  expect(allocated.add(held).unallocate().equals(held.add(held))).toBe(true);
  expect(() => held.allocate("..")).toThrow(expect.objectContaining({ code: "invalid_role" }));
});

test("Resources.pushReservation() refines, popReservation() gives back", () => {
  const held = parse("cpus:2");
  const eng = held.pushReservation({ type: "DYNAMIC", role: "eng", principal: "ops" });
  const web = eng.pushReservation({ type: "DYNAMIC", role: "eng/web" });
  expect(String(web)).toBe("cpus(eng, ops)(eng/web,):2");
  expect(web.popReservation().equals(eng)).toBe(true);
  expect(eng.popReservation().equals(held)).toBe(true);
});

test("Resources.popReservation() merges what becomes equal", () => {
  const popped = parse("cpus(eng)(eng/a,):1;cpus(eng)(eng/b,):2").popReservation();
  expect(String(popped)).toBe("cpus(eng):3");
});

test("Resources.pushReservation() refuses a layer that does not fit", () => {
  const eng = parse("cpus(eng):2");
  for (const [layer, code] of [
    [{ type: "DYNAMIC", role: "ops" }, "invalid_resource"],
    [{ type: "DYNAMIC", role: "eng" }, "invalid_resource"],
    [{ type: "STATIC", role: "eng/web" }, "invalid_resource"],
    [{ type: "DYNAMIC", role: "*" }, "invalid_resource"],
    [{ type: "DYNAMIC", role: "eng//web" }, "invalid_role"],
  ] as const) {
    expect(() => eng.pushReservation(layer)).toThrow(expect.objectContaining({ code }));
  }
});

test("Resources.popReservation() refuses the unreserved, and volumes that would become so", () => {
  expect(() => parse("cpus:1").popReservation()).toThrow("it has no reservation to pop");
  expect(() => Resources.of([volume]).popReservation()).toThrow("needs a reservation");
});

test("Resources.quantities() counts members, and is computed once", () => {
  const held = parse("cpus:1;cpus(eng):2;ports:[1-5,8-8];zones:{a,b}");
  expect(String(held.quantities())).toBe("cpus:3; ports:6; zones:2");
  expect(held.quantities()).toBe(held.quantities());
  expect(Resources.EMPTY.quantities().isEmpty).toBe(true);
});

test("Resources.of() refuses what the types cannot rule out", () => {
  for (const millis of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 2 ** 52]) {
    expect(() => Resources.of([disk({}, millis)])).toThrow(
      "millis must be an integer from 0 to 2000000000000000",
    );
  }
  const odd = { type: "TEXT", text: "x" } as never;
  expect(() => Resources.of([disk({ value: odd })])).toThrow("SCALAR, RANGES or SET");
  const soft = [{ type: "SOFT" as never, role: "eng" }];
  expect(() => Resources.of([disk({ reservations: soft })])).toThrow("STATIC or DYNAMIC");
});

test("Resources leaves every operand as it was", () => {
  const [a, b] = [parse("cpus:2;ports:[1-9]"), parse("cpus:1;ports:[3-4]")];
  const before = [String(a), String(b)];
  a.add(b);
  a.subtract(b);
  a.intersect(b);
  a.pushReservation({ type: "DYNAMIC", role: "eng" });
  expect([String(a), String(b)]).toEqual(before);
});
