/** Reports the containers of one runtime, with what each uses. */
import type { Control, Report } from "../../../topology/mod.ts";
import { EndpointScopes } from "../../connections/scopes.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";
import {
  type ContainerFacts,
  type ContainerState,
  type ContainerUse,
  containerReport,
} from "../../reporters/containers.ts";
import type { ContainerRoot } from "../../taggers/container.ts";
import type { CgroupUsage } from "../cgroups/usage.ts";
import { bridgeNetworks } from "../reporters/host.ts";
import type { ContainerRuntime } from "./runtime.ts";

/** Options of {@linkcode ContainerReporter}. */
export interface ContainerReporterOptions {
  readonly hostId: string;
  readonly runtime: ContainerRuntime;
  readonly usage: CgroupUsage;
  /** Asked for running containers whose control group cannot be read. @default none */
  readonly fallback?: UsageFallback;
  /** CIDRs that mean something on this host only. @default those of container bridges */
  readonly bridges?: readonly string[];
  readonly withEnvironment?: boolean;
  /** Controls that may be used. @default none */
  readonly controls?: ReadonlyMap<string, Control>;
  /** @default none in any state */
  readonly controlsOf?: (state: ContainerState) => readonly string[];
  /** The time, for reports of events. */
  readonly nowMs: () => number;
}

/** Somebody else who knows what containers use. */
export interface UsageFallback {
  /** What some of these use now, by id. It rejects when the signal is aborted. */
  read(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, ContainerUse>>;
}

const NO_CONTROLS: ReadonlyMap<string, Control> = new Map();
const READS = 16;

/** Also knows which process is a container's first: see `rootOf`. */
export class ContainerReporter implements Reporter {
  readonly #options: ContainerReporterOptions;
  readonly #scopes: EndpointScopes;
  #uses = new Map<string, ContainerUse>();
  #known = new Map<string, ContainerFacts>();
  #roots = new Map<number, ContainerRoot>();

  constructor(options: ContainerReporterOptions) {
    this.#options = options;
    const { hostId, bridges = bridgeNetworks() } = options;
    this.#scopes = new EndpointScopes({ hostId, bridges });
  }

  get name(): string {
    return this.#options.runtime.name;
  }

  /** The container whose first process that is. */
  rootOf(pid: number): ContainerRoot | undefined {
    return this.#roots.get(pid);
  }

  /** What is known of a container. */
  find(id: string): ContainerFacts | undefined {
    return this.#known.get(id);
  }

  async report({ nowMs, signal }: SpyContext): Promise<Report> {
    this.#known = new Map(await this.#options.runtime.list(signal));
    this.#roots = rootsOf(this.#known.values());
    await this.#readUses(signal);
    return this.#reportOf(nowMs, this.#known.values());
  }

  async watch(publish: (report: Report) => void, signal: AbortSignal): Promise<void> {
    const { runtime, nowMs } = this.#options;
    await runtime.watch?.((id, facts) => {
      const before = this.#known.get(id);
      const now = facts ?? (before === undefined ? undefined : deleted(before));
      if (now !== undefined) publish(this.#reportOf(nowMs(), [now]));
    }, signal);
  }

  #reportOf(nowMs: number, containers: Iterable<ContainerFacts>): Report {
    const {
      controls = NO_CONTROLS,
      controlsOf = () => [],
      withEnvironment = false,
    } = this.#options;
    return containerReport(nowMs, containers, {
      scopes: this.#scopes,
      withEnvironment,
      controls,
      controlsOf,
      useOf: (id) => this.#uses.get(id),
    });
  }

  async #readUses(signal: AbortSignal): Promise<void> {
    const running = [...this.#known.values()].filter(({ pid }) => pid > 0);
    this.#options.usage.keep(new Set(running.map(({ id }) => id)));
    const uses = new Map<string, ContainerUse>();
    const unread: string[] = [];
    const lane = async () => {
      for (let each = running.pop(); each !== undefined; each = running.pop()) {
        const use = await this.#options.usage.read(each.id, each.pid);
        if (use === undefined) unread.push(each.id);
        else uses.set(each.id, use);
      }
    };
    await Promise.all(Array.from({ length: READS }, lane));
    const { fallback } = this.#options;
    if (fallback !== undefined && unread.length > 0) {
      for (const [id, use] of await fallback.read(unread, signal)) uses.set(id, use);
    }
    this.#uses = uses;
  }
}

function rootsOf(containers: Iterable<ContainerFacts>): Map<number, ContainerRoot> {
  const roots = new Map<number, ContainerRoot>();
  for (const { id, pid, image } of containers) {
    if (pid > 0) roots.set(pid, { containerId: id, imageId: image?.id });
  }
  return roots;
}

function deleted(facts: ContainerFacts): ContainerFacts {
  return { ...facts, state: "deleted", pid: 0 };
}
