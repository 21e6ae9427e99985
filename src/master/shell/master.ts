/** A master as a handler of requests and links: runs on every runtime. */
import { getLogger } from "@logtape/logtape";
import {
  asyncDispose,
  type Clock,
  FairleadError,
  type Random,
  systemClock,
  systemRandom,
} from "../../base/mod.ts";
import {
  authenticated,
  compose,
  errorAnswers,
  type Handler,
  limitRate,
  type MessageSocket,
  type Middleware,
  RateLimiter,
  type UpgradeAccepted,
  type UpgradeHandler,
} from "../../http/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";
import { acl } from "../acl/acl.ts";
import { MasterCore } from "../core/core.ts";
import { type Authorize, allowAll } from "../core/ports.ts";
import { MasterMetrics } from "../metrics/metrics.ts";
import { jsonCodec } from "./codecs.ts";
import type { MasterContext } from "./context.ts";
import { storeElection } from "./election.ts";
import { uuid } from "./ids.ts";
import { type LinkPeer, Links } from "./link.ts";
import { MasterLog } from "./log.ts";
import { type CreateMasterOptions, LIMITS } from "./options.ts";
import { sameOrigin } from "./origin.ts";
import type { Role } from "./role.ts";
import { consoleFiles, publicRoute, routes } from "./routes.ts";
import { Terms } from "./terms.ts";

/** One master: candidate, leader or follower. */
export interface Master extends AsyncDisposable {
  /** Serves every API of the master. */
  readonly handler: Handler;
  /** Answers handshakes of WebSockets: the links of agents. */
  readonly upgrade: UpgradeHandler;
  /** What it is now. */
  readonly role: Role;
  /** Its counters, timings and gauges. */
  readonly metrics: MasterMetrics;
  /** Connect an agent in this process; see `socketPair`. */
  acceptLink(socket: MessageSocket, peer: LinkPeer): void;
  /** Resolves when it leads; rejects with the signal's reason. */
  leads(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Give up the leadership, end all streams and links, and stand no more. */
  stop(): Promise<void>;
}

/** Tells frameworks that many calls may come in one request. */
const CALL_BATCH = { type: "CALL_BATCH" };
/** The version of Mesos whose API is spoken. */
const API_VERSION = "1.11.0";
/** How many requests may come at once when they are limited, in seconds of the rate. */
const BURST_S = 5;

/**
 * Make a master and let it stand for election.
 *
 * It opens no socket: hand its `handler` to any server, and handshakes to `upgrade`. It leads when
 * it is elected and has read the registry; until then it answers 307 or 503.
 *
 * @throws {FairleadError} `invalid_option`, `invalid_acl`.
 */
export function createMaster(options: CreateMasterOptions): Master {
  return new Shell(options);
}

class Shell implements Master {
  readonly handler: Handler;
  readonly upgrade: UpgradeHandler;
  readonly metrics = new MasterMetrics();
  readonly #options: CreateMasterOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #authorize: Authorize;
  readonly #log: MasterLog;
  readonly #terms: Terms;
  readonly #links: Links;
  /** Waits for this master to lead. */
  readonly #hopes = new Set<() => void>();

  constructor(options: CreateMasterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#authorize = options.acls === undefined ? allowAll : acl(options.acls).allows;
    this.#log = new MasterLog(this.#clock);
    this.#createCore(this.#createInfo()); // What is wrong with the options is told here.
    this.#terms = this.#makeTerms();
    const context = this.#makeContext();
    this.#links = new Links({
      role: context.role,
      bufferBytesMax: context.limits.linkBytesMax,
      clock: this.#clock,
      signal: context.signal,
      onLog: (entry) => this.#log.write(entry),
    });
    const guards = guardsOf(options, context);
    const codecs = [jsonCodec, ...(options.codecs ?? [])];
    this.handler = compose(guards, routes({ context, codecs }));
    this.upgrade = guardedUpgrade(guards, (request) => this.#links.upgrade(request));
    this.#terms.start();
  }

  get role(): Role {
    return this.#terms.role;
  }

  acceptLink(socket: MessageSocket, peer: LinkPeer): void {
    this.#links.accept(socket, peer);
  }

  leads({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(signal?.reason));
      const check = (): void => {
        if (this.role.status === "leading") settle(resolve);
        else if (this.role.status === "stopped") settle(() => reject(stopped()));
      };
      const settle = (act: () => void): void => {
        this.#hopes.delete(check);
        signal?.removeEventListener("abort", onAbort);
        act();
      };
      this.#hopes.add(check);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) onAbort();
      else check();
    });
  }

  stop(): Promise<void> {
    return this.#terms.stop();
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  #createInfo(): MasterInfo {
    const { info } = this.#options;
    const capabilities = [...(info.capabilities ?? []), CALL_BATCH];
    return { version: API_VERSION, ...info, capabilities, id: uuid(this.#random) };
  }

  #createCore(masterInfo: MasterInfo): MasterCore {
    return new MasterCore({
      seed: this.#random.u32(),
      ...this.#options.core,
      masterInfo,
      clock: this.#clock,
      metrics: this.metrics,
      authorize: this.#authorize,
    });
  }

  #makeTerms(): Terms {
    const { store, registryPath = "/fairlead/master", electionPath = "/mesos" } = this.#options;
    return new Terms({
      store,
      registryPath,
      election: storeElection(store, electionPath),
      clock: this.#clock,
      createInfo: () => this.#createInfo(),
      createCore: (info) => this.#createCore(info),
      onStored: (ms) => this.metrics.observe("registrar/state_store_ms", ms),
      onLog: (entry) => this.#log.write(entry),
      onRole: () => {
        for (const check of [...this.#hopes]) check();
      },
    });
  }

  #makeContext(): MasterContext {
    const { info, cluster = "fairlead", flags = {}, limits } = this.#options;
    return {
      role: () => this.#terms.role,
      cluster,
      version: info.version ?? API_VERSION,
      flags,
      startedMs: this.#clock.nowMs(),
      clock: this.#clock,
      random: this.#random,
      limits: { ...LIMITS, ...limits },
      metrics: this.metrics,
      authorize: this.#authorize,
      log: this.#log,
      signal: this.#terms.signal,
    };
  }
}

/** What every request passes, the outermost first. */
function guardsOf(
  { authenticator, files, origins = [] }: CreateMasterOptions,
  { role, limits, clock }: MasterContext,
): Middleware[] {
  const { requestsPerSecond } = limits;
  const isLimited = requestsPerSecond > 0;
  const rate = { ratePerSecond: requestsPerSecond, burstMax: requestsPerSecond * BURST_S, clock };
  return [
    errorAnswers({ logger: getLogger(["fairlead", "master", "http"]) }),
    (next) => (request) => publicRoute(role(), request) ?? next(request),
    // The console asks who one is by itself, so its page must be there before anybody has said so.
    ...(files === undefined ? [] : [consoleFiles(files)]),
    sameOrigin(origins),
    ...(authenticator === undefined ? [] : [authenticated(authenticator)]),
    ...(isLimited ? [limitRate({ limiter: new RateLimiter(rate) })] : []),
  ];
}

/** Handshakes pass what requests pass. */
function guardedUpgrade(
  guards: readonly Middleware[],
  upgrade: (request: Request) => UpgradeAccepted | Response,
): UpgradeHandler {
  return async (request) => {
    let accepted: UpgradeAccepted | undefined;
    const response = await compose(guards, (guarded) => {
      const answer = upgrade(guarded);
      if (answer instanceof Response) return answer;
      accepted = answer;
      return new Response(null, { status: 204 });
    })(request);
    return accepted ?? response;
  };
}

function stopped(): FairleadError {
  return new FairleadError("aborted", "Cannot lead: the master was stopped");
}
