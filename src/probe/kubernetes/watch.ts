/** One kind of Kubernetes' objects, listed once and followed from there on. */
import { type Clock, FairleadError, type Random } from "../../base/mod.ts";
import { at, type KubeKind, type KubeObject, readKubeObject, textAt } from "./objects.ts";

/** How an API server is asked. */
export interface KubeApi {
  /**
   * The answer as JSON.
   *
   * @throws {FairleadError} `kubernetes_failed`, with `details.status` when the server answered.
   */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown>;
  /**
   * The lines of an answer as JSON, until the server or the network ends it.
   *
   * @throws {FairleadError} As `get`.
   */
  lines(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncIterable<unknown>;
}

/** Options of {@linkcode KubeWatch}. */
export interface KubeWatchOptions {
  readonly kind: KubeKind;
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: Random;
  /** `spec.nodeName=…`: those of one node only. @default all */
  readonly fieldSelector?: string;
  /** How many objects are kept; others are passed over and counted. @default 50_000 */
  readonly objectsMax?: number;
  /** Told of each change after the first list. */
  onChange?(object: KubeObject, isGone: boolean): void;
}

const PAGE_OBJECTS = 500;
/** The server ends a watch after so long; another one begins where it ended. */
const WATCH_SECONDS = 300;
const BACKOFF_MS = { min: 1_000, max: 30_000 };
const GONE = 410;

/**
 * Lists and watches until it is stopped. A watch that ends is begun again at the last known
 * version, one that is too old (410) with a new list; failures are followed by pauses of 1, 2, 4 …
 * 30 seconds. What was known stays known meanwhile.
 *
 * Memory: what is reported of up to `objectsMax` objects, and one page or line at a time.
 */
export class KubeWatch {
  readonly #options: KubeWatchOptions & { readonly objectsMax: number };
  #objects = new Map<string, KubeObject>();
  #version = "";
  #failures = 0;
  #passedOver = 0;
  #changes = 0;
  #error: FairleadError | undefined;
  #heardAtMs: number | undefined;

  constructor(options: KubeWatchOptions) {
    this.#options = { objectsMax: 50_000, ...options };
  }

  /** By uid; empty before the first list. */
  get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  /** Another number whenever an object is another one. */
  get changes(): number {
    return this.#changes;
  }

  /** How many objects found no room. */
  get passedOver(): number {
    return this.#passedOver;
  }

  /** What went wrong last; undefined after a success. */
  get error(): FairleadError | undefined {
    return this.#error;
  }

  /** When the server was heard of last, by the clock; undefined before the first list. */
  get heardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  /** Follow the objects; it rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<never> {
    const { clock } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        if (this.#version === "") await this.#list(signal);
        await this.#follow(signal);
        this.#failures = 0;
        this.#error = undefined;
      } catch (error) {
        signal.throwIfAborted();
        this.#fail(FairleadError.from(error));
      }
      await clock.sleep(this.#pauseMs(), { signal });
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, kind } = this.#options;
    const objects = new Map<string, KubeObject>();
    let [token, version, passedOver] = ["", "", 0];
    do {
      const query = { ...this.#query(), limit: String(PAGE_OBJECTS) };
      const page = await api.get(
        kind.path,
        token === "" ? query : { ...query, continue: token },
        signal,
      );
      const items = at(page, "items");
      for (const item of Array.isArray(items) ? items : []) {
        const object = readKubeObject(kind, item);
        if (object === undefined) continue;
        if (objects.size < this.#options.objectsMax) objects.set(object.uid, object);
        else passedOver += 1;
      }
      version = textAt(page, "metadata", "resourceVersion");
      token = textAt(page, "metadata", "continue");
    } while (token !== "");
    if (version === "") throw failed(kind, "its list has no resourceVersion");
    this.#objects = objects;
    this.#passedOver = passedOver;
    this.#changes += 1;
    this.#version = version;
    this.#hear();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { api, kind } = this.#options;
    const query = {
      ...this.#query(),
      watch: "true",
      allowWatchBookmarks: "true",
      timeoutSeconds: String(WATCH_SECONDS),
      resourceVersion: this.#version,
    };
    for await (const event of api.lines(kind.path, query, signal)) {
      this.#take(textAt(event, "type"), at(event, "object"));
      this.#hear();
    }
  }

  #take(type: string, item: unknown): void {
    const { kind, objectsMax, onChange } = this.#options;
    if (type === "ERROR") {
      const status = Number(textAt(item, "code"));
      throw failed(kind, textAt(item, "message") || `it says ${status}`, status);
    }
    const version = textAt(item, "metadata", "resourceVersion");
    if (version !== "") this.#version = version;
    if (type === "BOOKMARK") return;
    const object = readKubeObject(kind, item);
    if (object === undefined) return;
    this.#changes += 1;
    const isGone = type === "DELETED";
    const isKnown = this.#objects.has(object.uid);
    if (isGone) this.#objects.delete(object.uid);
    else if (isKnown || this.#objects.size < objectsMax) this.#objects.set(object.uid, object);
    else this.#passedOver += 1;
    if (isGone === isKnown) onChange?.(object, isGone);
  }

  #query(): Record<string, string> {
    const { fieldSelector } = this.#options;
    return fieldSelector === undefined ? {} : { fieldSelector };
  }

  #hear(): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#failures = 0;
    this.#error = undefined;
  }

  /** Too old a version is asked for no more: what changed since is known by a list only. */
  #fail(error: FairleadError): void {
    this.#failures += 1;
    if (error.details?.status !== GONE) this.#error = error;
    else this.#version = "";
  }

  #pauseMs(): number {
    if (this.#failures === 0) return BACKOFF_MS.min * this.#options.random.next();
    const fullMs = Math.min(BACKOFF_MS.max, BACKOFF_MS.min * 2 ** (this.#failures - 1));
    return fullMs * (1 - this.#options.random.next() / 2);
  }
}

function failed({ path }: KubeKind, state: string, status?: number): FairleadError {
  const details = status === undefined ? { path } : { path, status };
  return new FairleadError("kubernetes_failed", `Cannot follow ${path}: ${state}`, { details });
}
