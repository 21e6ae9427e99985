/**
 * The state as a link, in the form that Scope's app has: `#!/state/` and JSON. A link made by Scope
 * opens the same view here, and one of ours in Scope; what only we know stands in keys of its own.
 */
import {
  type ChosenOptions,
  DETAILS_MAX,
  type DetailsRef,
  INITIAL_STATE,
  PINS_MAX,
  type TerminalRef,
  type ViewMode,
  type ViewState,
} from "./view_state.ts";

const PREFIX = "#!/state/";
/** A longer link is not read. */
const LINK_CHARS_MAX = 32_768;
const TEXT_CHARS_MAX = 1_024;

const MODES: readonly (readonly [ViewMode, string])[] = [
  ["graph", "topo"],
  ["table", "grid"],
  ["resource", "resource"],
];

/** The hash of a state; "" for one in which nothing is chosen. */
export function linkOf(state: ViewState): string {
  const wire = wireOf(state);
  if (Object.keys(wire).length === 0) return "";
  // Scope's router takes slashes for path segments, and decodes percents twice.
  const json = JSON.stringify(wire).replaceAll("%", "<PERCENT>").replaceAll("/", "<SLASH>");
  return PREFIX + encodeURIComponent(json);
}

type Wire = Record<string, unknown>;

function wireOf(state: ViewState): Wire {
  const { details, sort, terminal } = state;
  const wire: Wire = {
    topologyId: state.topologyId,
    topologyOptions: Object.keys(state.options).length > 0 ? state.options : undefined,
    nodeDetails: details.length > 0 ? details : undefined,
    selectedNodeId: details[0]?.id,
    searchQuery: state.search || undefined,
    pinnedSearches: state.pinnedSearches.length > 0 ? state.pinnedSearches : undefined,
    pinnedMetricType: state.pinnedMetric,
    pinnedNetwork: state.pinnedNetwork,
    gridSortedBy: sort?.column,
    gridSortedDesc: sort?.desc,
    topologyViewMode: MODES.find(([mode]) => mode === state.viewMode)?.[1],
    groupBy: state.groupBy,
    resourceMetric: state.resourceMetric,
    pausedAt: state.pausedAtMs === undefined ? undefined : isoOf(state.pausedAtMs),
    contrastMode: state.contrast || undefined,
    controlPipe: terminal === undefined ? undefined : pipeOf(terminal),
  };
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined));
}

const isoOf = (ms: number) => new Date(ms).toISOString();

function pipeOf({ pipeId, title, nodeId, probeId, isRaw, resizeControl }: TerminalRef): Wire {
  return { id: pipeId, title, nodeId, probeId, raw: isRaw, resizeTtyControl: resizeControl };
}

/** Read a hash; `undefined` when it is no link of this kind. What is wrong in it is left out. */
export function readLink(hash: string): ViewState | undefined {
  if (!hash.startsWith(PREFIX) || hash.length > LINK_CHARS_MAX) return undefined;
  try {
    const json = decodeURIComponent(hash.slice(PREFIX.length));
    return stateOf(JSON.parse(json.replaceAll("<SLASH>", "/").replaceAll("<PERCENT>", "%")));
  } catch {
    // Cut off, or somebody else's.
    return undefined;
  }
}

function stateOf(value: unknown): ViewState {
  const wire = fieldsOf(value);
  const column = text(wire.gridSortedBy);
  const pausedAtMs = Date.parse(text(wire.pausedAt) ?? "");
  const mode = text(wire.topologyViewMode) ?? "";
  return {
    ...INITIAL_STATE,
    topologyId: text(wire.topologyId),
    options: optionsOf(wire.topologyOptions),
    details: detailsOf(wire),
    search: text(wire.searchQuery) ?? "",
    pinnedSearches: texts(wire.pinnedSearches).slice(0, PINS_MAX),
    pinnedMetric: text(wire.pinnedMetricType),
    pinnedNetwork: text(wire.pinnedNetwork),
    sort: column === undefined ? undefined : { column, desc: wire.gridSortedDesc === true },
    viewMode: MODES.find((each) => each.includes(mode))?.[0],
    groupBy: text(wire.groupBy),
    resourceMetric: text(wire.resourceMetric),
    pausedAtMs: Number.isNaN(pausedAtMs) ? undefined : pausedAtMs,
    contrast: wire.contrastMode === true,
    terminal: terminalOf(wire.controlPipe),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, TEXT_CHARS_MAX) : undefined;
}

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map(text).filter((each) => each !== undefined);
}

/** Older Scopes write one value as text, newer ones as a list. */
function optionsOf(value: unknown): ChosenOptions {
  const options: Record<string, Record<string, string[]>> = {};
  for (const [topology, chosen] of Object.entries(fieldsOf(value)).slice(0, 50)) {
    const own: Record<string, string[]> = {};
    for (const [option, values] of Object.entries(fieldsOf(chosen)).slice(0, 50)) {
      own[option] = texts(values).slice(0, 200);
    }
    options[topology] = own;
  }
  return options;
}

function detailsOf(wire: Readonly<Record<string, unknown>>): readonly DetailsRef[] {
  const list: readonly unknown[] = Array.isArray(wire.nodeDetails) ? wire.nodeDetails : [];
  const details: DetailsRef[] = [];
  for (const each of list.slice(-DETAILS_MAX)) {
    const { id, label, topologyId } = fieldsOf(each);
    const own = text(id);
    const topology = text(topologyId) ?? text(wire.topologyId);
    if (own === undefined || topology === undefined) continue;
    details.push({ id: own, label: text(label) ?? own, topologyId: topology });
  }
  return details;
}

function terminalOf(value: unknown): TerminalRef | undefined {
  const { id, title, nodeId, probeId, raw, resizeTtyControl } = fieldsOf(value);
  const pipeId = text(id);
  if (pipeId === undefined) return undefined;
  return {
    pipeId,
    title: text(title) ?? "Terminal",
    nodeId: text(nodeId) ?? "",
    probeId: text(probeId) ?? "",
    isRaw: raw === true,
    resizeControl: text(resizeTtyControl),
  };
}
