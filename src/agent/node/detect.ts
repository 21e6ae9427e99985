/** What this machine has, as far as the operating system tells. */
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, hostname, networkInterfaces, totalmem } from "node:os";
import { FairleadError } from "../../base/mod.ts";
import type { Attribute, ResourceJson } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { listOf } from "../core/operations.ts";

const MEGABYTE = 2 ** 20;
/** What is left to the system: as much as Mesos leaves. */
const MEM_KEPT_MB = 1_024;
const DISK_KEPT_MB = 5 * 1_024;
const STEADY_RATIO = 0.95;
const PORTS = "ports:[31000-32000]";

/**
 * What the agent offers: what `text` names, and for each of cpus, mem, disk and ports that it does
 * not name, what the machine has.
 *
 * Of memory and disk, a gigabyte and five stay with the system, or half when there is less than
 * twice as much. A cgroup's limits count when they are lower than the machine.
 *
 * @param before What the agent had when it ran last: an agent that comes again with a little less
 * of what was detected goes on with the same.
 * @throws {FairleadError} `invalid_resource` when the text cannot be read.
 */
export async function detectResources(
  text: string | readonly ResourceJson[] | undefined,
  workDir: string,
  before: readonly ResourceJson[] = [],
): Promise<ResourceJson[]> {
  const given = typeof text === "string" ? Resources.parse(text) : Resources.fromJson(text ?? []);
  const names = new Set(Array.from(given, ({ name }) => name));
  const had = new Map(before.map(({ name, scalar }) => [name, scalar?.value]));
  const found: string[] = [];
  const add = (name: string, amount: number) => {
    if (!names.has(name)) found.push(`${name}:${steady(amount, had.get(name))}`);
  };
  add("cpus", cpus());
  add("mem", leave(memoryMb(), MEM_KEPT_MB));
  add("disk", leave(await diskMb(workDir), DISK_KEPT_MB));
  if (!names.has("ports")) found.push(PORTS);
  return listOf(given.add(Resources.parse(found.join(";"))));
}

/** A few megabytes less than last time (another kernel) are none the less. */
function steady(found: number, before: number | undefined): number {
  if (before === undefined || found >= before) return found;
  return found >= before * STEADY_RATIO ? before : found;
}

function leave(all: number, kept: number): number {
  return Math.floor(all - kept > kept ? all - kept : all / 2);
}

/** Cores, in hundredths when a cgroup holds this process to less. */
function cpus(): number {
  const quota = cgroupCpus();
  const cores = availableParallelism();
  return quota === undefined ? cores : Math.min(cores, Math.max(0.01, quota));
}

function cgroupCpus(): number | undefined {
  const both = readText("/sys/fs/cgroup/cpu.max")?.split(" ");
  const quota = Number(both?.[0] ?? readText("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
  const period = Number(both?.[1] ?? readText("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  const share = Math.round((quota / period) * 100) / 100;
  return Number.isFinite(share) && share > 0 ? share : undefined;
}

function memoryMb(): number {
  const limit = Number(
    readText("/sys/fs/cgroup/memory.max") ??
      readText("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
  );
  const bytes = Number.isFinite(limit) && limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(bytes / MEGABYTE);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

async function diskMb(folder: string): Promise<number> {
  const { blocks, bsize } = await statfs(folder);
  return Math.floor((blocks * bsize) / MEGABYTE);
}

/** The machine's name. */
export function detectHostname(): string {
  return hostname();
}

/** The address that others reach this machine by: the first one that is no loopback, if any. */
export function detectIp(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family, internal } of addresses ?? []) {
      if (!internal && family === "IPv4") return address;
    }
  }
  return "127.0.0.1";
}

const SCALAR = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const RANGES = /^\[(.*)\]$/;
const SET = /^\{(.*)\}$/;

/**
 * Read attributes such as "rack:r1;os:debian;level:10;ports:[1-5,9-12]".
 *
 * @throws {FairleadError} `invalid_option` naming the item.
 */
export function parseAttributes(text: string): Attribute[] {
  return text
    .split(";")
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map(parseAttribute);
}

function parseAttribute(item: string): Attribute {
  const colon = item.indexOf(":");
  const name = item.slice(0, colon).trim();
  const value = item.slice(colon + 1).trim();
  if (colon <= 0 || name === "" || value === "") throw invalidAttribute(item);
  if (SCALAR.test(value)) return { name, type: "SCALAR", scalar: { value: Number(value) } };
  const ranges = RANGES.exec(value)?.[1];
  if (ranges !== undefined) {
    return { name, type: "RANGES", ranges: { range: ranges.split(",").map(rangeOf(item)) } };
  }
  const members = SET.exec(value)?.[1];
  if (members !== undefined) {
    return { name, type: "SET", set: { item: members.split(",").map((each) => each.trim()) } };
  }
  return { name, type: "TEXT", text: { value } };
}

function rangeOf(item: string): (text: string) => { begin: number; end: number } {
  return (text) => {
    const both = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(text);
    if (both === null) throw invalidAttribute(item);
    return { begin: Number(both[1]), end: Number(both[2]) };
  };
}

function invalidAttribute(item: string): FairleadError {
  return new FairleadError(
    "invalid_option",
    `Cannot read attribute "${item}": it must be name:value, such as rack:r1`,
    { details: { field: "attributes", value: item } },
  );
}
