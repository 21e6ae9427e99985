/** What every API of a master is given. */
import type { Clock, Random } from "../../base/mod.ts";
import type { Authorize } from "../core/ports.ts";
import type { MasterMetrics } from "../metrics/metrics.ts";
import type { MasterLog } from "./log.ts";
import type { Limits } from "./options.ts";
import type { Role } from "./role.ts";

/**
 * What every API of a master is given.
 *
 * `leading(role(), request)` gives the driver of the term that is on, or the answer to send; the
 * driver has the core (`driver.core.state` to read, `driver.request` to change), what is published
 * (`driver.listen`) and the signal that ends streams (`driver.signal`). `principalOf(request)` of
 * fairlead/http says who asks.
 */
export interface MasterContext {
  /** What this master is now. */
  readonly role: () => Role;
  /** For people: the console's title. */
  readonly cluster: string;
  /** Of Mesos' API, such as "1.11.0". */
  readonly version: string;
  /** How it was started, for people; no secrets. */
  readonly flags: Readonly<Record<string, string>>;
  readonly startedMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly metrics: MasterMetrics;
  /** What the ACLs say; for views as well as for acts. */
  readonly authorize: Authorize;
  readonly log: MasterLog;
  /** Aborted when the master stops. */
  readonly signal: AbortSignal;
}
