import fc from "fast-check";
import { expect, test } from "vitest";
import { identityKey, Quantities, Resources, shrink } from "../../src/resources/mod.ts";
import { anyBag, anyPlain, anyReservations, anyResource, apartFrom } from "./arbitraries.ts";

/** Equal in every way one can ask. */
function same(a: Resources, b: Resources): void {
  expect(a.equals(b)).toBe(true);
  expect(String(a)).toBe(String(b));
  expect(a.toJson()).toEqual(b.toJson());
}

function law<T extends [unknown, ...unknown[]]>(
  name: string,
  args: { [Key in keyof T]: fc.Arbitrary<T[Key]> },
  holds: (...values: T) => void,
): void {
  const property = fc.property(...args, (...values) => {
    holds(...values);
  });
  test(name, () => fc.assert(property, { numRuns: 300 }));
}

law<[Resources, Resources]>("Resources.add() is commutative", [anyBag, anyBag], (a, b) =>
  same(a.add(b), b.add(a)),
);

law<[Resources, Resources, Resources]>(
  "Resources.add() is associative",
  [anyBag, anyBag, anyBag],
  (a, b, c) => same(a.add(b).add(c), a.add(b.add(c))),
);

law<[Resources]>("Resources.add() has EMPTY as its identity", [anyBag], (a) => {
  same(a.add(Resources.EMPTY), a);
  same(Resources.EMPTY.add(a), a);
  same(a.subtract(Resources.EMPTY), a);
  same(a.subtract(a), Resources.EMPTY);
});

law<[Resources, Resources]>(
  "Resources.subtract() gives back what add() put together, of members that are apart",
  [anyBag, anyBag],
  (a, other) => {
    const b = apartFrom(a, other);
    same(a.add(b).subtract(b), a);
    same(a.add(b).subtract(a), b);
  },
);

law<[Resources, Resources]>(
  "Resources.add() gives back what subtract() took away",
  [anyBag, anyBag],
  (a, other) => {
    const part = a.intersect(other);
    same(a.subtract(part).add(part), a);
  },
);

law<[Resources, Resources]>(
  "Resources.contains() is reflexive, and sums contain their parts",
  [anyBag, anyBag],
  (a, b) => {
    expect(a.contains(a)).toBe(true);
    expect(a.add(b).contains(a)).toBe(true);
    expect(a.contains(Resources.EMPTY)).toBe(true);
  },
);

law<[Resources, Resources, Resources]>(
  "Resources.contains() is transitive and antisymmetric",
  [anyBag, anyBag, anyBag],
  (a, b, c) => {
    const inner = a.intersect(b).intersect(c);
    const middle = a.intersect(b);
    expect(a.contains(middle) && middle.contains(inner) && a.contains(inner)).toBe(true);
    if (a.contains(b) && b.contains(a)) same(a, b);
    if (a.contains(b) && b.contains(c)) expect(a.contains(c)).toBe(true);
  },
);

law<[Resources, Resources, Resources]>(
  "Resources.contains() is kept by adding the same to both sides",
  [anyBag, anyBag, anyBag],
  (a, b, c) => expect(a.add(c).contains(a.intersect(b).add(c))).toBe(true),
);

law<[Resources, Resources]>(
  "Resources.trySubtract() is defined exactly when contains() is true",
  [anyPlain, anyPlain],
  (a, b) => expect(a.trySubtract(b) !== undefined).toBe(a.contains(b)),
);

law<[Resources, Resources]>(
  "Resources.intersect() is commutative and within both",
  [anyBag, anyBag],
  (a, b) => {
    const common = a.intersect(b);
    same(common, b.intersect(a));
    expect(a.contains(common) && b.contains(common)).toBe(true);
    same(a.intersect(a), a);
    same(a.intersect(Resources.EMPTY), Resources.EMPTY);
  },
);

law<[Resources, Resources, Resources]>(
  "Resources.intersect() is associative, and the largest bag within both",
  [anyBag, anyBag, anyBag],
  (a, b, c) => {
    same(a.intersect(b).intersect(c), a.intersect(b.intersect(c)));
    if (a.contains(c) && b.contains(c)) expect(a.intersect(b).contains(c)).toBe(true);
  },
);

law<[Resources, Resources]>(
  "Resources.intersect() gives back b exactly when a contains b",
  [anyPlain, anyPlain],
  (a, b) => expect(a.intersect(b).equals(b)).toBe(a.contains(b)),
);

law<[Resources, Resources]>(
  "Resources.quantities() of a sum is the sum of quantities, shared volumes and common members aside",
  [anyBag, anyBag],
  (first, second) => {
    const a = first.nonShared();
    const b = apartFrom(a, second.nonShared());
    expect(a.add(b).quantities().equals(a.quantities().add(b.quantities()))).toBe(true);
    expect(a.add(b).subtract(b).quantities().equals(a.quantities())).toBe(true);
  },
);

law<[Resources, Resources]>(
  "Resources.quantities() of what is contained are contained",
  [anyBag, anyBag],
  (a, b) => expect(a.quantities().contains(a.intersect(b).quantities())).toBe(true),
);

law<[Resources]>("Resources.parse() reads back what toString() wrote", [anyBag], (a) =>
  same(Resources.parse(String(a)), a),
);

law<[Resources]>("Resources.fromJson() reads back what toJson() wrote", [anyBag], (a) => {
  same(Resources.fromJson(a.toJson()), a);
  same(Resources.fromJson(JSON.parse(JSON.stringify(a.toJson()))), a);
});

law<[Resources]>("Resources.of() gives back what iteration gave", [anyBag], (a) => {
  same(Resources.of(a), a);
  same(Resources.of([...a].reverse()), a);
  expect([...a]).toHaveLength(a.size);
});

law<[Resources, string]>(
  "Resources.popReservation() gives back what pushReservation() was given",
  [anyBag, fc.constantFrom("principal 1", "ops")],
  (a, principal) => {
    const one = a.filter((resource) => resource === [...a][0]);
    const above = [...one][0]?.reservations.at(-1)?.role;
    const role = above === undefined ? "any" : `${above}/deeper`;
    const pushed = one.pushReservation({ type: "DYNAMIC", role, principal });
    expect(pushed.reservedTo(role).equals(pushed)).toBe(true);
    same(pushed.popReservation(), one);
  },
);

law<[Resources]>("Resources.unallocate() undoes allocate()", [anyBag], (bag) => {
  const a = bag.unallocated();
  same(a.allocate("eng").unallocate(), a);
  same(a.allocate("eng").allocatedTo("eng"), a.allocate("eng"));
  expect(a.allocate("eng").unallocated().isEmpty).toBe(true);
});

law<[Resources]>("Resources filters split a bag in two", [anyBag], (a) => {
  same(a.revocable().add(a.nonRevocable()), a);
  same(a.shared().add(a.nonShared()), a);
  same(a.reservedTo().add(a.unreserved()), a);
  same(
    a
      .allocatableTo("eng")
      .add(a.filter((r) => !a.allocatableTo("eng").contains(Resources.of([r])))),
    a,
  );
});

law<[Resources, number]>(
  "shrink() keeps a part that is in the whole and in bounds",
  [anyBag, fc.integer({ min: 0, max: 8_000 })],
  (a, millisMax) => {
    for (const resource of a) {
      const part = shrink(resource, millisMax);
      if (part === undefined) continue;
      expect(Resources.of([resource]).contains(Resources.of([part]))).toBe(true);
      expect(Resources.of([part]).quantities().get(resource.name)).toBeLessThanOrEqual(millisMax);
    }
  },
);

law(
  "identityKey() does not depend on the order of labels and fields",
  [anyResource],
  (resource) => {
    const turned = {
      ...resource,
      reservations: resource.reservations.map((layer) => {
        const entries = Object.fromEntries(Object.entries(layer).reverse());
        const labels = layer.labels === undefined ? {} : { labels: [...layer.labels].reverse() };
        return { ...layer, ...entries, ...labels };
      }),
    };
    expect(identityKey(turned)).toBe(identityKey(resource));
    same(Resources.of([turned]), Resources.of([resource]));
  },
);

law(
  "identityKey() tells different stacks apart",
  [anyReservations, anyReservations],
  (one, two) => {
    const keyOf = (reservations: typeof one) =>
      identityKey({
        name: "cpus",
        value: { type: "SCALAR", millis: 1 },
        reservations,
        revocable: false,
        shared: false,
      });
    const isSame = JSON.stringify(one) === JSON.stringify(two);
    if (isSame) expect(keyOf(one)).toBe(keyOf(two));
    if (keyOf(one) === keyOf(two))
      expect(one.map(({ role }) => role)).toEqual(two.map(({ role }) => role));
  },
);

const anyQuantities = fc
  .dictionary(fc.constantFrom("cpus", "mem", "disk", "ports"), fc.integer({ min: 0, max: 9_999 }))
  .map(Quantities.ofMillis);

law<[Quantities, Quantities, Quantities]>(
  "Quantities.add() is commutative, associative and undone by subtract()",
  [anyQuantities, anyQuantities, anyQuantities],
  (a, b, c) => {
    expect(a.add(b).equals(b.add(a))).toBe(true);
    expect(
      a
        .add(b)
        .add(c)
        .equals(a.add(b.add(c))),
    ).toBe(true);
    expect(a.add(b).subtract(b).equals(a)).toBe(true);
    expect(a.add(Quantities.EMPTY).equals(a)).toBe(true);
    expect(a.add(b).contains(b)).toBe(true);
    expect(a.contains(b)).toBe(b.subtract(a).isEmpty);
  },
);

law<[Quantities]>(
  "Quantities.parse() and of() read back what was written",
  [anyQuantities],
  (a) => {
    expect(Quantities.parse(String(a)).equals(a)).toBe(true);
    expect(Quantities.of(a.toJSON()).equals(a)).toBe(true);
    expect(Quantities.ofMillis(a).equals(a)).toBe(true);
  },
);

test("scalars keep every thousandth through text and JSON, up to the largest", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      const millis = Math.abs(number) % 2_000_000_000_000_001;
      const bag = Resources.of([
        {
          name: "mem",
          value: { type: "SCALAR", millis },
          reservations: [],
          revocable: false,
          shared: false,
        },
      ]);
      same(Resources.parse(String(bag)), bag);
      same(Resources.fromJson(JSON.parse(JSON.stringify(bag.toJson()))), bag);
    }),
    { numRuns: 2_000, examples: [[2_000_000_000_000_000], [1_999_999_999_999_999]] },
  );
});
