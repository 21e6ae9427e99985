/** What a container uses, as an agent measures it. */
import * as z from "zod/mini";
import { diskInfo } from "./resource_json.ts";
import { double, integer, list, once, openEnum, opt, type Schema } from "./schema.ts";

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

const device = () => opt(z.object({ major_number: integer(), minor_number: integer() }));
const counts = () =>
  list(
    z.object({
      op: opt(openEnum("UNKNOWN", "TOTAL", "READ", "WRITE", "SYNC", "ASYNC", "DISCARD")),
      value: opt(integer()),
    }),
  );

const cfq = () =>
  z.object({
    device: device(),
    sectors: opt(integer()),
    time: opt(integer()),
    io_serviced: counts(),
    io_service_bytes: counts(),
    io_service_time: counts(),
    io_wait_time: counts(),
    io_merged: counts(),
    io_queued: counts(),
  });
export interface CFQ extends z.output<ReturnType<typeof cfq>> {}
/** @internal */
export const CFQ: Schema<CFQ> = once(cfq);

const blkioStatistics = () =>
  z.object({
    cfq: list(CFQ()),
    cfq_recursive: list(CFQ()),
    throttling: list(
      z.object({ device: device(), io_serviced: counts(), io_service_bytes: counts() }),
    ),
  });
export interface BlkioStatistics extends z.output<ReturnType<typeof blkioStatistics>> {}
/** @internal */
export const BlkioStatistics: Schema<BlkioStatistics> = once(blkioStatistics);

const resourceStatistics = () =>
  z.object({
    /** Seconds since 1970. */
    timestamp: double(),
    ...fields(integer(), COUNTS),
    ...fields(double(), DOUBLES),
    disk_statistics: list(
      z.object({
        source: diskInfo().shape.source,
        persistence: diskInfo().shape.persistence,
        limit_bytes: opt(integer()),
        used_bytes: opt(integer()),
      }),
    ),
    blkio_statistics: opt(BlkioStatistics()),
  });
/** What a container uses and may use; counters since its start. */
export interface ResourceStatistics extends z.output<ReturnType<typeof resourceStatistics>> {}
/** @internal */
export const ResourceStatistics: Schema<ResourceStatistics> = once(resourceStatistics);
