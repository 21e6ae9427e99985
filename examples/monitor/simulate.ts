/** A synthetic datacenter whose hosts report to a collector of the same process. */
import { type Collector, encodeReport, syntheticDatacenter } from "fairlead/topology";

const TICK_MS = 3_000;

/** Let every host report every three seconds, spread over them; ends by the signal. */
export async function simulate(
  collector: Collector,
  size: { readonly hosts: number; readonly containers: number },
  signal: AbortSignal,
): Promise<void> {
  const datacenter = syntheticDatacenter(size);
  for (let tick = 0; !signal.aborted; tick += 1) {
    for (let host = 0; host < size.hosts && !signal.aborted; host += 1) {
      const report = datacenter.report(host, tick);
      collector.add({
        probeId: `synthetic-${host}`,
        contentType: "application/msgpack",
        bytes: encodeReport(report, { format: "msgpack" }),
        receivedMs: Date.now(),
      });
      await new Promise((resolve) => setTimeout(resolve, TICK_MS / size.hosts));
    }
  }
}
