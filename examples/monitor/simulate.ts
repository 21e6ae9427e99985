/** A synthetic datacenter whose hosts report to a collector of the same process. */
import {
  type Collector,
  encodeReport,
  type SyntheticDatacenter,
  syntheticDatacenter,
} from "fairlead/topology";

const TICK_MS = 3_000;

/** How large it is. */
interface Size {
  readonly hosts: number;
  readonly containers: number;
}

/**
 * Let every host report every three seconds, spread over them; ends by the signal.
 *
 * @throws {FairleadError} `invalid_option`, at once, for a size that cannot be.
 */
export function simulate(
  collector: Collector,
  { hosts, containers }: Size,
  signal: AbortSignal,
): Promise<void> {
  return drive(collector, syntheticDatacenter({ hosts, containers }), signal);
}

async function drive(
  collector: Collector,
  { plan, report }: SyntheticDatacenter,
  signal: AbortSignal,
): Promise<void> {
  for (let tick = 0; !signal.aborted; tick += 1) {
    for (let host = 0; host < plan.hosts && !signal.aborted; host += 1) {
      collector.add({
        probeId: `synthetic-${host}`,
        contentType: "application/msgpack",
        bytes: encodeReport(report(host, tick), { format: "msgpack" }),
        receivedMs: Date.now(),
      });
      await new Promise((resolve) => setTimeout(resolve, TICK_MS / plan.hosts));
    }
  }
}
