import { describe, expect, test } from "vitest";
import { applyConversions } from "../../../src/master/operations/conversions.ts";
import { readOperation } from "../../../src/master/operations/operation.ts";
import type { OperationContext } from "../../../src/master/validate/types.ts";
import type { Operation } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { scalar, volume } from "../validate/launches.ts";
import { DYNAMIC, faultOf, framework, operator, reserved, TOTAL, typed } from "./contexts.ts";

const total = Resources.parse(TOTAL);
const offered = total.allocate("web");

/** What is left of an offer after an operation. */
function apply(resources: Resources, operation: Operation, context: OperationContext): Resources {
  const verdict = readOperation(operation, context);
  if (!verdict.ok) throw new Error(verdict.message);
  const converted = applyConversions(resources, verdict.conversions);
  if (!converted.ok) throw new Error(converted.message);
  return converted.resources;
}

const reserve = (...resources: Parameters<typeof typed>): Operation => {
  return { type: "RESERVE", reserve: { resources } };
};

describe("RESERVE", () => {
  test("pushes a reservation on what is offered, for the offer's role", () => {
    const after = apply(offered, reserve(reserved(100)), framework(total));
    expect(after.reservedTo("web").equals(typed(reserved(100)).allocate("web"))).toBe(true);
    expect(after.unreserved().quantities().get("disk")).toBe(900_000);
  });

  test("understands the deprecated fields", () => {
    const old = scalar("disk", 100, { role: "web", reservation: { principal: "ops" } });
    const verdict = readOperation(reserve(old), framework(total));
    expect(verdict).toMatchObject({
      ok: true,
      operation: { reserve: { resources: [{ reservations: [DYNAMIC] }] } },
    });
  });

  test("refines a reservation", () => {
    const stack = [{ type: "STATIC", role: "web" } as const, { ...DYNAMIC, role: "web/eu" }];
    const held = Resources.parse("disk(web):100");
    const context = framework(held, { roles: new Set(["web/eu"]), role: "web/eu" });
    const after = apply(
      held.allocate("web/eu"),
      reserve(scalar("disk", 40, { reservations: stack })),
      context,
    );
    expect(after.reservedTo("web/eu").quantities().get("disk")).toBe(40_000);
    expect(after.reservedTo("web").quantities().get("disk")).toBe(60_000);
  });

  test("is for nobody when an operator asks", () => {
    const after = apply(total, reserve(reserved(100)), operator(total));
    expect(after.reservedTo("web").equals(typed(reserved(100)))).toBe(true);
  });

  test("gives a reservation to another holder when an operator names the source", () => {
    const held = typed(reserved(100));
    const to = scalar("disk", 100, { reservations: [{ ...DYNAMIC, role: "db" }] });
    const operation: Operation = {
      type: "RESERVE",
      reserve: { source: [reserved(100)], resources: [to] },
    };
    expect(apply(held, operation, operator(held)).equals(typed(to))).toBe(true);
    expect(faultOf(operation, framework(held, { roles: new Set(["db"]), role: "db" }))).toBe(
      "Reservation updates are not yet implemented for the scheduler API.",
    );
    const other = { ...operation, reserve: { source: [reserved(50)], resources: [to] } };
    expect(faultOf(other, operator(held))).toBe(
      "Source and target resources should refer to identical resource quantities: disk:50 vs. " +
        "disk:100",
    );
  });

  test.each<[string, Operation, string]>([
    ["nothing", reserve(), "Operation contains no resources"],
    [
      "a static reservation",
      reserve(scalar("disk", 1, { reservations: [{ type: "STATIC", role: "web" }] })),
      'Resource disk(web):1 {"allocation_info":{"role":"web"}} is not dynamically reserved',
    ],
    [
      "another role",
      reserve(scalar("disk", 1, { reservations: [{ ...DYNAMIC, role: "db" }] })),
      "A reserve operation was attempted for a resource with role 'db', but the resource was " +
        "allocated to role 'web'",
    ],
    [
      "no principal",
      reserve(scalar("disk", 1, { reservations: [{ type: "DYNAMIC", role: "web" }] })),
      "A reserve operation was attempted by principal 'ops', but there is a reserved resource in " +
        "the request with no principal set",
    ],
    [
      "another principal",
      reserve(scalar("disk", 1, { reservations: [{ ...DYNAMIC, principal: "eve" }] })),
      "A reserve operation was attempted by authenticated principal 'ops', which does not match a " +
        "reserved resource in the request with principal 'eve'",
    ],
    [
      "what is lent",
      reserve(scalar("cpus", 1, { reservations: [DYNAMIC], revocable: {} })),
      "Invalid resources: Invalid ReservationInfo: Dynamically reserved resource cpus cannot be " +
        "created from revocable resources",
    ],
    [
      "some of a provider",
      reserve(reserved(1), reserved(1, { provider_id: { value: "p" } })),
      "Invalid resources: Some resources have a resource provider and some do not",
    ],
  ])("refuses %s", (_what, operation, message) => {
    expect(faultOf(operation, framework(total))).toBe(message);
  });

  test("refuses what an operator holds for somebody", () => {
    const operation = reserve(reserved(1, { allocation_info: { role: "web" } }));
    expect(faultOf(operation, operator(total))).toMatch(
      /^The operation was attempted with an alloc/,
    );
  });

  test("refuses what the agent cannot keep", () => {
    const capabilities = new Set<string>();
    const context = {
      ...operator(total),
      agent: { id: "a1", total, used: [], capabilities },
    };
    const nested = scalar("disk", 1, { reservations: [{ ...DYNAMIC, role: "web/eu" }] });
    expect(faultOf(reserve(nested), context)).toMatch(/without HIERARCHICAL_ROLE capability$/);
    capabilities.add("HIERARCHICAL_ROLE");
    expect(faultOf(reserve(nested), context)).toBeUndefined();
    const refined = scalar("disk", 1, {
      reservations: [DYNAMIC, { ...DYNAMIC, role: "web/eu" }],
    });
    expect(faultOf(reserve(refined), context)).toMatch(
      /without RESERVATION_REFINEMENT capability$/,
    );
  });

  test("is refused by what is left when that does not hold it", () => {
    const verdict = readOperation(reserve(reserved(2_000)), framework(total));
    if (!verdict.ok) throw new Error(verdict.message);
    const converted = applyConversions(offered, verdict.conversions);
    expect(converted.ok ? "" : converted.message).toMatch(/ does not contain disk:2000 /);
  });
});

const unreserve = (...resources: Parameters<typeof typed>): Operation => {
  return { type: "UNRESERVE", unreserve: { resources } };
};

describe("UNRESERVE", () => {
  test("pops the reservation", () => {
    const held = typed(reserved(100), scalar("cpus", 1));
    const after = apply(held.allocate("web"), unreserve(reserved(40)), framework(held));
    expect(after.unreserved().quantities().toJSON()).toEqual({ cpus: 1, disk: 40 });
  });

  test.each<[string, Operation, string]>([
    [
      "what is unreserved",
      unreserve(scalar("cpus", 1)),
      'Resource cpus:1 {"allocation_info":{"role":"web"}} is not dynamically reserved',
    ],
    ["a volume", unreserve(volume("v")), "A dynamically reserved persistent volume disk("],
  ])("refuses %s", (_what, operation, message) => {
    expect(faultOf(operation, framework(total))?.slice(0, message.length)).toBe(message);
  });
});

const create = (...volumes: Parameters<typeof typed>): Operation => {
  return { type: "CREATE", create: { volumes } };
};
const destroy = (...volumes: Parameters<typeof typed>): Operation => {
  return { type: "DESTROY", destroy: { volumes } };
};

describe("CREATE", () => {
  const held = typed(reserved(500));

  test("makes a volume of reserved disk, and leaves the rest", () => {
    const after = apply(held.allocate("web"), create(volume("v")), framework(held));
    expect(after.equals(typed(volume("v"), reserved(400)).allocate("web"))).toBe(true);
  });

  test("takes a MOUNT disk whole", () => {
    const mount = { type: "MOUNT", mount: { root: "/mnt/a" } } as const;
    const disk = typed(reserved(500, { disk: { source: mount } }));
    const persistence = { id: "v", principal: "ops" };
    const info = { persistence, volume: { container_path: "d" }, source: mount };
    const whole = reserved(500, { disk: info });
    const after = apply(disk.allocate("web"), create(whole), framework(disk));
    expect(after.equals(typed(whole).allocate("web"))).toBe(true);
    const part = readOperation(create(reserved(100, { disk: info })), framework(disk));
    if (!part.ok) throw new Error(part.message);
    expect(applyConversions(disk.allocate("web"), part.conversions).ok).toBe(false);
  });

  test.each<[string, Operation, string]>([
    ["what is no volume", create(reserved(1)), "Not a persistent volume: Resource disk(web,"],
    [
      "a volume that is read only",
      create(
        volume("v", {
          disk: {
            persistence: { id: "v", principal: "ops" },
            volume: { container_path: "d", mode: "RO" },
          },
        }),
      ),
      "Not a persistent volume: Read-only persistent volume not supported",
    ],
    [
      "a volume without a path",
      create(volume("v", { disk: { persistence: { id: "v" } } })),
      "Invalid resources: Invalid DiskInfo: Expecting 'volume' to be set for persistent volume",
    ],
    [
      "an id that is no name of a folder",
      create(
        volume("v", { disk: { persistence: { id: "a\\b" }, volume: { container_path: "d" } } }),
      ),
      "Invalid resources: Invalid DiskInfo: Invalid persistence ID for persistent volume: 'a\\b' contains",
    ],
    ["an id twice", create(volume("v"), volume("v")), "Persistence ID 'v' is not unique"],
    [
      "another creator",
      create(
        volume("v", {
          disk: { persistence: { id: "v", principal: "eve" }, volume: { container_path: "d" } },
        }),
      ),
      "Create volume operation attempted by authenticated principal 'ops', which does not match " +
        "a volume in the operation with principal 'eve' set in 'disk.persistence'",
    ],
    [
      "no creator",
      create(volume("v", { disk: { persistence: { id: "v" }, volume: { container_path: "d" } } })),
      "Create volume operation attempted by principal 'ops', but there is a volume in the " +
        "operation with no principal set in 'disk.persistence'",
    ],
  ])("refuses %s", (_what, operation, message) => {
    expect(faultOf(operation, framework(held))?.slice(0, message.length)).toBe(message);
  });

  test("refuses an id that the role has on the agent, whatever its size", () => {
    const there = typed(volume("v"), reserved(500));
    const again = create(volume("v"));
    const bigger = create(volume("v", { scalar: { value: 200 } }));
    expect(faultOf(again, framework(there))).toBe("Persistence ID 'v' is not unique");
    expect(faultOf(bigger, framework(there))).toBe("Persistence ID 'v' is not unique");
    expect(faultOf(create(volume("w")), framework(there))).toBeUndefined();
  });

  test("makes shared volumes only for frameworks that know them", () => {
    const shared = create(volume("v", { shared: {} }));
    expect(faultOf(shared, framework(held))).toBeUndefined();
    expect(faultOf(shared, framework(held, { capabilities: new Set() }))).toMatch(
      /has been attempted by framework 'f1' with no SHARED_RESOURCES capability$/,
    );
  });
});

describe("DESTROY", () => {
  const held = typed(volume("v"), reserved(400));

  test("makes disk of a volume again", () => {
    const after = apply(held.allocate("web"), destroy(volume("v")), framework(held));
    expect(after.equals(typed(reserved(500)).allocate("web"))).toBe(true);
  });

  test("refuses a volume that is not there, or in use", () => {
    expect(faultOf(destroy(volume("w")), framework(held))).toBe("Persistent volumes not found");
    const used = [typed(volume("v")).allocate("web")];
    const context = { ...framework(held), agent: { id: "a1", total: held, used } };
    expect(faultOf(destroy(volume("v")), context)).toBe("Persistent volumes in use");
  });

  test("refuses a shared volume of which there are more copies in the offers", () => {
    const json = volume("v", { shared: {} });
    const one = typed(json);
    const two = one.add(one).allocate("web");
    const verdict = readOperation(destroy(json), framework(one));
    if (!verdict.ok) throw new Error(verdict.message);
    const converted = applyConversions(two, verdict.conversions);
    expect(converted.ok ? "" : converted.message).toMatch(
      /^Persistent volume .* cannot be removed due to additional shared copies$/,
    );
  });
});

const grow = (held: ReturnType<typeof volume>, addition: ReturnType<typeof volume>): Operation => {
  return { type: "GROW_VOLUME", grow_volume: { volume: held, addition } };
};
const shrink = (held: ReturnType<typeof volume>, value: number): Operation => {
  return { type: "SHRINK_VOLUME", shrink_volume: { volume: held, subtract: { value } } };
};
const PATH = { type: "PATH", path: { root: "/mnt/p" } } as const;
const onPath = (megabytes: number) =>
  reserved(megabytes, {
    disk: {
      persistence: { id: "v", principal: "ops" },
      volume: { container_path: "d" },
      source: PATH,
    },
  });

describe("GROW_VOLUME and SHRINK_VOLUME", () => {
  const held = typed(volume("v"), reserved(400));

  test("move disk into a volume and out of it", () => {
    const context = framework(held);
    const grown = apply(held.allocate("web"), grow(volume("v"), reserved(50)), context);
    const bigger = volume("v", { scalar: { value: 150 } });
    expect(grown.equals(typed(bigger, reserved(350)).allocate("web"))).toBe(true);
    const shrunk = apply(grown, shrink(bigger, 50), framework(grown.unallocate()));
    expect(shrunk.equals(held.allocate("web"))).toBe(true);
  });

  test("keep to the source of the disk", () => {
    const disk = typed(onPath(100), reserved(50, { disk: { source: PATH } }));
    const operation = grow(onPath(100), reserved(50, { disk: { source: PATH } }));
    expect(apply(disk, operation, operator(disk)).equals(typed(onPath(150)))).toBe(true);
    expect(faultOf(grow(onPath(100), reserved(50)), operator(disk))).toBe(
      "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields",
    );
  });

  test.each<[string, Operation, string]>([
    [
      "an addition of nothing",
      grow(volume("v"), reserved(0)),
      "The size of 'GrowVolume.addition' field must be greater than zero",
    ],
    [
      "what is no volume",
      grow(reserved(1), reserved(1)),
      "Invalid persistent volume in the 'GrowVolume.volume' field: Resource disk(web,",
    ],
    [
      "a shared volume",
      grow(volume("v", { shared: {} }), reserved(1)),
      "Growing a shared persistent volume is not supported",
    ],
    [
      "memory",
      grow(volume("v"), scalar("mem", 1, { reservations: [DYNAMIC] })),
      "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields",
    ],
    [
      "another's disk",
      grow(volume("v"), reserved(1, { reservations: [{ ...DYNAMIC, role: "db" }] })),
      "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields",
    ],
    [
      "a volume of a provider",
      grow(volume("v", { provider_id: { value: "p" } }), reserved(1)),
      "Growing a volume from a resource provider is not supported",
    ],
    [
      "nothing taken away",
      shrink(volume("v"), 0),
      "Value of 'ShrinkVolume.subtract' must be greater than zero",
    ],
    [
      "less than nothing taken away",
      shrink(volume("v"), -5),
      "Value of 'ShrinkVolume.subtract' must be greater than zero",
    ],
    [
      "all of it taken away",
      shrink(volume("v"), 100),
      "Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'",
    ],
    [
      "a shared volume smaller",
      shrink(volume("v", { shared: {} }), 1),
      "Shrinking a shared persistent volume is not supported",
    ],
  ])("refuse %s", (_what, operation, message) => {
    expect(faultOf(operation, framework(held))?.slice(0, message.length)).toBe(message);
  });

  test("refuse agents that cannot resize", () => {
    const agent = { id: "a1", total: held, used: [], capabilities: new Set<string>() };
    const context = { ...framework(held), agent };
    expect(faultOf(shrink(volume("v"), 1), context)).toMatch(/cannot be shrunk on an agent with/);
    expect(faultOf(grow(volume("v"), reserved(1)), context)).toMatch(/cannot be grown on an agent/);
  });
});

describe("readOperation()", () => {
  test.each<[Operation, string]>([
    [{ type: "UNKNOWN" }, "Unknown operation"],
    [{ type: "RESERVE" }, "Expecting 'reserve' to be present"],
    [{ type: "DESTROY" }, "Expecting 'destroy' to be present"],
    [
      { type: "CREATE_DISK", create_disk: { source: scalar("disk", 1) } },
      "Operation not supported: CREATE_DISK needs a CSI resource provider",
    ],
    [
      { type: "LAUNCH", launch: { task_infos: [] } },
      "Operation not supported: LAUNCH is no operation on resources",
    ],
  ])("refuses %j", (operation, message) => {
    expect(readOperation(operation, operator(total))).toEqual({
      ok: false,
      state: "OPERATION_ERROR",
      message,
    });
  });

  test("keeps the operation's id", () => {
    const operation: Operation = { ...reserve(reserved(1)), id: { value: "op-1" } };
    expect(readOperation(operation, framework(total))).toMatchObject({
      operation: { id: { value: "op-1" }, type: "RESERVE" },
    });
  });
});
