/** From arguments to operations: every check that needs no tree. */
import { FairleadError } from "../base/mod.ts";
import { checkPath, utf8Bytes } from "../zookeeper/mod.ts";
import type { StoreLimits, StoreOp } from "./store.ts";

/** What every driver here keeps to unless it is told otherwise. */
export const DEFAULT_LIMITS: StoreLimits = {
  valueBytesMax: 1_000_000,
  multiBytesMax: 1_000_000,
  pathBytesMax: 1_024,
  callsMax: 100_000,
};

/** What an operation weighs in a `multi` besides its path and value. */
const OPERATION_BYTES = 50;

/** @throws {FairleadError} `invalid_path`, `value_too_large`, `invalid_argument`. */
export function checkOperation(operation: StoreOp, limits: StoreLimits): void {
  const { type, path } = operation;
  checkTarget(operation, limits);
  if (type === "create" || type === "set") checkValue(path, operation.value, operation, limits);
  if (type !== "create") checkVersion(path, operation.version);
}

/** @throws {FairleadError} What `checkOperation` throws, and `multi_too_large`. */
export function checkMulti(operations: readonly StoreOp[], limits: StoreLimits): void {
  let bytes = 0;
  for (const operation of operations) {
    checkOperation(operation, limits);
    bytes += OPERATION_BYTES + utf8Bytes(operation.path);
    if ("value" in operation) bytes += operation.value?.length ?? 0;
  }
  if (bytes <= limits.multiBytesMax) return;
  throw new FairleadError(
    "multi_too_large",
    `Cannot send ${operations.length} operations of ${bytes} bytes at once: the most is ${limits.multiBytesMax}`,
    { details: { bytes, bytesMax: limits.multiBytesMax } },
  );
}

function checkTarget(operation: StoreOp, { pathBytesMax }: StoreLimits): void {
  const { type, path } = operation;
  checkPath(type === "create" && operation.sequential ? `${path}1` : path, pathBytesMax);
  if (type === "check" || type === "set") return;
  const isReserved = path === "/zookeeper" || path.startsWith("/zookeeper/");
  if (path !== "/" && !isReserved) return;
  const fault = isReserved ? "ZooKeeper keeps it for itself" : "the root is always there";
  throw new FairleadError("invalid_path", `Cannot ${type} ${path}: ${fault}`, {
    details: { path },
  });
}

function checkValue(
  path: string,
  value: Uint8Array | undefined,
  { type }: StoreOp,
  { valueBytesMax }: StoreLimits,
): void {
  if (value === undefined && type === "create") return;
  if (!(value instanceof Uint8Array)) {
    throw new FairleadError("invalid_argument", `Cannot ${type} ${path}: a value is a Uint8Array`, {
      details: { path },
    });
  }
  if (value.length <= valueBytesMax) return;
  throw new FairleadError(
    "value_too_large",
    `Cannot ${type} ${path}: its value has ${value.length} bytes, the most is ${valueBytesMax}`,
    { details: { path, bytes: value.length, bytesMax: valueBytesMax } },
  );
}

/** ZooKeeper takes -1 for "any"; here that is said by leaving it out. */
function checkVersion(path: string, version: number | undefined): void {
  if (version === undefined || ((version | 0) === version && version !== -1)) return;
  throw new FairleadError(
    "invalid_argument",
    `Cannot use version ${version} of ${path}: it must be an integer of 32 bits, and not -1`,
    { details: { path, version } },
  );
}
