/** Containers of crun and runc without a daemon: the state files that they leave under /run. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { parseFibTrie, parseIfInet6 } from "../../proc/addresses.ts";
import { type ContainerFacts, readEnvironment } from "../../reporters/containers.ts";
import type { ContainerRuntime } from "../containers/runtime.ts";
import type { ProcFiles } from "../proc/files.ts";

/** Options of {@linkcode OciRuntime}. */
export interface OciRuntimeOptions {
  /** Folders with one folder a container. @default ["/run/crun", "/run/runc"] */
  readonly roots?: readonly string[];
  readonly files: ProcFiles;
  /** Ids that another runtime reports already are left out. @default none */
  readonly isKnown?: (id: string) => boolean;
  /** How many containers are taken at most. @default 10_000 */
  readonly containersMax?: number;
}

const STATE_BYTES_MAX = 4 * 2 ** 20;
const READS = 16;

function build() {
  const text = () => z.optional(z.string());
  return {
    /** crun's `status`. */
    Crun: z.object({
      pid: z.number(),
      bundle: text(),
      created: text(),
      "process-start-time": z.optional(z.number()),
    }),
    /** runc's `state.json`. */
    Runc: z.object({
      id: text(),
      init_process_pid: z.number(),
      init_process_start: z.optional(z.number()),
      created: text(),
      config: z.optional(z.object({ labels: z.optional(z.nullable(z.array(z.string()))) })),
    }),
    Bundle: z.object({
      hostname: text(),
      process: z.optional(
        z.object({ args: z.optional(z.array(z.string())), env: z.optional(z.array(z.string())) }),
      ),
      annotations: z.optional(z.record(z.string(), z.string())),
    }),
  };
}
let built: ReturnType<typeof build> | undefined;

type Bundle = z.output<ReturnType<typeof build>["Bundle"]>;

interface Held {
  readonly mtimeMs: number;
  readonly found: Found;
  readonly bundle: Bundle;
  readonly ips: readonly string[];
}

interface Found {
  readonly pid: number;
  readonly startTicks: number | undefined;
  readonly bundle: string | undefined;
  readonly created: string | undefined;
}

/** Lists what is there; a file that is half written or damaged is passed over. */
export class OciRuntime implements ContainerRuntime {
  readonly name = "oci";
  readonly #options: Required<OciRuntimeOptions>;
  readonly #held = new Map<string, Held>();

  constructor(options: OciRuntimeOptions) {
    const roots = ["/run/crun", "/run/runc"];
    this.#options = { roots, isKnown: () => false, containersMax: 10_000, ...options };
  }

  async list(): Promise<ReadonlyMap<string, ContainerFacts>> {
    const { roots, isKnown, containersMax } = this.#options;
    const folders = await Promise.all(roots.map(foldersIn));
    const waiting = folders
      .flat()
      .filter(({ id }) => !isKnown(id))
      .slice(0, containersMax);
    const found = new Map<string, ContainerFacts>();
    const lane = async () => {
      for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
        const facts = await this.#read(each.id, each.path);
        if (facts !== undefined) found.set(each.id, facts);
      }
    };
    const present = new Set(waiting.map(({ path }) => path));
    for (const path of this.#held.keys()) if (!present.has(path)) this.#held.delete(path);
    await Promise.all(Array.from({ length: READS }, lane));
    return found;
  }

  /** The files are read again when they were written again. */
  async #read(id: string, path: string): Promise<ContainerFacts | undefined> {
    const mtimeMs = await writtenAt(path);
    const known = this.#held.get(path);
    const held = known?.mtimeMs === mtimeMs ? known : await this.#readFiles(path, mtimeMs);
    if (held === undefined) return undefined;
    this.#held.set(path, held);
    return this.#factsOf(id, held);
  }

  async #readFiles(path: string, mtimeMs: number): Promise<Held | undefined> {
    const found = (await readCrun(path)) ?? (await readRunc(path));
    if (found === undefined) return undefined;
    built ??= build();
    const config = await jsonOf(join(found.bundle ?? path, "config.json"));
    const bundle = z.safeParse(built.Bundle, config);
    const ips = this.#addressesOf(found.pid);
    return { mtimeMs, found, bundle: bundle.success ? bundle.data : {}, ips };
  }

  #factsOf(id: string, { found, bundle, ips }: Held): ContainerFacts {
    const { hostname = "", process, annotations = {} } = bundle;
    const isRunning = this.#isRunning(found);
    const createdMs = Date.parse(found.created ?? "");
    const known = createdMs > 0 ? createdMs : undefined;
    return {
      id,
      name: id,
      state: isRunning ? "running" : "exited",
      createdMs: known,
      startedMs: known,
      exitCode: undefined,
      command: process?.args?.join(" ") ?? "",
      hostName: hostname,
      restartCount: 0,
      pid: isRunning ? found.pid : 0,
      image: undefined,
      labels: annotations,
      environment: readEnvironment(process?.env ?? []),
      networkMode: this.#isOnHost(found.pid) ? "host" : "",
      networks: [],
      ips,
      ports: [],
    };
  }

  #isOnHost(pid: number): boolean {
    const { files } = this.#options;
    const own = files.link("self", "ns/net");
    return own !== undefined && files.link(String(pid), "ns/net") === own;
  }

  /** Those of a network namespace of its own; the host's are not the container's. */
  #addressesOf(pid: number): string[] {
    if (this.#isOnHost(pid)) return [];
    const { files } = this.#options;
    const read = (name: string) => files.whole(String(pid), name) ?? "";
    return [...parseFibTrie(read("net/fib_trie")), ...parseIfInet6(read("net/if_inet6"))];
  }

  /** A number may have gone to another process since: its start tells. */
  #isRunning({ pid, startTicks }: Found): boolean {
    const text = this.#options.files.small(String(pid), "stat");
    if (text === undefined) return false;
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return false;
    return startTicks === undefined || Number(fields[19]) === startTicks;
  }
}

async function foldersIn(root: string) {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ id: name, path: join(root, name) }));
}

async function writtenAt(path: string): Promise<number> {
  for (const name of ["status", "state.json"]) {
    const found = await stat(join(path, name)).catch(() => undefined);
    if (found !== undefined) return found.mtimeMs;
  }
  return 0;
}

async function readCrun(path: string): Promise<Found | undefined> {
  built ??= build();
  const read = z.safeParse(built.Crun, await jsonOf(join(path, "status")));
  if (!read.success) return undefined;
  const { pid, bundle, created, "process-start-time": startTicks } = read.data;
  return { pid, bundle, created, startTicks };
}

async function readRunc(path: string): Promise<Found | undefined> {
  built ??= build();
  const read = z.safeParse(built.Runc, await jsonOf(join(path, "state.json")));
  if (!read.success) return undefined;
  const { init_process_pid: pid, init_process_start: startTicks, created, config } = read.data;
  const bundle = config?.labels
    ?.find((label) => label.startsWith("bundle="))
    ?.slice("bundle=".length);
  return { pid, bundle, created, startTicks };
}

async function jsonOf(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, "utf8");
    return text.length > STATE_BYTES_MAX ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
