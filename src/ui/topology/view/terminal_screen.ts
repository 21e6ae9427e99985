import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import { adoptingStyles, PaletteFilter } from "./terminal_policy.ts";

/** What a {@linkcode openScreen} tells. */
export interface ScreenUser {
  /** Somebody typed. */
  readonly typed: (text: string) => void;
  /** It has another size now, in cells. */
  readonly resized: (size: { readonly columns: number; readonly rows: number }) => void;
}

/** A terminal on the page. */
export interface Screen {
  write(bytes: Uint8Array): void;
  /** Fill the element again: it has another size. */
  fit(): void;
  focus(): void;
  dispose(): void;
}

const THEME: ITheme = {
  background: "#10161c",
  foreground: "#dbe4ea",
  cursor: "#86cfe8",
  selectionBackground: "#2a4a5a",
  black: "#28323b",
  red: "#f58d84",
  green: "#5cc792",
  yellow: "#e6b455",
  blue: "#55a8db",
  magenta: "#c89bea",
  cyan: "#5fd0d8",
  white: "#dbe4ea",
  brightBlack: "#6b7a87",
};

/** Lines that can be scrolled back to. */
const LINES_MAX = 5_000;

/** Open a terminal in an element of a shadow root. */
export function openScreen(place: HTMLElement, root: ShadowRoot, user: ScreenUser): Screen {
  const terminal = new Terminal({
    convertEol: true,
    cursorBlink: false,
    fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
    fontSize: 12,
    screenReaderMode: true,
    scrollback: LINES_MAX,
    theme: THEME,
  });
  const colours = new PaletteFilter();
  const fitter = new FitAddon();
  terminal.loadAddon(fitter);
  terminal.onData(user.typed);
  terminal.onResize(({ cols, rows }) => user.resized({ columns: cols, rows }));
  adoptingStyles(place.ownerDocument, root, () => terminal.open(place));
  fitter.fit();
  user.resized({ columns: terminal.cols, rows: terminal.rows });
  return {
    write: (bytes) => terminal.write(colours.filter(bytes)),
    fit: () => fitter.fit(),
    focus: () => terminal.focus(),
    dispose: () => terminal.dispose(),
  };
}
