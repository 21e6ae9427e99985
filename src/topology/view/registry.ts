import { KEYS } from "../report/keys.ts";
import type { Report } from "../report/report.ts";
import {
  type Filter,
  isApplication,
  isInNamespace,
  isManaged,
  isRunning,
  keep,
  withoutLonelyPseudo,
} from "./filters.ts";
import type { Pipeline } from "./pipeline.ts";
import { PSEUDO, type RenderNodes } from "./render_node.ts";
import type { TopologyOption } from "./summary.ts";

/** A view that can be asked for. */
export interface View {
  readonly id: string;
  /** The view below whose button it stands. */
  readonly parent?: string;
  readonly name: string;
  readonly rank: number;
  readonly isHiddenIfEmpty: boolean;
  readonly options: readonly OptionGroup[];
  /** Whose namespaces can be chosen. */
  readonly namespaces: readonly ("kubernetes" | "swarm")[];
  readonly render: (pipeline: Pipeline) => RenderNodes;
  /** Not of Scope: there only when it has nodes. */
  readonly isExtra?: boolean;
}

/** A choice of filters. */
export interface OptionGroup {
  readonly id: string;
  readonly defaultValue: string;
  readonly options: readonly Option[];
  /** Any number of values, divided by commas; nodes that one of them keeps stay. */
  readonly isUnion?: boolean;
  readonly noneLabel?: string;
}

interface Option {
  readonly value: string;
  readonly label: string;
  /** None keeps all. */
  readonly filter?: Filter;
  /** Whether pseudo nodes are held against it too. */
  readonly isForPseudo?: boolean;
}

const choice = (id: string, defaultValue: string, ...options: Option[]): OptionGroup => ({
  id,
  defaultValue,
  options,
});

const SYSTEM = choice(
  "system",
  "application",
  { value: "all", label: "All" },
  { value: "system", label: "System containers", filter: (node) => !isApplication(node) },
  { value: "application", label: "Application containers", filter: isApplication },
);
const STOPPED = choice(
  "stopped",
  "running",
  { value: "stopped", label: "Stopped containers", filter: (node) => !isRunning(node) },
  { value: "running", label: "Running containers", filter: isRunning },
  { value: "both", label: "Both" },
);
const pseudo = (what: string) =>
  choice(
    "pseudo",
    "hide",
    { value: "show", label: `Show ${what}` },
    { value: "hide", label: `Hide ${what}`, filter: isManaged, isForPseudo: true },
  );
const CONTAINER_OPTIONS = [SYSTEM, STOPPED, pseudo("uncontained")];
const UNMANAGED = [pseudo("unmanaged")];
const UNCONNECTED = [
  choice(
    "unconnected",
    "hide",
    { value: "show", label: "Show unconnected" },
    { value: "hide", label: "Hide unconnected", filter: (node) => node.isConnected },
  ),
];
const without = (id: string, what: string, topologies: RegExp) =>
  choice(
    id,
    "hide",
    { value: "show", label: `Show ${what}` },
    { value: "hide", label: `Hide ${what}`, filter: ({ topology }) => !topologies.test(topology) },
  );
const POD_OPTIONS = [
  without("snapshot", "snapshots", /^(volume_snapshot|volume_snapshot_data)$/),
  without("storage", "storage", /^(persistent_volume|persistent_volume_claim|storage_class)$/),
  ...UNMANAGED,
];

type ViewParts = Pick<View, "id" | "name" | "render"> & Partial<View>;

function view({ rank = 0, options = [], namespaces = [], ...rest }: ViewParts): View {
  return { isHiddenIfEmpty: false, rank, options, namespaces, ...rest };
}

const CONTAINERS = { options: CONTAINER_OPTIONS, namespaces: ["kubernetes", "swarm"] as const };
const KUBERNETES = { namespaces: ["kubernetes"] as const, isHiddenIfEmpty: true };

/** Every view, those of Scope first. */
export const VIEWS: readonly View[] = [
  view({
    id: "processes",
    name: "Processes",
    rank: 1,
    options: UNCONNECTED,
    isHiddenIfEmpty: true,
    render: (pipeline) => pipeline.connectedProcesses(),
  }),
  view({
    id: "processes-by-name",
    parent: "processes",
    name: "by name",
    options: UNCONNECTED,
    isHiddenIfEmpty: true,
    render: (pipeline) => pipeline.processNames(),
  }),
  view({
    id: "containers",
    name: "Containers",
    rank: 2,
    ...CONTAINERS,
    render: (pipeline) => pipeline.containers(),
  }),
  view({
    id: "containers-by-hostname",
    parent: "containers",
    name: "by DNS name",
    options: CONTAINER_OPTIONS,
    render: (pipeline) => pipeline.containerHostnames(),
  }),
  view({
    id: "containers-by-image",
    parent: "containers",
    name: "by image",
    options: CONTAINER_OPTIONS,
    render: (pipeline) => pipeline.containerImages(),
  }),
  view({
    id: "pods",
    name: "Pods",
    rank: 3,
    options: POD_OPTIONS,
    ...KUBERNETES,
    render: (pipeline) => pipeline.pods(),
  }),
  view({
    id: "kube-controllers",
    parent: "pods",
    name: "Controllers",
    options: UNMANAGED,
    ...KUBERNETES,
    render: (pipeline) => pipeline.controllers(),
  }),
  view({
    id: "services",
    parent: "pods",
    name: "Services",
    options: UNMANAGED,
    ...KUBERNETES,
    render: (pipeline) => pipeline.services(),
  }),
  view({
    id: "ecs-tasks",
    name: "Tasks",
    rank: 3,
    options: UNMANAGED,
    isHiddenIfEmpty: true,
    render: (pipeline) => pipeline.ecsTasks(),
  }),
  view({
    id: "ecs-services",
    parent: "ecs-tasks",
    name: "Services",
    options: UNMANAGED,
    isHiddenIfEmpty: true,
    render: (pipeline) => pipeline.ecsServices(),
  }),
  view({
    id: "swarm-services",
    name: "Services",
    rank: 3,
    options: UNMANAGED,
    namespaces: ["swarm"],
    isHiddenIfEmpty: true,
    render: (pipeline) => pipeline.swarmServices(),
  }),
  view({ id: "hosts", name: "Hosts", rank: 4, render: (pipeline) => pipeline.hosts() }),
  view({
    id: "weave",
    parent: "hosts",
    name: "Weave Net",
    render: (pipeline) => pipeline.weave(),
  }),
  view({
    id: "tasks",
    name: "Mesos tasks",
    rank: 3,
    options: UNMANAGED,
    isHiddenIfEmpty: true,
    isExtra: true,
    render: (pipeline) => pipeline.tasks(),
  }),
  view({
    id: "frameworks",
    parent: "tasks",
    name: "Frameworks",
    options: UNMANAGED,
    isHiddenIfEmpty: true,
    isExtra: true,
    render: (pipeline) => pipeline.frameworks(),
  }),
];

/** Values of options by their id. */
export type OptionValues = Readonly<Record<string, string>>;

/** The filters that a view has for a report: its own, and namespaces where there are some. */
export function optionsOf(view: View, report: Report): readonly OptionGroup[] {
  const groups = [...view.options];
  const { Namespace, SwarmService } = report.topologies;
  const kubernetes = namesIn(Namespace?.nodes, KEYS.kubernetesName);
  const swarm = namesIn(SwarmService?.nodes, KEYS.swarmStackNamespace);
  if (view.namespaces.includes("kubernetes") && kubernetes.length > 0) {
    groups.push(namespaceOption(kubernetes, "All Namespaces"));
  }
  if (view.namespaces.includes("swarm") && swarm.length > 0) {
    groups.push(namespaceOption(swarm, "All Stacks"));
  }
  return groups;
}

type Nodes = NonNullable<Report["topologies"]["Host"]>["nodes"];

function namesIn(nodes: Nodes = new Map(), key: string): readonly string[] {
  const names = [...nodes.values()].flatMap(({ latest }) => latest.get(key)?.value ?? []);
  return [...new Set(names)].sort();
}

function namespaceOption(names: readonly string[], noneLabel: string): OptionGroup {
  const options = names.map((value) => ({ value, label: value, filter: isInNamespace(value) }));
  return { id: "namespace", defaultValue: "", isUnion: true, noneLabel, options };
}

/** What a client sees of a choice. */
export function describeOption(group: OptionGroup): TopologyOption {
  return {
    id: group.id,
    defaultValue: group.defaultValue,
    options: group.options.map(({ value, label }) => ({ value, label })),
    ...(group.isUnion === true ? { selectType: "union" } : {}),
    ...(group.noneLabel === undefined ? {} : { noneLabel: group.noneLabel }),
  };
}

/**
 * Apply the chosen options to a rendered view. Without values no option is applied at all; with any,
 * those that are not named have their default. Lonely pseudo nodes go in any case.
 */
export function applyOptions(
  nodes: RenderNodes,
  groups: readonly OptionGroup[],
  values: OptionValues | undefined,
): RenderNodes {
  if (values === undefined) return withoutLonelyPseudo(nodes);
  const filters = groups.flatMap(
    (group) => filterOf(group, chosenValue(values, group.id) ?? group.defaultValue) ?? [],
  );
  if (filters.length === 0) return withoutLonelyPseudo(nodes);
  return withoutLonelyPseudo(keep(nodes, (node) => filters.every((filter) => filter(node))));
}

function chosenValue(values: OptionValues, id: string): string | undefined {
  return Object.hasOwn(values, id) ? values[id] : undefined;
}

/** Keeps what any of the chosen values keeps; nothing where none of them is known. */
function filterOf(group: OptionGroup, value: string): Filter | undefined {
  const values = group.isUnion === true ? value.split(",") : [value];
  const chosen = group.options.filter((option) => values.includes(option.value));
  if (chosen.length === 0) return undefined;
  return (node) =>
    chosen.some(
      ({ filter, isForPseudo = false }) =>
        filter === undefined || (!isForPseudo && node.topology === PSEUDO) || filter(node),
    );
}
