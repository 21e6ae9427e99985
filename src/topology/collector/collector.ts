import {
  asyncDispose,
  type Clock,
  type Random,
  systemClock,
  systemRandom,
} from "../../base/mod.ts";
import {
  type Authenticator,
  authenticated,
  compose,
  errorAnswers,
  gzipAnswers,
  type Handler,
  type HttpLogger,
  setPrincipal,
  type UpgradeHandler,
} from "../../http/mod.ts";
import type { ApiContext, ApiRules, CollectorIdentity } from "../api/context.ts";
import { CollectorMetrics } from "../api/metrics.ts";
import { measured, routes } from "../api/routes.ts";
import { ScopeSockets } from "../api/scope_sockets.ts";
import { upgrades } from "../api/upgrades.ts";
import type { Audit } from "../control/audit.ts";
import { ControlRouter } from "../control/control_router.ts";
import { Pipes } from "../control/pipes.ts";
import { past, present } from "./past.ts";
import { PlainStore } from "./plain_store.ts";
import type { ReportHistory, ReportRelay, ReportStore, ReportUpload } from "./report_store.ts";
import { Streams } from "./streams.ts";

/** Options of {@linkcode createCollector}. */
export interface CollectorOptions {
  /**
   * Makes the store of the present, and one for each moment of the past that is played.
   *
   * @default () => new PlainStore({ windowMs })
   */
  readonly newStore?: () => ReportStore;
  /** How long a report counts; the same as that of the stores. @default 15_000 */
  readonly windowMs?: number;
  readonly identity?: Partial<CollectorIdentity>;
  /** Where reports are kept to play the past; by default nothing is kept. */
  readonly history?: ReportHistory;
  /** Told of each report that came by HTTP; those that are added are not passed on. */
  readonly relay?: ReportRelay;
  /** Who may come in. By default everybody. */
  readonly authenticator?: Authenticator;
  readonly rules?: Partial<ApiRules>;
  /** Answers what is no API: the page. */
  readonly files?: Handler;
  /** The shortest time between two states of a compact stream. @default 33 */
  readonly streamIntervalMs?: number;
  /** Told who controlled what. */
  readonly audit?: Audit;
  readonly logger?: HttpLogger;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** A collector without its server. */
export interface Collector extends AsyncDisposable {
  readonly identity: CollectorIdentity;
  readonly handler: Handler;
  readonly upgrade: UpgradeHandler;
  readonly metrics: CollectorMetrics;
  /**
   * Take a report that came another way than by HTTP.
   *
   * @throws {FairleadError} as `ReportStore.add`.
   */
  add(upload: ReportUpload): void;
  /** Say goodbye to all. Twice is harmless. */
  close(): void;
}

const TICK_MS = 1_000;
const SILENT: HttpLogger = { info: () => undefined, error: () => undefined };
const REPORT_BYTES_MAX = 33_554_432;

/**
 * Make a collector: it takes reports, and answers Scope's API and the compact stream.
 *
 * It listens to nothing itself: `listenCollector` of `fairlead/topology/node` does.
 */
export function createCollector(options: CollectorOptions): Collector {
  return new CollectorShell(options);
}

class CollectorShell implements Collector {
  readonly identity: CollectorIdentity;
  readonly handler: Handler;
  readonly upgrade: UpgradeHandler;
  readonly metrics = new CollectorMetrics();
  readonly #ended = new AbortController();
  readonly #context: ApiContext;
  readonly #sockets: ScopeSockets;

  constructor(options: CollectorOptions) {
    const { clock = systemClock, random = systemRandom, logger = SILENT } = options;
    this.identity = {
      id: hex(random),
      version: "fairlead",
      hostname: "localhost",
      ...options.identity,
    };
    const onError = (error: unknown) =>
      logger.error("Cannot render a topology: {error}", { error: String(error) });
    this.#sockets = new ScopeSockets(clock, this.#ended.signal, onError);
    this.#context = this.#make(options, { clock, random, logger, onError });
    this.#showFigures();
    this.handler = this.#handle(options, logger);
    this.upgrade = this.#decide(options);
    void this.#tick(clock);
  }

  add(upload: ReportUpload): void {
    const { present, history } = this.#context;
    const { isShortcut } = present.store.add(upload);
    history?.add(upload);
    this.#reported(isShortcut);
  }

  close(): void {
    this.#ended.abort();
    this.#context.streams.close();
    this.#context.pipes.closeAll("the collector is about to stop");
  }

  async [asyncDispose](): Promise<void> {
    this.close();
  }

  #make(
    options: CollectorOptions,
    shared: Pick<ApiContext, "clock" | "logger"> & {
      readonly random: Random;
      readonly onError: (error: unknown) => void;
    },
  ): ApiContext {
    const { clock, logger, random, onError } = shared;
    const { windowMs = 15_000, history, relay, streamIntervalMs } = options;
    const newStore = options.newStore ?? (() => new PlainStore({ windowMs }));
    const now = present(newStore(), clock);
    const then = (fromMs: number) => past(fromMs, { history, newStore, clock, windowMs });
    const audit: Audit =
      options.audit ?? ((line) => logger.info("audit {act}: {outcome}", { ...line }));
    return {
      identity: this.identity,
      clock,
      logger,
      present: now,
      past: then,
      history,
      relay,
      audit,
      metrics: this.metrics,
      signal: this.#ended.signal,
      controls: new ControlRouter({ clock }),
      pipes: new Pipes({
        clock,
        onClosed: (pipe, outcome) => audit({ act: "pipe_close", pipe, outcome }),
      }),
      streams: new Streams({
        clock,
        present: now,
        past: then,
        onError,
        newEpoch: () => hex(random),
        ...(streamIntervalMs === undefined ? {} : { intervalMs: streamIntervalMs }),
      }),
      rules: { ...RULES, ...options.rules },
      onReport: (isShortcut) => this.#reported(isShortcut),
    };
  }

  #reported(isShortcut: boolean): void {
    this.#context.streams.wake();
    if (isShortcut) this.#sockets.wake();
  }

  #handle({ authenticator, files }: CollectorOptions, logger: HttpLogger): Handler {
    const around = [
      errorAnswers({ logger }),
      measured(this.#context),
      gzipAnswers(),
      ...(authenticator === undefined ? [] : [authenticated(authenticator)]),
    ];
    return compose(around, routes(this.#context, files));
  }

  #decide({ authenticator }: CollectorOptions): UpgradeHandler {
    const decide = upgrades(this.#context, this.#sockets);
    if (authenticator === undefined) return decide;
    return async (request) => {
      const identity = await authenticator.authenticate(request);
      if (identity instanceof Response) return identity;
      if (identity.principal !== undefined) setPrincipal(request, identity.principal);
      return decide(request);
    };
  }

  #showFigures(): void {
    const { present, streams, controls, pipes, history } = this.#context;
    const figures: readonly (readonly [string, string, () => number])[] = [
      ["held_reports", "Reports of the window.", () => present.store.size],
      ["renders", "Views rendered since the start.", () => present.views.renders],
      ["stream_clients", "Clients of compact streams.", () => streams.clients],
      ["stream_sent_bytes", "Bytes handed to compact streams.", () => streams.bytesSent],
      ["scope_clients", "Clients of Scope's WebSocket.", () => this.#sockets.size],
      ["control_probes", "Probes that take controls.", () => controls.size],
      ["pipes", "Open pipes.", () => pipes.size],
      ["history_bytes", "Size of the history.", () => history?.bytes ?? 0],
    ];
    for (const [name, help, read] of figures) {
      this.metrics.gauge(`fairlead_collector_${name}`, help, read);
    }
  }

  /** Reports grow old, and played pasts go on. */
  async #tick(clock: Clock): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#context.present.advance();
      this.#context.streams.wake();
    }
  }
}

const RULES: ApiRules = {
  isReadOnly: false,
  hideCommandLines: false,
  hideEnvironment: false,
  origins: [],
  reportBytesMax: REPORT_BYTES_MAX,
};

function hex(random: Random): string {
  const part = () => random.u32().toString(16).padStart(8, "0");
  return part() + part();
}
