/** An engine's statistics, under the names of Mesos' ResourceStatistics. */
import type { ContainerStatistics } from "../../../containerizer.ts";
import type { StatsAnswer } from "./answers.ts";

type Statistics = Partial<ContainerStatistics>;

const NANOSECONDS = 1e9;
/** What engines say for "no limit": the host's memory, or close to 2^63. */
const UNLIMITED = 2 ** 62;

/** Translate; what the engine does not tell is left out. */
export function statisticsOf(stats: StatsAnswer): Statistics {
  const { cpu_usage: cpu, throttling_data: throttling } = stats.cpu_stats ?? {};
  const memory = stats.memory_stats;
  const detail = (name: string): number | undefined => {
    const value = memory?.stats?.[name];
    return typeof value === "number" ? value : undefined;
  };
  const networks = Object.values(stats.networks ?? {});
  const sum = (name: keyof (typeof networks)[number]) =>
    networks.length === 0
      ? undefined
      : networks.reduce((total, each) => total + (each[name] ?? 0), 0);
  return known({
    threads: stats.pids_stats?.current,
    processes: stats.pids_stats?.current,
    cpus_user_time_secs: seconds(cpu?.usage_in_usermode || cpu?.total_usage),
    cpus_system_time_secs: seconds(cpu?.usage_in_usermode ? cpu.usage_in_kernelmode : 0),
    cpus_nr_periods: throttling?.periods,
    cpus_nr_throttled: throttling?.throttled_periods,
    cpus_throttled_time_secs: seconds(throttling?.throttled_time),
    mem_total_bytes: memory?.usage,
    mem_rss_bytes: detail("rss") ?? detail("anon") ?? memory?.usage,
    mem_anon_bytes: detail("rss") ?? detail("anon"),
    mem_file_bytes: detail("cache") ?? detail("file"),
    mem_cache_bytes: detail("cache") ?? detail("file"),
    mem_mapped_file_bytes: detail("mapped_file") ?? detail("file_mapped"),
    mem_limit_bytes: (memory?.limit ?? UNLIMITED) < UNLIMITED ? memory?.limit : undefined,
    net_rx_bytes: sum("rx_bytes"),
    net_tx_bytes: sum("tx_bytes"),
    net_rx_packets: sum("rx_packets"),
    net_tx_packets: sum("tx_packets"),
  });
}

function seconds(nanoseconds: number | null | undefined): number | undefined {
  return typeof nanoseconds === "number" ? nanoseconds / NANOSECONDS : undefined;
}

function known(
  values: {
    readonly [Key in keyof Statistics]: number | null | undefined;
  },
): Statistics {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value === "number"),
  );
}
