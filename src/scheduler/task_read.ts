/** Reading what a task is described by: each fault is named, with what is allowed. */
import { FairleadError } from "../base/mod.ts";
import { type PortDemand, portDemand } from "./match/demand.ts";

/** Mesos makes a folder of each id. */
const ID_LENGTH_MAX = 255;
const AMOUNT_MAX = 1e12;
const PORTS_MAX = 65_535;

/** @throws {FairleadError} `invalid_task` */
export function readId(field: string, id: string): string {
  const isName = typeof id === "string" && id !== "" && id !== "." && id !== "..";
  if (isName && id.length <= ID_LENGTH_MAX && !hasForbidden(id)) return id;
  const allowed = `1 to ${ID_LENGTH_MAX} characters without slashes, spaces and control characters`;
  throw invalidTask(field, id, allowed);
}

function hasForbidden(id: string): boolean {
  for (const character of id) {
    if (character === "/" || character === "\\" || /\s/.test(character)) return true;
    const code = character.codePointAt(0) ?? 0;
    if (code < 32 || code === 127) return true;
  }
  return false;
}

/** Thousandths of an amount. @throws {FairleadError} `invalid_task` */
export function readAmount(name: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= AMOUNT_MAX)) {
    throw invalidTask(name, value, "a number of 0 or more");
  }
  const millis = Math.round(value * 1_000);
  if (millis > 0 || value === 0) return millis;
  throw invalidTask(name, value, "0, or 0.001 and more");
}

/** @throws {FairleadError} `invalid_task` */
export function readPorts(ports: number | readonly number[] = 0): PortDemand {
  if (typeof ports === "number") {
    if (Number.isInteger(ports) && ports >= 0 && ports <= PORTS_MAX) {
      return portDemand(Array<number>(ports).fill(0));
    }
    throw invalidTask("ports", ports, `an integer from 0 to ${PORTS_MAX}, or a list of ports`);
  }
  for (const port of ports) {
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) continue;
    throw invalidTask("ports", ports, "a list of integers from 0 (any port) to 65535");
  }
  const fixed = ports.filter((port) => port !== 0);
  if (new Set(fixed).size < fixed.length) throw invalidTask("ports", ports, "all different");
  return portDemand(ports);
}

/** @throws {FairleadError} `invalid_task` */
export function readEnvironment(env: Readonly<Record<string, string>>) {
  return Object.entries(env).map(([name, value]) => {
    if (name === "" || name.includes("=")) {
      throw invalidTask("env", name, "names without an equals sign");
    }
    if (typeof value !== "string") throw invalidTask(`env.${name}`, value, "a text");
    return { name, value };
  });
}

/** The error of a field that cannot be used. */
export function invalidTask(field: string, value: unknown, allowed: string): FairleadError {
  return new FairleadError(
    "invalid_task",
    `Cannot use ${field} = ${shown(value)} of a task: it must be ${allowed}`,
    { details: { field, value, allowed } },
  );
}

function shown(value: unknown): string {
  return typeof value === "string" || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
