import { type Clock, FairleadError } from "../../base/mod.ts";
import type { MessageSocket } from "../../http/mod.ts";
import { ControlLink, type ControlRequest } from "./control_link.ts";
import type { ControlResponse } from "./messages.ts";

/** Options of a {@linkcode ControlRouter}. */
export interface ControlRouterOptions {
  readonly clock: Clock;
  /** @default 60_000 */
  readonly timeoutMs?: number;
  /** Probes that may be connected at once. @default 20_000 */
  readonly probesMax?: number;
}

/** Passes controls on to the probes that are connected. */
export class ControlRouter {
  readonly #links = new Map<string, ControlLink>();
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #probesMax: number;

  constructor({ clock, timeoutMs = 60_000, probesMax = 20_000 }: ControlRouterOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#probesMax = probesMax;
  }

  /** How many probes are connected. */
  get size(): number {
    return this.#links.size;
  }

  /** A probe connects; its older connection, if there is one, ends. */
  connect(probeId: string, socket: MessageSocket): void {
    const before = this.#links.get(probeId);
    if (before === undefined && this.#links.size >= this.#probesMax) {
      socket.close(1013, "too many probes are connected");
      return;
    }
    const link = new ControlLink(socket, this.#clock);
    this.#links.set(probeId, link);
    before?.replace();
    socket.onClose(() => {
      link.end();
      if (this.#links.get(probeId) === link) this.#links.delete(probeId);
    });
  }

  /**
   * Let a probe do something.
   *
   * @throws {FairleadError} `probe_absent` when it is not connected, `control_failed` when it does
   * not answer. What it could not do is `error` in its answer.
   */
  async ask(probeId: string, request: ControlRequest): Promise<ControlResponse> {
    const link = this.#links.get(probeId);
    if (link === undefined) {
      throw new FairleadError("probe_absent", `probe ${probeId} is not connected right now`, {
        details: { probeId },
      });
    }
    return await link.ask(request, this.#timeoutMs);
  }
}
