/** How reports are merged, shortened and written: what `fairlead/topology` does, compressed by zlib. */
import { gzipSync } from "node:zlib";
import { deltaOf, encodeReport, mergeReports } from "../../topology/mod.ts";
import type { ReportCodec } from "../publisher/cycle.ts";

/**
 * Scope's own dialect of MessagePack in gzip. On the main thread: a report takes a few milliseconds,
 * and the pool's threads would each hold the memory of a compressor for good.
 *
 * @param level From 1 (quick) to 9 (small). The quick one costs a third of the time and gives an
 * eighth more bytes.
 */
export function reportCodec(level = 1): ReportCodec {
  return {
    merge: mergeReports,
    unmerge: deltaOf,
    encode: async (report) =>
      gzipSync(encodeReport(report, { format: "msgpack-scope" }), { level }),
  };
}
