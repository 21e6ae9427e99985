import { FairleadError } from "../../base/mod.ts";
import { TopologyColumns, type TopologyColumnsOptions } from "../columns/columns.ts";
import { RenderedView } from "../columns/rendered.ts";
import { COLUMNAR_VIEWS, type ColumnarViewId } from "../columns/view.ts";
import { decodeInflatedReport } from "../report/codec.ts";
import { KEYS } from "../report/keys.ts";
import { type Report, TOPOLOGY_KEYS, type TopologyKey } from "../report/report.ts";
import { upgradeReport } from "../report/upgrade.ts";
import { censorSummary } from "../view/censor.ts";
import { applyOptions, optionsOf, VIEWS, type View } from "../view/registry.ts";
import type { RenderNodes } from "../view/render_node.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../view/summary.ts";
import {
  listProbes,
  listViews,
  type ProbeDescriptor,
  ReportViews,
  statsOf,
  type ViewQuery,
} from "../view/topologies.ts";
import type { HeldReport, ReportStore, ReportUpload, UploadOutcome } from "./report_store.ts";

/** Topologies without which a view has no nodes; the others are made of columns. */
const NEEDS: Readonly<Record<string, readonly TopologyKey[]>> = {
  weave: ["Overlay"],
  "ecs-tasks": ["ECSTask", "ECSService"],
  "ecs-services": ["ECSTask", "ECSService"],
  "swarm-services": ["SwarmService"],
};
const STORAGE: readonly TopologyKey[] = [
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
  "VolumeSnapshot",
  "VolumeSnapshotData",
];
/** Probes whose reports details are made of, at most: beyond, all count. */
const NEAR_MAX = 200;

/**
 * Reports as columns: taking one costs what it says, whatever others said, and views are made of the
 * columns when they are asked for. For many hosts.
 *
 * A probe's report takes the place of the one before; what a node of several probes says is what the
 * one says that says most. Groups have no rows of their own. All else is as `PlainStore` has it.
 */
export class ColumnStore implements ReportStore {
  readonly #columns: TopologyColumns;
  readonly #limits: Pick<TopologyColumnsOptions, "limits">;
  readonly #rendered = new Map<ColumnarViewId, RenderedView>();
  #plain: { readonly version: number; readonly views: ReportViews } | undefined;

  constructor(options: TopologyColumnsOptions = {}) {
    this.#columns = new TopologyColumns(options);
    this.#limits = options.limits === undefined ? {} : { limits: options.limits };
  }

  get version(): number {
    return this.#columns.generation;
  }

  get size(): number {
    return this.#columns.probes;
  }

  add({ probeId, contentType, bytes, receivedMs }: ReportUpload): UploadOutcome {
    try {
      const isJson = contentType.startsWith("application/json");
      const { isShortcut, nodes } = isJson
        ? this.#columns.ingestReport(
            probeId,
            upgradeReport(decodeInflatedReport(bytes, { contentType, ...this.#limits })),
            receivedMs,
          )
        : this.#columns.ingest(probeId, bytes, receivedMs);
      return { isShortcut, nodes };
    } catch (error) {
      const isFull = error instanceof FairleadError && error.code === "probes_exhausted";
      if (!isFull) throw error;
      const { details, message } = error;
      throw new FairleadError("collector_full", message, { cause: error, details });
    }
  }

  expire(nowMs: number): void {
    this.#columns.expire(nowMs);
  }

  held(): readonly HeldReport[] {
    const hosts = this.#columns.lookup().topologies.Host?.nodes;
    return Array.from(this.#columns.states(), ({ probeId, part, lastMs }) => {
      const counts = new Map<string, number>();
      for (let node = 0; node < part.count; node += 1) {
        const key = TOPOLOGY_KEYS[part.kind[node]!] ?? "";
        counts.set(key.toLowerCase(), (counts.get(key.toLowerCase()) ?? 0) + 1);
      }
      const own = this.#columns.hostOf(part);
      const host = hosts?.get(own ?? "")?.latest.get(KEYS.hostName)?.value ?? "";
      return { probeId, receivedMs: lastMs, host, counts: [...counts] };
    });
  }

  report(): Report {
    return upgradeReport(this.#columns.report());
  }

  probes(): readonly ProbeDescriptor[] {
    return listProbes(this.#columns.lookup());
  }

  topologies(query: ViewQuery): readonly TopologyDescriptor[] {
    return listViews(this.#columns.lookup(), (view) => this.#stats(view, query));
  }

  nodes(topologyId: string, query: ViewQuery): ReadonlyMap<string, NodeSummary> | undefined {
    const view = VIEWS.find(({ id }) => id === topologyId);
    if (view === undefined) return undefined;
    if (!this.#isColumnar(topologyId)) return this.#views().nodes(topologyId, query);
    const summaries = new Map<string, NodeSummary>();
    const filtered = this.#filtered(view, topologyId, query);
    const rendered = this.#renderedOf(topologyId);
    for (const [id, node] of filtered.nodes) {
      const summary = rendered.summary(node);
      if (summary !== undefined) summaries.set(id, censorSummary(summary, query));
    }
    return summaries;
  }

  details(topologyId: string, nodeId: string, query: ViewQuery): DetailedNode | undefined {
    const near = this.#isColumnar(topologyId) ? this.#near(topologyId, nodeId) : undefined;
    if (near === undefined || near.size === 0)
      return this.#views().details(topologyId, nodeId, query);
    const report = this.#columns.reportOf(({ part }) => near.has(part));
    return new ReportViews(upgradeReport(report)).details(topologyId, nodeId, query);
  }

  /** Parts that say something of a node or of those that it speaks to; undefined: too many. */
  #near(topologyId: ColumnarViewId, nodeId: string): ReadonlySet<object> | undefined {
    const view = this.#columns.view(topologyId);
    const at = view.ids.indexOf(nodeId);
    if (at < 0 || at >= view.pseudoFrom) return undefined;
    const ids = new Set([nodeId]);
    for (let edge = 0; edge < view.edgeFrom.length; edge += 1) {
      const [from, to] = [view.edgeFrom[edge]!, view.edgeTo[edge]!];
      if (from === at) ids.add(view.ids[to] ?? "");
      if (to === at) ids.add(view.ids[from] ?? "");
      if (ids.size > NEAR_MAX) return undefined;
    }
    return this.#columns.partsWith(ids);
  }

  #stats(view: View, query: ViewQuery) {
    const { id } = view;
    if (this.#isColumnar(id)) return statsOf(this.#filtered(view, id, query));
    const { topologies } = this.#columns.lookup();
    const needs = NEEDS[id];
    const hasNone = (keys: readonly TopologyKey[]) =>
      keys.every((key) => topologies[key] === undefined);
    const isOfTasks = id === "tasks" || id === "frameworks";
    const isEmpty = isOfTasks
      ? !this.#columns.hasKey(KEYS.mesosTaskId)
      : needs !== undefined && hasNone(needs);
    if (isEmpty) return statsOf({ nodes: new Map(), filtered: 0 });
    return this.#views().stats(id, query);
  }

  #filtered(view: View, id: ColumnarViewId, { options }: ViewQuery): RenderNodes {
    const report = this.#columns.lookup();
    const nodes = this.#renderedOf(id).take(this.#columns.view(id), report);
    return applyOptions(nodes, optionsOf(view, report), options);
  }

  #renderedOf(id: ColumnarViewId): RenderedView {
    const known = this.#rendered.get(id) ?? new RenderedView(id);
    this.#rendered.set(id, known);
    return known;
  }

  /** Pods stand beside their volumes, which columns have not. */
  #isColumnar(id: string): id is ColumnarViewId {
    if (!COLUMNAR_VIEWS.some((each) => each === id)) return false;
    const { topologies } = this.#columns.lookup();
    return id !== "pods" || !STORAGE.some((key) => topologies[key] !== undefined);
  }

  /** All of it as plain objects: for views that columns have not. */
  #views(): ReportViews {
    const { version } = this;
    if (this.#plain?.version !== version) {
      this.#plain = { version, views: new ReportViews(this.report()) };
    }
    return this.#plain.views;
  }
}
