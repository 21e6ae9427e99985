/** Containers of Docker or podman: listed now and then, and followed by their events between. */
import type { Clock } from "../../../base/mod.ts";
import type { ContainerFacts } from "../../reporters/containers.ts";
import type { ContainerRuntime } from "../containers/runtime.ts";
import { factsOf, type ImageAnswer, imageIdOf, readEngine } from "./answers.ts";
import type { Engine } from "./port.ts";

/** Options of {@linkcode DockerRuntime}. */
export interface DockerRuntimeOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** How often all is listed anew, in case an event was lost. @default 10_000 */
  readonly relistMs?: number;
  /** How many containers are taken at most. @default 10_000 */
  readonly containersMax?: number;
}

const INSPECTS = 8;
const IMAGES_MAX = 4_096;
const RECONNECT_MS = 1_000;

/** What is known of an engine's containers. */
export class DockerRuntime implements ContainerRuntime {
  readonly name = "docker";
  readonly #options: Required<DockerRuntimeOptions>;
  readonly #images = new Map<string, ImageAnswer>();
  #known = new Map<string, ContainerFacts>();
  #listedAtMs: number | undefined;

  constructor(options: DockerRuntimeOptions) {
    this.#options = { relistMs: 10_000, containersMax: 10_000, ...options };
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<string, ContainerFacts>> {
    const { clock, relistMs } = this.#options;
    const sinceMs = clock.nowMs() - (this.#listedAtMs ?? Number.NEGATIVE_INFINITY);
    if (sinceMs >= 0 && sinceMs < relistMs) return this.#known;
    this.#known = await this.#listAll(signal);
    this.#listedAtMs = clock.nowMs();
    return this.#known;
  }

  async watch(
    onChange: (id: string, facts: ContainerFacts | undefined) => void,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.#follow(onChange, signal).catch(() => undefined);
      await this.#options.clock.sleep(RECONNECT_MS, { signal });
    }
  }

  async #listAll(signal: AbortSignal): Promise<Map<string, ContainerFacts>> {
    const query = { all: true };
    const { engine, containersMax } = this.#options;
    const listed = await engine.json({ path: "/containers/json", query, signal });
    const ids = readEngine((a) => a.Listed, listed).slice(0, containersMax);
    const found = new Map<string, ContainerFacts>();
    const waiting = ids.map(({ Id }) => Id).reverse();
    const lane = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const facts = await this.#inspect(id, signal);
        if (facts !== undefined) found.set(id, facts);
      }
    };
    await Promise.all(Array.from({ length: INSPECTS }, lane));
    return found;
  }

  /** undefined for a container that is gone meanwhile. */
  async #inspect(id: string, signal: AbortSignal): Promise<ContainerFacts | undefined> {
    try {
      const path = `/containers/${id}/json`;
      const answer = readEngine(
        (a) => a.Container,
        await this.#options.engine.json({ path, signal }),
      );
      return factsOf(answer, await this.#image(answer.Image ?? "", signal));
    } catch (error) {
      if (signal.aborted || !hasStatus(error, 404)) throw error;
      return undefined;
    }
  }

  async #image(id: string, signal: AbortSignal): Promise<ImageAnswer | undefined> {
    const key = imageIdOf(id);
    const known = this.#images.get(key);
    if (known !== undefined || key === "") return known;
    try {
      const answer = await this.#options.engine.json({ path: `/images/${key}/json`, signal });
      const image = readEngine((a) => a.Image, answer);
      if (this.#images.size >= IMAGES_MAX) this.#images.clear();
      this.#images.set(key, image);
      return image;
    } catch (error) {
      if (signal.aborted) throw error;
      return undefined;
    }
  }

  async #follow(
    onChange: (id: string, facts: ContainerFacts | undefined) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = { filters: JSON.stringify({ type: ["container"] }) };
    const { engine } = this.#options;
    const answer = await engine.stream({ path: "/events", query, signal, timeoutMs: 0 });
    // What happened before the stream began is found by the next listing.
    this.#listedAtMs = undefined;
    for await (const line of linesOf(answer)) {
      const change = changeOf(line);
      if (change === undefined) continue;
      // An engine that cannot say now what became of it does so with its next event.
      const facts = await this.#refresh(change, signal).catch(() => "unknown" as const);
      if (facts !== "unknown") onChange(change.id, facts);
    }
  }

  async #refresh({ id, isGone }: Change, signal: AbortSignal): Promise<ContainerFacts | undefined> {
    const facts = isGone ? undefined : await this.#inspect(id, signal);
    if (facts === undefined) this.#known.delete(id);
    else this.#known.set(id, facts);
    return facts;
  }
}

/** Executions, health checks and the like change nothing that is reported. */
const IGNORED = /^(exec_|health_status|top|attach|resize|export|copy|archive|cleanup|init)/;

/** Engines tell of a removal before it is done. */
const GONE = /^(destroy|remove)$/;
const LINE_CHARACTERS_MAX = 1_048_576;

interface Change {
  readonly id: string;
  readonly isGone: boolean;
}

function changeOf(line: string): Change | undefined {
  try {
    const event = readEngine((a) => a.Event, JSON.parse(line));
    const action = event.Action ?? event.status ?? "";
    if ((event.Type ?? "container") !== "container" || IGNORED.test(action)) return undefined;
    const id = event.Actor?.ID ?? event.id ?? undefined;
    return id === undefined ? undefined : { id, isGone: GONE.test(action) };
  } catch {
    return undefined;
  }
}

/** Lines of a stream; one that never ends is no line of an engine's. */
async function* linesOf(answer: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > LINE_CHARACTERS_MAX) rest = "";
  }
}

function hasStatus(error: unknown, status: number): boolean {
  if (!(error instanceof Error) || !("details" in error)) return false;
  const { details } = error;
  return typeof details === "object" && details !== null && "status" in details
    ? details.status === status
    : false;
}
