/** The keyboard of the view: which key does what. */

/** What a key asks for. */
export type KeyAction =
  | "back"
  | "search"
  | "help"
  | "graph"
  | "table"
  | "resource"
  | "next-metric"
  | "previous-metric"
  | "unpin-metric"
  | "pause"
  | "changes"
  | "contrast"
  | "fit";

/** Keys, what they do, and in what words. */
export const KEYS: readonly (readonly [string, KeyAction, string])[] = [
  ["Escape", "back", "Close the top card, the terminal, or clear the search"],
  ["/", "search", "Search"],
  ["?", "help", "Help"],
  ["g", "graph", "Graph"],
  ["t", "table", "Table"],
  ["r", "resource", "Resources"],
  [">", "next-metric", "Pin the next metric"],
  ["<", "previous-metric", "Pin the previous metric"],
  ["q", "unpin-metric", "Unpin the metric"],
  ["p", "pause", "Pause, or go on live"],
  ["c", "changes", "What changed in the last minute"],
  ["f", "fit", "Fit the graph into the window"],
  ["h", "contrast", "High contrast"],
];

/** A key press, as much of it as matters. */
export interface KeyPress {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** What a key asks for; nothing with Alt, Control or Meta, and only Escape while one types. */
export function actionOf(press: KeyPress, isTyping: boolean): KeyAction | undefined {
  if (press.altKey || press.ctrlKey || press.metaKey) return undefined;
  if (isTyping && press.key !== "Escape") return undefined;
  return KEYS.find(([key]) => key === press.key)?.[1];
}
