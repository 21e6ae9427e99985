/** The views, each made of what the kernel counts. */
import type { KernelColumns, Lift, TopologyKernel } from "../kernel/contract.ts";
import { METRIC_KEYS } from "../report/keys.ts";
import { UNCONTAINED_PREFIX, UNMANAGED_PREFIX } from "../view/parents.ts";
import { Connected, type Levels, MAP } from "./connected.ts";
import { FIELD } from "./fields.ts";
import { containersByPod, controllersView, hasKubernetes, textsOfPod } from "./kubernetes.ts";
import { type Level, type LevelView, nodesOf, type Texts, viewOf } from "./level.ts";
import { KIND, type PartRows, type Shared } from "./part_rows.ts";
import { type Source, Sources } from "./sources.ts";
import type { ColumnarView, ColumnarViewId } from "./view.ts";

export type { ColumnarView, ColumnarViewId } from "./view.ts";

/** A level with its edges in the kernel's columns. */
interface Scene {
  readonly parts: readonly PartRows[];
  readonly generation: number;
  readonly levels: Levels;
  readonly sources: Sources;
  readonly done: Map<ColumnarViewId, ColumnarView>;
}

const METRICS = {
  process: [METRIC_KEYS.processCpu, METRIC_KEYS.processMemory, METRIC_KEYS.processOpenFiles],
  container: [METRIC_KEYS.containerCpu, METRIC_KEYS.containerMemory],
  host: [METRIC_KEYS.hostCpu, METRIC_KEYS.hostMemory, METRIC_KEYS.load1],
} as const;

/** Makes views of parts; everything of one generation is made once. */
export class ViewMaker {
  readonly #shared: Shared;
  readonly #connected: Connected;
  #scene: Scene | undefined;

  constructor(shared: Shared, kernel: TopologyKernel) {
    this.#shared = shared;
    this.#connected = new Connected(shared, kernel);
  }

  /** Handles of strings that are in use here. */
  handles(): Iterable<number> {
    return this.#connected.handles();
  }

  /** To be called when strings were swept. */
  swept(): void {
    this.#connected.swept();
  }

  view(id: ColumnarViewId, parts: readonly PartRows[], generation: number): ColumnarView {
    const scene = this.#sceneOf(parts, generation);
    const known = scene.done.get(id);
    if (known !== undefined) return known;
    const view = this.#make(id, scene);
    scene.done.set(id, view);
    return view;
  }

  /** Where the values of nodes stand. */
  sources(parts: readonly PartRows[], generation: number): Sources {
    return this.#sceneOf(parts, generation).sources;
  }

  #sceneOf(parts: readonly PartRows[], generation: number): Scene {
    if (this.#scene?.generation !== generation) {
      const levels = this.#connected.connect(parts);
      const sources = new Sources(parts, this.#shared);
      this.#scene = { parts, generation, levels, sources, done: new Map() };
    }
    return this.#scene;
  }

  #make(id: ColumnarViewId, scene: Scene): ColumnarView {
    switch (id) {
      case "processes":
        return this.#processes(scene);
      case "processes-by-name":
        return this.#processNames(scene);
      case "containers":
        return this.#containers(scene);
      case "containers-by-hostname":
        return this.#containerGroups(scene, "containers-by-hostname");
      case "containers-by-image":
        return this.#containerGroups(scene, "containers-by-image");
      case "pods":
        return this.#pods(scene, false);
      case "services":
      case "kube-controllers":
        return controllersView(id, {
          sources: scene.sources,
          shared: this.#shared,
          pods: this.#pods(scene, true),
          generation: scene.generation,
        });
      case "hosts":
        return this.#hosts(scene);
    }
  }

  #processes(scene: Scene): ColumnarView {
    const { levels, sources } = scene;
    const shown = this.#alive(KIND.process);
    const { maps } = this.#connected.columns;
    const base = this.#connected.mapAt(MAP.process);
    for (let row = 0; row < levels.endpoints; row += 1) {
      const node = maps[base + row]!;
      if (node > 0 && node <= shown.length) shown[node - 1] = 1;
    }
    if (!levels.hasProcesses) shown.fill(0);
    const level = { shown, hosts: [], services: levels.services };
    return this.#finish(scene, level, [MAP.process, -1], {
      id: "processes",
      shape: "square",
      isStack: false,
      textsOf: (row) => textsOfProcess(sources, row),
      ...this.#metrics(sources, KIND.process, METRICS.process),
    });
  }

  #processNames(scene: Scene): ColumnarView {
    const { levels, sources } = scene;
    const groups = new Groups();
    const table = this.#table(levels, 2);
    for (let row = 0; row < levels.processes; row += 1) {
      const name = sources.handle(sources.find(KIND.process, row), FIELD.name);
      table[row] = name === 0 ? 0 : groups.add(this.#shared.strings.text(name)) + 1;
    }
    this.#lift(levels, MAP.process, MAP.left, groups.size, levels.processes, groups.size);
    const level = { shown: groups.shown(), hosts: [], services: levels.services };
    return this.#finish(scene, level, [MAP.left, -1], {
      id: "processes-by-name",
      shape: "square",
      isStack: true,
      textsOf: (group) => groups.texts(group, "process", "processes"),
      ...NO_METRICS,
    });
  }

  #containers(scene: Scene): ColumnarView {
    const { levels, sources } = scene;
    const level = {
      shown: this.#aliveContainers(scene),
      hosts: this.#hostPseudos(levels, UNCONTAINED_PREFIX),
      services: levels.services,
    };
    return this.#finish(scene, level, [MAP.container, MAP.address], {
      id: "containers",
      shape: "hexagon",
      isStack: false,
      textsOf: (row) => this.#textsOfContainer(sources, row),
      ...this.#metrics(sources, KIND.container, METRICS.container),
    });
  }

  #containerGroups(
    scene: Scene,
    id: "containers-by-hostname" | "containers-by-image",
  ): ColumnarView {
    const { levels, sources } = scene;
    const groups = new Groups();
    const table = this.#table(levels, 2);
    const alive = this.#aliveContainers(scene);
    for (let row = 0; row < levels.containers; row += 1) {
      const source = alive[row] === 0 ? undefined : sources.find(KIND.container, row);
      const name =
        id === "containers-by-image"
          ? this.#imageOf(sources, source, true)
          : sources.text(source, FIELD.containerHostname);
      table[row] = name === "" ? 0 : groups.add(name) + 1;
    }
    this.#liftContainers(levels, groups.size, groups.size);
    const level = {
      shown: groups.shown(),
      hosts: this.#hostPseudos(levels, UNCONTAINED_PREFIX),
      services: levels.services,
    };
    const ending = id === "containers-by-image" ? ";<container_image>" : "";
    return this.#finish(scene, level, [MAP.left, MAP.right], {
      id,
      shape: "hexagon",
      isStack: true,
      textsOf: (group) => groups.texts(group, "container", "containers", ending),
      ...NO_METRICS,
    });
  }

  #pods(scene: Scene, keepsLonely: boolean): ColumnarView {
    const { levels, sources } = scene;
    const counted = containersByPod(sources, this.#shared, levels, (source) =>
      this.#fullImageOf(sources, source),
    );
    const table = this.#table(levels, 2);
    table.set(counted.pods);
    const fallback = this.#table(levels, 3);
    fallback.set(counted.hosts);
    const isThere = hasKubernetes(sources);
    if (!isThere) counted.shown.fill(0);
    const lift = {
      target: MAP.left,
      table: this.#connected.tableAt(levels, 2),
      fallback: this.#connected.tableAt(levels, 3),
      size: levels.containers,
      groups: levels.pods,
      pseudo: levels.pods,
    };
    const { kernel } = this.#connected;
    kernel.lift(levels.endpoints, { ...lift, source: MAP.container });
    kernel.lift(levels.endpoints, { ...lift, source: MAP.address, target: MAP.right });
    this.#prefer(levels, MAP.pod, MAP.right);
    const level = {
      shown: counted.shown,
      hosts: this.#hostPseudos(levels, UNMANAGED_PREFIX),
      services: levels.services,
      keepsLonely,
    };
    if (!isThere) this.#clear(levels, [MAP.left, MAP.right]);
    const metrics = this.#metrics(sources, KIND.container, METRICS.container);
    return this.#finish(scene, level, [MAP.left, MAP.right], {
      id: "pods",
      shape: "heptagon",
      isStack: false,
      textsOf: (row) => textsOfPod(sources, row, counted.count[row]!),
      metricIds: metrics.metricIds,
      metricsOf: (row, values, at) => {
        if (counted.count[row] === 1) metrics.metricsOf(counted.only[row]!, values, at);
      },
    });
  }

  #hosts(scene: Scene): ColumnarView {
    const { levels, sources } = scene;
    const alive = this.#aliveContainers(scene);
    const table = this.#table(levels, 2);
    for (let row = 0; row < levels.containers; row += 1) {
      table[row] = alive[row] === 0 ? 0 : this.#hostOf(sources, KIND.container, row);
    }
    this.#lift(levels, MAP.address, MAP.right, levels.hosts, levels.containers, levels.hosts);
    this.#hostsOfPods(levels, sources);
    this.#hostsOfEndpoints(levels);
    const level = {
      shown: this.#alive(KIND.host),
      hosts: levels.hosts === 0 ? [] : Array.from({ length: levels.hosts }, () => ""),
      services: levels.services,
    };
    return this.#finish(scene, level, [MAP.left, MAP.right], {
      id: "hosts",
      shape: "circle",
      isStack: false,
      textsOf: (row) => textsOfHost(sources.id(KIND.host, row)),
      ...this.#metrics(sources, KIND.host, METRICS.host),
    });
  }

  /** Endpoints go to the hosts that report them; pseudo nodes are where the other map has them. */
  #hostsOfEndpoints(levels: Levels): void {
    const { maps, eHost } = this.#connected.columns;
    const left = this.#connected.mapAt(MAP.left);
    const right = this.#connected.mapAt(MAP.right);
    for (let row = 0; row < levels.endpoints; row += 1) {
      const other = maps[right + row]!;
      maps[left + row] = eHost[row]! || (other > levels.hosts ? other : 0);
    }
  }

  /** Where no container has an endpoint's address, its pod's host does. */
  #hostsOfPods(levels: Levels, sources: Sources): void {
    const hosts = Uint32Array.from({ length: levels.pods }, (_, row) =>
      this.#hostOf(sources, KIND.pod, row),
    );
    const { maps } = this.#connected.columns;
    const pods = this.#connected.mapAt(MAP.pod);
    const right = this.#connected.mapAt(MAP.right);
    for (let row = 0; row < levels.endpoints; row += 1) {
      const pod = maps[pods + row]!;
      if (maps[right + row] === 0 && pod > 0 && pod <= levels.pods) {
        maps[right + row] = hosts[pod - 1]!;
      }
    }
  }

  /** The first parent of a node that is a host: its row plus one; 0: none. */
  #hostOf(sources: Sources, kind: number, row: number): number {
    const { strings, tables } = this.#shared;
    const [parent] = sources.parents(sources.find(kind, row), strings.find("host"));
    const host = parent === undefined ? undefined : tables[KIND.host]!.find(parent);
    return host === undefined ? 0 : host + 1;
  }

  /** Where the first map has a node, the second gets it. */
  #prefer(levels: Levels, first: number, second: number): void {
    const { maps } = this.#connected.columns;
    const from = this.#connected.mapAt(first);
    const to = this.#connected.mapAt(second);
    for (let row = 0; row < levels.endpoints; row += 1) {
      if (maps[from + row] !== 0) maps[to + row] = maps[from + row]!;
    }
  }

  #clear(levels: Levels, all: readonly number[]): void {
    for (const map of all) {
      const base = this.#connected.mapAt(map);
      this.#connected.columns.maps.fill(0, base, base + levels.endpoints);
    }
  }

  #finish(
    { levels, generation }: Scene,
    level: Level,
    [map, second]: readonly [number, number],
    look: Omit<LevelView, "generation">,
  ): ColumnarView {
    const { kernel } = this.#connected;
    kernel.connect(levels.pairs, map, second, nodesOf(level));
    return viewOf(level, this.#connected.columns, { ...look, generation });
  }

  #table(levels: Levels, number: number): KernelColumns["tables"] {
    const start = this.#connected.tableAt(levels, number);
    return this.#connected.columns.tables.subarray(
      start,
      this.#connected.tableAt(levels, number + 1),
    );
  }

  #lift(
    levels: Levels,
    source: number,
    target: number,
    groups: number,
    size: number,
    pseudo: number,
  ): void {
    const table = this.#connected.tableAt(levels, 2);
    const lift: Lift = { source, target, table, fallback: -1, size, groups, pseudo };
    this.#connected.kernel.lift(levels.endpoints, lift);
  }

  #liftContainers(levels: Levels, groups: number, pseudo: number): void {
    this.#lift(levels, MAP.container, MAP.left, groups, levels.containers, pseudo);
    this.#lift(levels, MAP.address, MAP.right, groups, levels.containers, pseudo);
  }

  /** Rows that are taken. */
  #alive(kind: number): Uint8Array {
    const { ids, nodes, length } = this.#shared.tables[kind]!;
    const shown = new Uint8Array(length);
    for (let row = 0; row < length; row += 1) {
      shown[row] = ids[row] !== 0 && (kind !== KIND.process || nodes[row]! > 0) ? 1 : 0;
    }
    return shown;
  }

  #aliveContainers({ sources, levels }: Scene): Uint8Array {
    const shown = this.#alive(KIND.container);
    const deleted = this.#shared.strings.find("deleted");
    for (let row = 0; deleted !== 0 && row < levels.containers; row += 1) {
      const state = sources.handle(sources.find(KIND.container, row), FIELD.containerState);
      if (state === deleted) shown[row] = 0;
    }
    return shown;
  }

  #hostPseudos(levels: Levels, prefix: string): string[] {
    const { ids } = this.#shared.tables[KIND.host]!;
    const { strings } = this.#shared;
    return Array.from({ length: levels.hosts }, (_, row) => {
      const id = strings.text(ids[row]!);
      return `${prefix}${id.slice(0, Math.max(0, id.indexOf(";")))}`;
    });
  }

  #textsOfContainer(sources: Sources, row: number): Texts {
    const source = sources.find(KIND.container, row);
    const id = sources.id(KIND.container, row);
    const field = CONTAINER_NAMES.find((each) => sources.has(source, each));
    const label =
      field === undefined ? id.slice(0, id.indexOf(";")).slice(0, 12) : sources.text(source, field);
    const minor = sources.hostName(sources.handle(source, FIELD.hostNodeId));
    const image = this.#imageOf(sources, source, false);
    return { id, label, minor, rank: image === "" ? minor || label : image };
  }

  /** The name of a container's image without its tag, its own or that of the reported image. */
  #imageOf(sources: Sources, source: Source | undefined, isReported: boolean): string {
    const handle =
      this.#imageHandle(sources, source) ||
      (isReported ? 0 : sources.handle(source, FIELD.imageName));
    return handle === 0 ? "" : sources.imageName(handle);
  }

  #fullImageOf(sources: Sources, source: Source | undefined): string {
    const handle = this.#imageHandle(sources, source) || sources.handle(source, FIELD.imageName);
    return this.#shared.strings.text(handle);
  }

  #imageHandle(sources: Sources, source: Source | undefined): number {
    const image = sources.handle(source, FIELD.imageId);
    if (image === 0) return 0;
    const id = this.#shared.composer.with(image, ";<container_image>");
    const row = this.#shared.tables[KIND.image]!.find(id);
    return row === undefined ? 0 : sources.handle(sources.find(KIND.image, row), FIELD.imageName);
  }

  #metrics(sources: Sources, kind: number, metricIds: readonly string[]) {
    const handles = metricIds.map((id) => this.#shared.strings.find(id));
    const metricsOf: LevelView["metricsOf"] = (row, values, at) => {
      const source = sources.find(kind, row);
      for (let metric = 0; metric < handles.length; metric += 1) {
        values[at + metric] = sources.metric(source, handles[metric]!);
      }
    };
    return { metricIds, metricsOf };
  }
}

const NO_METRICS = { metricIds: [], metricsOf: () => {} } as const;

/** Where the name of a container stands, the best place first. */
const CONTAINER_NAMES = [
  FIELD.ecsContainerName,
  FIELD.kubernetesContainerName,
  FIELD.marathonAppId,
  FIELD.containerName,
  FIELD.containerHostname,
] as const;

function textsOfProcess(sources: Sources, row: number): Texts {
  const id = sources.id(KIND.process, row);
  const source = sources.find(KIND.process, row);
  const at = id.indexOf(";");
  const [host, pid] = at < 0 ? ["", ""] : [id.slice(0, at), id.slice(at + 1)];
  const name = sources.text(source, FIELD.name);
  const container = sources.text(source, FIELD.containerName);
  if (name === "") {
    const minor = container === "" ? host : `${host} (${container})`;
    return { id, label: pid, minor, rank: host };
  }
  const which = container === "" ? pid : `${container}:${pid}`;
  return { id, label: name, minor: `${host} (${which})`, rank: name };
}

function textsOfHost(id: string): Texts {
  const host = id.endsWith(";<host>") ? id.slice(0, id.indexOf(";")) : "";
  const dot = host.indexOf(".");
  if (dot < 0) return { id, label: host, minor: "", rank: "" };
  const domain = host.slice(dot + 1);
  return { id, label: host.slice(0, dot), minor: domain, rank: domain };
}

/** Groups by name, numbered as they come, with how many nodes each has. */
class Groups {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #counts: number[] = [];

  get size(): number {
    return this.#names.length;
  }

  add(name: string): number {
    let group = this.#numbers.get(name);
    if (group === undefined) {
      group = this.#names.length;
      this.#numbers.set(name, group);
      this.#names.push(name);
      this.#counts.push(0);
    }
    this.#counts[group]! += 1;
    return group;
  }

  shown(): Uint8Array {
    return new Uint8Array(this.#names.length).fill(1);
  }

  texts(group: number, one: string, many: string, ending = ""): Texts {
    const label = this.#names[group] ?? "";
    const count = this.#counts[group] ?? 0;
    const minor = `${count} ${count === 1 ? one : many}`;
    return { id: `${label}${ending}`, label, minor, rank: label };
  }
}
