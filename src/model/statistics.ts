/** What a container uses, as an agent measures it. */
import * as z from "zod/mini";
import { double, integer, list, once, openEnum, opt } from "./schema.ts";
import { values } from "./values.ts";

/** Optional fields of one kind. */
function fields<const Name extends string, T extends z.ZodMiniType>(
  schema: T,
  names: readonly Name[],
): Record<Name, z.ZodMiniOptional<T>> {
  const each = z.partial(z.object(Object.fromEntries(names.map((name) => [name, schema]))));
  return each.shape as Record<Name, z.ZodMiniOptional<T>>;
}

const COUNTS = [
  "processes",
  "threads",
  "cpus_nr_periods",
  "cpus_nr_throttled",
  "mem_total_bytes",
  "mem_total_memsw_bytes",
  "mem_kmem_usage_bytes",
  "mem_kmem_tcp_usage_bytes",
  "mem_limit_bytes",
  "mem_soft_limit_bytes",
  "mem_file_bytes",
  "mem_anon_bytes",
  "mem_cache_bytes",
  "mem_rss_bytes",
  "mem_mapped_file_bytes",
  "mem_swap_bytes",
  "mem_unevictable_bytes",
  "mem_low_pressure_counter",
  "mem_medium_pressure_counter",
  "mem_critical_pressure_counter",
  "disk_limit_bytes",
  "disk_used_bytes",
  "net_rx_packets",
  "net_rx_bytes",
  "net_rx_errors",
  "net_rx_dropped",
  "net_tx_packets",
  "net_tx_bytes",
  "net_tx_errors",
  "net_tx_dropped",
] as const;

const DOUBLES = [
  "cpus_user_time_secs",
  "cpus_system_time_secs",
  "cpus_limit",
  "cpus_soft_limit",
  "cpus_throttled_time_secs",
  "net_tcp_rtt_microsecs_p50",
  "net_tcp_rtt_microsecs_p90",
  "net_tcp_rtt_microsecs_p95",
  "net_tcp_rtt_microsecs_p99",
  "net_tcp_active_connections",
  "net_tcp_time_wait_connections",
] as const;

/** @internal */
export const statistics = once(() => {
  const v = values();
  const device = opt(z.object({ major_number: integer(), minor_number: integer() }));
  const counts = list(
    z.object({
      op: opt(openEnum("UNKNOWN", "TOTAL", "READ", "WRITE", "SYNC", "ASYNC", "DISCARD")),
      value: opt(integer()),
    }),
  );
  const CFQ = z.object({
    device,
    sectors: opt(integer()),
    time: opt(integer()),
    io_serviced: counts,
    io_service_bytes: counts,
    io_service_time: counts,
    io_wait_time: counts,
    io_merged: counts,
    io_queued: counts,
  });
  const BlkioStatistics = z.object({
    cfq: list(CFQ),
    cfq_recursive: list(CFQ),
    throttling: list(z.object({ device, io_serviced: counts, io_service_bytes: counts })),
  });
  /** Perf events, SNMP and traffic control are left out: no agent here measures them. */
  const ResourceStatistics = z.object({
    /** Seconds since 1970. */
    timestamp: double(),
    ...fields(integer(), COUNTS),
    ...fields(double(), DOUBLES),
    disk_statistics: list(
      z.object({
        source: v.DiskInfo.shape.source,
        persistence: v.DiskInfo.shape.persistence,
        limit_bytes: opt(integer()),
        used_bytes: opt(integer()),
      }),
    ),
    blkio_statistics: opt(BlkioStatistics),
  });
  return { ResourceStatistics };
});

/** What a container uses and may use; counters since its start. */
export type ResourceStatistics = z.output<ReturnType<typeof statistics>["ResourceStatistics"]>;
