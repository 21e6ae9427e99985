/** What the kernel counts of a cgroup, under the names of Mesos' ResourceStatistics. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerStatistics } from "../../../containerizer.ts";
import type { CgroupFolder } from "./cgroup.ts";
import type { Controller } from "./layout.ts";

type Statistics = Partial<ContainerStatistics>;

/** Ticks of the kernel's clock a second, as user space is told: the same on all of Linux. */
const TICKS_PER_SECOND = 100;
/** What v1 writes for "no limit": the largest page-aligned 63-bit number. */
const UNLIMITED = 2 ** 62;

/** Read all that there is; a controller that the host lacks adds nothing. */
export async function readStatistics(
  folders: ReadonlyMap<Controller, CgroupFolder>,
): Promise<Statistics> {
  const parts = await Promise.all(
    [...folders].map(([controller, { version, path }]) => read(controller, version, path)),
  );
  return Object.assign({}, ...parts);
}

async function read(controller: Controller, version: 1 | 2, path: string): Promise<Statistics> {
  const file = new Folder(path);
  if (controller === "cpu") return version === 1 ? cpu1(file) : cpu2(file);
  if (controller === "cpuacct") return version === 1 ? time1(file) : time2(file);
  if (controller === "memory") return version === 1 ? memory1(file) : memory2(file);
  // Threads: the kernel counts tasks, in all cgroups inside.
  return controller === "pids" ? known({ threads: await file.number("pids.current") }) : {};
}

async function cpu1(file: Folder): Promise<Statistics> {
  const [stat, quota, period, shares] = await Promise.all([
    file.table("cpu.stat"),
    file.number("cpu.cfs_quota_us"),
    file.number("cpu.cfs_period_us"),
    file.number("cpu.shares"),
  ]);
  return known({
    cpus_nr_periods: stat.get("nr_periods"),
    cpus_nr_throttled: stat.get("nr_throttled"),
    cpus_throttled_time_secs: scaled(stat.get("throttled_time"), 1e-9),
    cpus_soft_limit: scaled(shares, 1 / 1_024),
    cpus_limit: quota !== undefined && quota > 0 ? quota / (period ?? 100_000) : undefined,
  });
}

async function time1(file: Folder): Promise<Statistics> {
  const stat = await file.table("cpuacct.stat");
  return known({
    cpus_user_time_secs: scaled(stat.get("user"), 1 / TICKS_PER_SECOND),
    cpus_system_time_secs: scaled(stat.get("system"), 1 / TICKS_PER_SECOND),
  });
}

async function cpu2(file: Folder): Promise<Statistics> {
  const [stat, max] = await Promise.all([file.table("cpu.stat"), file.text("cpu.max")]);
  const [quota, period] = (max ?? "").split(" ").map(Number);
  return known({
    cpus_nr_periods: stat.get("nr_periods"),
    cpus_nr_throttled: stat.get("nr_throttled"),
    cpus_throttled_time_secs: scaled(stat.get("throttled_usec"), 1e-6),
    cpus_limit: quota !== undefined && quota > 0 ? quota / (period ?? 100_000) : undefined,
  });
}

async function time2(file: Folder): Promise<Statistics> {
  const stat = await file.table("cpu.stat");
  return known({
    cpus_user_time_secs: scaled(stat.get("user_usec"), 1e-6),
    cpus_system_time_secs: scaled(stat.get("system_usec"), 1e-6),
  });
}

async function memory1(file: Folder): Promise<Statistics> {
  const [stat, total, limit, soft] = await Promise.all([
    file.table("memory.stat"),
    file.number("memory.usage_in_bytes"),
    file.number("memory.limit_in_bytes"),
    file.number("memory.soft_limit_in_bytes"),
  ]);
  return known({
    mem_total_bytes: total,
    mem_rss_bytes: stat.get("total_rss"),
    mem_anon_bytes: stat.get("total_rss"),
    mem_file_bytes: stat.get("total_cache"),
    mem_cache_bytes: stat.get("total_cache"),
    mem_mapped_file_bytes: stat.get("total_mapped_file"),
    mem_swap_bytes: stat.get("total_swap"),
    mem_limit_bytes: limited(limit),
    mem_soft_limit_bytes: limited(soft),
  });
}

async function memory2(file: Folder): Promise<Statistics> {
  const [stat, total, limit, low, swap] = await Promise.all([
    file.table("memory.stat"),
    file.number("memory.current"),
    file.number("memory.max"),
    file.number("memory.low"),
    file.number("memory.swap.current"),
  ]);
  return known({
    mem_total_bytes: total,
    mem_rss_bytes: stat.get("anon"),
    mem_anon_bytes: stat.get("anon"),
    mem_file_bytes: stat.get("file"),
    mem_cache_bytes: stat.get("file"),
    mem_mapped_file_bytes: stat.get("file_mapped"),
    mem_swap_bytes: swap,
    mem_limit_bytes: limited(limit),
    mem_soft_limit_bytes: low === 0 ? undefined : low,
  });
}

function limited(bytes: number | undefined): number | undefined {
  return bytes === undefined || !(bytes < UNLIMITED) ? undefined : bytes;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/** Leave out what is not known. */
function known(values: { readonly [Key in keyof Statistics]: number | undefined }): Statistics {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && !Number.isNaN(value)),
  );
}

class Folder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  text(name: string): Promise<string | undefined> {
    return readFile(join(this.#path, name), "utf8").catch(() => undefined);
  }

  /** NaN for "max". */
  async number(name: string): Promise<number | undefined> {
    const text = await this.text(name);
    return text === undefined || text.trim() === "" ? undefined : Number(text);
  }

  /** Lines of "name number". */
  async table(name: string): Promise<Map<string, number>> {
    const rows = (await this.text(name))?.split("\n") ?? [];
    return new Map(
      rows.flatMap((row) => {
        const [key, value] = row.split(" ");
        return key === undefined || value === undefined ? [] : [[key, Number(value)]];
      }),
    );
  }
}
