/** Reports what a Kubernetes API server has. */
import { type Clock, type Random, systemClock, systemRandom } from "../../../base/mod.ts";
import type { Report } from "../../../topology/mod.ts";
import { KUBE_KINDS, type KubeObject } from "../../kubernetes/objects.ts";
import { type KubeApi, KubeWatch } from "../../kubernetes/watch.ts";
import { instantOf, makeReport } from "../../report/build.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";
import { deletedPod, kubernetesReport } from "../../reporters/kubernetes.ts";

/** Options of {@linkcode KubernetesReporter}. */
export interface KubernetesReporterOptions {
  readonly api: KubeApi;
  /** Report the pods of this node only, and nothing else. @default everything */
  readonly nodeName?: string;
  /** How many objects of a kind are kept. @default 50_000 */
  readonly objectsMax?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A server that was not heard of for so long is said to fail; what was known is reported until then. */
const STALE_MS = 60_000;

/** Follows all kinds from `watch` on; a report says what is known by then. */
export class KubernetesReporter implements Reporter {
  readonly name = "kubernetes";
  readonly #clock: Clock;
  readonly #watches: readonly KubeWatch[];
  #publish: ((report: Report) => void) | undefined;
  #changes = 0;
  #report = makeReport({});
  #podByContainer = new Map<string, string>();

  constructor(options: KubernetesReporterOptions) {
    const { api, nodeName, objectsMax, clock = systemClock, random = systemRandom } = options;
    this.#clock = clock;
    const kinds = KUBE_KINDS.filter(({ key }) => nodeName === undefined || key === "Pod");
    this.#watches = kinds.map(
      (kind) =>
        new KubeWatch({
          kind,
          api,
          clock,
          random,
          ...(nodeName === undefined ? {} : { fieldSelector: `spec.nodeName=${nodeName}` }),
          ...(objectsMax === undefined ? {} : { objectsMax }),
          ...(kind.key === "Pod"
            ? { onChange: (pod: KubeObject, isGone: boolean) => this.#tell(pod, isGone) }
            : {}),
        }),
    );
  }

  /** The pod of a container, by what pods said in the last report. */
  podOf(containerId: string): string | undefined {
    return this.#podByContainer.get(containerId);
  }

  /** @throws {FairleadError} `kubernetes_failed` when a kind cannot be followed for a minute. */
  async report({ nowMs }: SpyContext): Promise<Report> {
    for (const { error, heardAtMs } of this.#watches) {
      const isStale = heardAtMs === undefined || this.#clock.nowMs() - heardAtMs > STALE_MS;
      if (error !== undefined && isStale) throw error;
    }
    const changes = this.#watches.reduce((sum, watch) => sum + watch.changes, 0);
    if (changes !== this.#changes) {
      const objects = this.#objects();
      this.#podByContainer = containersOf(objects.values());
      this.#report = kubernetesReport(nowMs, objects);
      this.#changes = changes;
    }
    return { ...this.#report, ts: instantOf(nowMs) };
  }

  async watch(publish: (report: Report) => void, signal: AbortSignal): Promise<void> {
    this.#publish = publish;
    // Each listens to a signal of its own: one for all of them would look like a leak.
    await Promise.all(this.#watches.map((watch) => watch.run(AbortSignal.any([signal]))));
  }

  #objects(): Map<string, KubeObject> {
    return new Map(this.#watches.flatMap(({ objects }) => [...objects]));
  }

  /** Pods that come and go are told at once. */
  #tell(pod: KubeObject, isGone: boolean): void {
    const only = [isGone ? deletedPod(pod) : pod];
    this.#publish?.(kubernetesReport(this.#clock.nowMs(), this.#objects(), only));
  }
}

function containersOf(objects: Iterable<KubeObject>): Map<string, string> {
  const pods = new Map<string, string>();
  for (const { uid, containers } of objects) for (const id of containers) pods.set(id, uid);
  return pods;
}
