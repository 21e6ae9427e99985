/** What a reader of the view chose: all of it fits into a link. */

/** How the nodes are shown. */
export const VIEW_MODES = ["graph", "table", "resource"] as const;
/** One of {@linkcode VIEW_MODES}. */
export type ViewMode = (typeof VIEW_MODES)[number];

/** A card of the stack of details. */
export interface DetailsRef {
  readonly id: string;
  readonly label: string;
  readonly topologyId: string;
}

/** A terminal that is open. */
export interface TerminalRef {
  readonly pipeId: string;
  readonly title: string;
  readonly nodeId: string;
  readonly probeId: string;
  /** Bytes go as they are typed; else the other side reads nothing. */
  readonly isRaw: boolean;
  /** Control that takes the size of the terminal. */
  readonly resizeControl: string | undefined;
}

/** Chosen values by option, by topology. */
export type ChosenOptions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What a reader chose. */
export interface ViewState {
  /** Absent until somebody chose: then the best one is shown. */
  readonly topologyId: string | undefined;
  readonly options: ChosenOptions;
  /** From the bottom to the top of the stack; the last one's node is selected. */
  readonly details: readonly DetailsRef[];
  readonly search: string;
  /** Searches that filter. */
  readonly pinnedSearches: readonly string[];
  /** Label of the metric that fills the nodes. */
  readonly pinnedMetric: string | undefined;
  /** Name of the network whose members are marked. */
  readonly pinnedNetwork: string | undefined;
  readonly sort: { readonly column: string; readonly desc: boolean } | undefined;
  /** Absent until somebody chose: a large view begins as a table where it has no graph. */
  readonly viewMode: ViewMode | undefined;
  /** What groups the nodes: see `groupingsOf`. */
  readonly groupBy: string | undefined;
  /** The metric of the resource view: `CPU` or `Memory`. */
  readonly resourceMetric: string | undefined;
  /** The moment that is shown; absent means now. */
  readonly pausedAtMs: number | undefined;
  readonly contrast: boolean;
  readonly terminal: TerminalRef | undefined;
}

/** Nothing chosen. */
export const INITIAL_STATE: ViewState = {
  topologyId: undefined,
  options: {},
  details: [],
  search: "",
  pinnedSearches: [],
  pinnedMetric: undefined,
  pinnedNetwork: undefined,
  sort: undefined,
  viewMode: undefined,
  groupBy: undefined,
  resourceMetric: undefined,
  pausedAtMs: undefined,
  contrast: false,
  terminal: undefined,
};

/** How many cards are kept. */
export const DETAILS_MAX = 12;
/** How many searches can be pinned. */
export const PINS_MAX = 12;

/** Show a topology; what belongs to the nodes of the last one is left behind. */
export function chooseTopology(state: ViewState, topologyId: string): ViewState {
  if (topologyId === state.topologyId) return state;
  return { ...state, topologyId, details: [], sort: undefined, groupBy: undefined };
}

/** Choose the values of an option; none means its default. */
export function chooseOption(
  state: ViewState,
  topologyId: string,
  { option, values }: { readonly option: string; readonly values: readonly string[] },
): ViewState {
  const own = { ...state.options[topologyId], [option]: [...values] };
  return { ...state, options: { ...state.options, [topologyId]: own } };
}

/** Select a node of the view: its card replaces the stack; once more closes it. */
export function selectNode(state: ViewState, node: DetailsRef): ViewState {
  const isOpen = state.details.length === 1 && state.details[0]?.id === node.id;
  return { ...state, details: isOpen ? [] : [node] };
}

/** Put a relative's card on the stack; one that is there already comes to the top. */
export function openRelative(state: ViewState, node: DetailsRef): ViewState {
  const rest = state.details.filter(({ id }) => id !== node.id);
  return { ...state, details: [...rest, node].slice(-DETAILS_MAX) };
}

/** Close a card. */
export function closeDetails(state: ViewState, id: string): ViewState {
  return { ...state, details: state.details.filter((each) => each.id !== id) };
}

/** Turn the query into a filter. */
export function pinSearch(state: ViewState): ViewState {
  const query = state.search.trim();
  if (query === "") return state;
  const rest = state.pinnedSearches.filter((each) => each !== query);
  return { ...state, search: "", pinnedSearches: [...rest, query].slice(-PINS_MAX) };
}

/** Take a filter away. */
export function unpinSearch(state: ViewState, query: string): ViewState {
  return { ...state, pinnedSearches: state.pinnedSearches.filter((each) => each !== query) };
}

/** What Escape does: it closes one thing at a time, from the top. */
export function stepBack(state: ViewState): ViewState {
  if (state.terminal !== undefined) return { ...state, terminal: undefined };
  if (state.search !== "") return { ...state, search: "" };
  if (state.details.length > 0) return { ...state, details: state.details.slice(0, -1) };
  return state;
}
