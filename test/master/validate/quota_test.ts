import { describe, expect, test } from "vitest";
import {
  type Quota,
  type QuotaContext,
  type QuotaFacts,
  readQuotaRemoval,
  readQuotaRequest,
  readQuotas,
} from "../../../src/master/validate/quota.ts";
import { Quantities } from "../../../src/resources/mod.ts";
import { scalar } from "./launches.ts";

function context(more: Partial<QuotaContext> = {}): QuotaContext {
  return {
    quotas: new Map(),
    consumed: () => Quantities.EMPTY,
    capacity: Quantities.of({ cpus: 100, mem: 1000 }),
    ...more,
  };
}

function cpus(role: string, guarantee: number, limit?: number): QuotaFacts {
  const config = { role, guarantees: { cpus: { value: guarantee } } };
  return limit === undefined ? config : { ...config, limits: { cpus: { value: limit } } };
}

function faultOf(configs: QuotaFacts[], more: Partial<QuotaContext> = {}): string | undefined {
  const read = readQuotas(configs, context(more));
  return read.ok ? undefined : read.message;
}

describe("readQuotas()", () => {
  test("reads amounts in thousandths; a limit of 0 is one", () => {
    const limits = { cpus: { value: 2.5 }, gpus: { value: 0 } };
    const read = readQuotas([{ role: "a", guarantees: { cpus: { value: 1 } }, limits }], context());
    if (!read.ok) throw new Error(read.message);
    expect(read.quotas).toHaveLength(1);
    expect(read.quotas[0]?.guarantees.get("cpus")).toBe(1_000);
    expect(read.quotas[0]?.limits).toEqual({ cpus: 2_500, gpus: 0 });
  });

  test.each<[string, QuotaFacts[], string]>([
    ["a bad role", [cpus("a b", 1)], "Invalid QuotaConfig: Invalid 'QuotaConfig.role': Role"],
    [
      "a guarantee above its limit",
      [cpus("a", 2, 1)],
      'Invalid QuotaConfig: \'QuotaConfig.guarantees\' {"cpus":{"value":2}} is not contained ' +
        'within the \'QuotaConfig.limits\' {"cpus":{"value":1}}',
    ],
    [
      "a negative guarantee",
      [cpus("a", -1)],
      "Invalid QuotaConfig: Invalid guarantee configuration {'cpus': -1}: Negative values not " +
        "supported",
    ],
    [
      "an infinite limit",
      [cpus("a", 1, Number.POSITIVE_INFINITY)],
      "Invalid QuotaConfig: Invalid 'QuotaConfig.limits': {'cpus': Infinity} is invalid: values " +
        "greater than 1 trillion (1000000000000) are not supported",
    ],
    [
      "more than an exabyte",
      [{ role: "a", limits: { mem: { value: 2 ** 41 } } }],
      "Invalid QuotaConfig: Invalid 'QuotaConfig.limits': {'mem': 2199023255552} is invalid: " +
        "values greater than 1 exabyte (1099511627776) are not supported",
    ],
    [
      "no name of a resource",
      [{ role: "a", limits: { "a b": { value: 1 } } }],
      "Invalid QuotaConfig: Invalid limit configuration {'a b': 1}: 'a b' is no name of a resource",
    ],
    ["a role twice", [cpus("a", 1), cpus("a", 2)], "Invalid QuotaConfig: Role 'a' stands twice"],
    [
      "children above their parent",
      [cpus("a", 3), cpus("a/b", 2), cpus("a/c", 2)],
      "Invalid QuotaConfig: Invalid quota configuration. Parent role 'a' with guarantees (cpus:3) " +
        "does not contain the sum of its children's guarantees (cpus:4)",
    ],
    [
      "a child without its parent",
      [cpus("a/b/c", 1)],
      "Invalid QuotaConfig: Invalid quota configuration. Parent role 'a/b' with guarantees () does",
    ],
    [
      "a limit above that of an ancestor",
      [cpus("a", 0, 2), { role: "a/b/c", limits: { cpus: { value: 3 } } }],
      "Invalid QuotaConfig: Invalid quota configuration. Role 'a/b/c' has cpus:3, which is above " +
        "the limit of role 'a' (2)",
    ],
    [
      "more than the cluster has",
      [cpus("a", 60), cpus("b", 60)],
      "Invalid QuotaConfig: total quota guarantees 'cpus:120' exceed cluster capacity 'cpus:100; " +
        "mem:1000' (use 'force' flag to bypass this check)",
    ],
  ])("refuses %s", (_what, configs, message) => {
    expect(faultOf(configs)?.slice(0, message.length)).toBe(message);
  });

  test("counts guarantees of children with those of their parent", () => {
    expect(faultOf([cpus("a", 100), cpus("a/b", 60), cpus("a/c", 40)])).toBeUndefined();
  });

  test("force passes what is consumed and what there is, not the tree", () => {
    const consumed = () => Quantities.of({ cpus: 5 });
    const few = [cpus("a", 0, 4)];
    expect(faultOf(few, { consumed })).toBe(
      "Invalid QuotaConfig: Role 'a' is already consuming 'cpus:5'; this is more than the " +
        "requested limits 'cpus:4' (use 'force' flag to bypass this check)",
    );
    expect(faultOf(few, { consumed, force: true })).toBeUndefined();
    expect(faultOf([cpus("a", 1000)], { force: true })).toBeUndefined();
    expect(faultOf([cpus("a", 1), cpus("a/b", 2)], { force: true })).toMatch(/Parent role/);
  });

  test("holds new quotas against those that are set", () => {
    const set = readQuotas([cpus("a", 2), cpus("a/b", 2)], context());
    const quotas = new Map<string, Quota>(
      set.ok ? set.quotas.map((quota) => [quota.role, quota]) : [],
    );
    expect(faultOf([cpus("a/c", 1)], { quotas })).toMatch(/Parent role 'a'/);
    expect(faultOf([cpus("a/c", 1), cpus("a/b", 1)], { quotas })).toBeUndefined();
    expect(readQuotaRemoval("a", context({ quotas }))).toMatchObject({ ok: false });
    expect(readQuotaRemoval("a/b", context({ quotas }))).toMatchObject({ ok: true });
    expect(readQuotaRemoval("x", context({ quotas }))).toEqual({
      ok: false,
      message: "Failed to remove quota for role 'x': Role 'x' has no quota set",
    });
  });
});

describe("readQuotaRequest()", () => {
  test("makes the guarantee the limit as well", () => {
    const read = readQuotaRequest({ role: "a", guarantee: [scalar("cpus", 2)] }, context());
    if (!read.ok) throw new Error(read.message);
    expect(read.quotas[0]?.guarantees.toString()).toBe("cpus:2");
    expect(read.quotas[0]?.limits).toEqual({ cpus: 2_000 });
  });

  test.each([
    [{ guarantee: [scalar("cpus", 1)] }, "QuotaInfo must specify a role"],
    [{ role: "a" }, "QuotaInfo with empty 'guarantee'"],
    [
      { role: "a", guarantee: [scalar("cpus", 1, { reservation: {} })] },
      "QuotaInfo must not contain any ReservationInfo",
    ],
    [
      { role: "a", guarantee: [scalar("disk", 1, { disk: {} })] },
      "QuotaInfo must not contain DiskInfo",
    ],
    [
      { role: "a", guarantee: [scalar("cpus", 1, { revocable: {} })] },
      "QuotaInfo must not contain RevocableInfo",
    ],
    [
      { role: "a", guarantee: [scalar("cpus", 1), scalar("cpus", 1)] },
      "QuotaInfo contains duplicate resource name 'cpus'",
    ],
  ])("refuses %j", (request, message) => {
    const read = readQuotaRequest(request, context());
    expect(read).toEqual({
      ok: false,
      message: `Failed to validate set quota request: ${message}`,
    });
  });

  test("refuses a role that has quota", () => {
    const quota = { role: "a", guarantees: Quantities.EMPTY, limits: { cpus: 1 } };
    const quotas = new Map([["a", quota]]);
    const request = { role: "a", guarantee: [scalar("cpus", 1)] };
    expect(readQuotaRequest(request, context({ quotas }))).toEqual({
      ok: false,
      message:
        "Failed to validate set quota request: Cannot set quota for role 'a' which already has quota",
    });
  });
});
