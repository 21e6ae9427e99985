/** A datacenter that is made up reports to a collector, as its probes would. */
import { systemClock } from "fairlead/base";
import { type Collector, encodeReport, syntheticDatacenter } from "fairlead/topology";

const INTERVAL_MS = 3_000;
/** So many turns an interval: hosts report one after the other, as real ones do. */
const TURNS = 30;

/** How large it is. */
export interface SimulatedHostsOptions {
  readonly collector: Collector;
  readonly hosts: number;
  readonly containers: number;
}

/** Reports until it is disposed. */
export class SimulatedHosts implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #options: SimulatedHostsOptions;
  readonly #datacenter: ReturnType<typeof syntheticDatacenter>;
  #turn = 0;

  constructor(options: SimulatedHostsOptions) {
    this.#options = options;
    const { hosts, containers } = options;
    const startNs = BigInt(Math.floor(systemClock.nowMs())) * 1_000_000n;
    this.#datacenter = syntheticDatacenter({ hosts, containers, startNs });
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS / TURNS);
  }

  #report(): void {
    const { collector, hosts } = this.#options;
    const turn = this.#turn % TURNS;
    const tick = Math.floor(this.#turn / TURNS);
    this.#turn += 1;
    const [from, to] = [turn, turn + 1].map((each) => Math.floor((hosts * each) / TURNS));
    for (let host = from ?? 0; host < (to ?? 0); host += 1) {
      const report = this.#datacenter.report(host, tick);
      collector.add({
        probeId: `simulated-${host}`,
        contentType: "application/msgpack",
        bytes: encodeReport(report, { format: "msgpack" }),
        receivedMs: systemClock.nowMs(),
      });
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
