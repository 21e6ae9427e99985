import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Allocator } from "../../../src/allocator/mod.ts";
import { applyConversions } from "../../../src/master/operations/conversions.ts";
import { readOperation } from "../../../src/master/operations/operation.ts";
import type { Operation, ResourceJson } from "../../../src/model/mod.ts";
import { isPersistentVolume, type Resource, Resources } from "../../../src/resources/mod.ts";
import { DYNAMIC, operator } from "./contexts.ts";

const AGENT =
  'cpus:8;mem:4096;disk:1000;disk(web):500;ports:[1-20];disk(web):200 {"disk":{"source":' +
  '{"type":"PATH","path":{"root":"/p"}}}};disk(web):300 {"disk":{"source":{"type":"MOUNT",' +
  '"mount":{"root":"/m"}}}}';

/** What a drawn step does with one of the resources that are there. */
interface Step {
  readonly act: "reserve" | "unreserve" | "create" | "destroy" | "grow" | "shrink";
  readonly which: number;
  readonly part: number;
  readonly id: string;
  readonly shared: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom("reserve", "unreserve", "create", "destroy", "grow", "shrink"),
  which: fc.nat(1_000),
  part: fc.integer({ min: 1, max: 400 }),
  id: fc.constantFrom("v", "w", "x"),
  shared: fc.boolean(),
});

function json(resources: Resources): ResourceJson[] {
  return resources.toJson() as ResourceJson[];
}

function of(resource: Resource): Resources {
  return Resources.of([resource]);
}

/** Whether two disks are reserved alike and cut from the same source. */
function alike(a: Resource, b: Resource | undefined): boolean {
  const facts = ({ reservations, disk }: Resource) => JSON.stringify([reservations, disk?.source]);
  return b !== undefined && facts(a) === facts(b);
}

/** At most `part` of a resource; whole where it cannot be cut. */
function cut(resource: Resource, part: number): Resource {
  const { value } = resource;
  if (value.type !== "SCALAR" || resource.disk?.source?.type === "MOUNT") return resource;
  if (isPersistentVolume(resource)) return resource;
  return { ...resource, value: { type: "SCALAR", millis: Math.min(value.millis, part * 1000) } };
}

function operationOf(
  total: Resources,
  { act, which, part, id, shared }: Step,
): Operation | undefined {
  const all = [...total];
  const pick = (fits: (resource: Resource) => boolean) => {
    const candidates = all.filter(fits);
    return candidates[which % Math.max(1, candidates.length)];
  };
  const isDisk = ({ name, reservations, disk }: Resource) =>
    name === "disk" && reservations.length > 0 && disk?.persistence === undefined;
  switch (act) {
    case "reserve": {
      const found = pick((resource) => !isPersistentVolume(resource));
      if (!found) return undefined;
      const deep = found.reservations.length;
      const role = ["web", "web/a", "web/a/b", "web/a/b/c"][deep] ?? "web/a/b/c/d";
      const pushed = of(cut(found, part));
      const resources = json(pushed.pushReservation({ ...DYNAMIC, role }));
      return { type: "RESERVE", reserve: { resources } };
    }
    case "unreserve": {
      const found = pick(({ reservations }) => reservations.at(-1)?.type === "DYNAMIC");
      if (!found || isPersistentVolume(found)) return undefined;
      return { type: "UNRESERVE", unreserve: { resources: json(of(cut(found, part))) } };
    }
    case "create": {
      const found = pick(isDisk);
      if (!found) return undefined;
      const persistence = { id, principal: "ops" };
      const disk = { ...found.disk, persistence, volume: { container_path: "d", mode: "RW" } };
      const made = { ...cut(found, part), disk, shared };
      return { type: "CREATE", create: { volumes: json(of(made)) } };
    }
    case "destroy": {
      const found = pick(isPersistentVolume);
      return found && { type: "DESTROY", destroy: { volumes: json(of(found)) } };
    }
    case "grow": {
      const volume = pick(isPersistentVolume);
      const mostly = part % 8 > 0;
      const addition = pick((resource) => isDisk(resource) && (!mostly || alike(resource, volume)));
      if (!volume || !addition) return undefined;
      const [held] = json(of(volume));
      const [added] = json(of(cut(addition, part)));
      if (!held || !added) return undefined;
      return { type: "GROW_VOLUME", grow_volume: { volume: held, addition: added } };
    }
    case "shrink": {
      const volume = pick(isPersistentVolume);
      const [held] = volume ? json(of(volume)) : [];
      return (
        held && {
          type: "SHRINK_VOLUME",
          shrink_volume: { volume: held, subtract: { value: part } },
        }
      );
    }
  }
}

/** The operation that takes a step back. */
function inverseOf(operation: Operation): Operation | undefined {
  const { reserve, create, grow_volume } = operation;
  if (reserve?.resources) {
    return { type: "UNRESERVE", unreserve: { resources: reserve.resources } };
  }
  if (create?.volumes) return { type: "DESTROY", destroy: { volumes: create.volumes } };
  if (grow_volume) {
    const { volume, addition } = grow_volume;
    const value = (volume.scalar?.value ?? 0) + (addition.scalar?.value ?? 0);
    const subtract = { value: addition.scalar?.value ?? 0 };
    return {
      type: "SHRINK_VOLUME",
      shrink_volume: { volume: { ...volume, scalar: { value } }, subtract },
    };
  }
  return undefined;
}

describe("any sequence of operations", () => {
  test("keeps all amounts, is taken by the allocator, and can be taken back", () => {
    const done = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 8, maxLength: 25 }), (steps) => {
        const allocator = new Allocator({ seed: 1 });
        let total = Resources.parse(AGENT);
        const amounts = total.quantities();
        allocator.addAgent({ id: "a1", resources: total });
        for (const drawn of steps) {
          const operation = operationOf(total, drawn);
          if (!operation) continue;
          const verdict = readOperation(operation, operator(total));
          if (!verdict.ok) continue;
          const converted = applyConversions(total, verdict.conversions);
          if (!converted.ok) continue;
          done.set(operation.type, (done.get(operation.type) ?? 0) + 1);
          expect(converted.resources.quantities().equals(amounts)).toBe(true);
          for (const { from, to } of verdict.conversions) {
            expect(from.quantities().equals(to.quantities())).toBe(true);
            allocator.updateAvailable("a1", from, to);
          }
          const inverse = inverseOf(verdict.operation);
          if (inverse) {
            const back = readOperation(inverse, operator(converted.resources));
            if (!back.ok) throw new Error(back.message);
            const before = applyConversions(converted.resources, back.conversions);
            expect(before.ok && before.resources.equals(total)).toBe(true);
          }
          total = converted.resources;
        }
      }),
      { numRuns: 150 },
    );
    const kinds = ["RESERVE", "UNRESERVE", "CREATE", "DESTROY", "GROW_VOLUME", "SHRINK_VOLUME"];
    for (const kind of kinds) expect(done.get(kind) ?? 0, kind).toBeGreaterThan(0);
  });
});
