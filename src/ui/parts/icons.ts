import { html, type TemplateResult } from "lit";

/** Paths on a field of 16 × 16; drawn as strokes, unless the name is in `FILLED`. */
const PATHS = {
  agents: "M2.5 3.5h11v3.5h-11zM2.5 9h11v3.5h-11zM5 5.25h.01M5 10.75h.01",
  alert: "M8 2.2 14.2 13H1.8zM8 6.4v3M8 11.2v.01",
  back: "M9.5 3.5 5 8l4.5 4.5",
  ban: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6",
  bug: "M5.2 6.2h5.6v4.4a2.8 2.8 0 0 1-5.6 0zM6 6V5a2 2 0 0 1 4 0v1M2.4 4.6l2.8 2M13.6 4.6l-2.8 2M1.8 9h3.4M14.2 9h-3.4M2.6 13.4l2.8-2M13.4 13.4l-2.8-2",
  check: "m3 8.5 3.2 3.2L13 4.8",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  close: "m4 4 8 8M12 4l-8 8",
  contrast: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  cross: "m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6",
  dark: "M13.2 9.6A5.8 5.8 0 0 1 6.4 2.8a5.5 5.5 0 1 0 6.8 6.8z",
  delta: "M3 4.5h6M3 8h10M3 11.5h4M11 2.5v4M9 4.5h4",
  dot: "M8 4.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6z",
  down: "M8 3v9.5M4 8.8l4 4 4-4",
  file: "M4 1.8h5L12.5 5v9.2H4zM9 1.8V5h3.5",
  filter: "M2 3.5h12L9.5 8.8v4L6.5 14V8.8z",
  folder: "M1.8 3.8h4.4l1.5 1.7h6.5v7.2H1.8z",
  frameworks: "M8 1.8 14 5v6l-6 3.2L2 11V5zM2 5l6 3.2L14 5M8 8.2v6",
  graph:
    "M4 2.4a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM12 4.4a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM5.6 10a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM5.7 4.6l4.6 1.2M4.4 6l.8 4M10.8 7.4l-4 3.4",
  half: "M8 2.8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 8 2.8zM8 5.2v5.6",
  history: "M2.5 8a5.5 5.5 0 1 0 1.8-4.1M2.3 2.6v3h3M8 5v3.2l2.2 1.4",
  hollow: "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6z",
  hourglass:
    "M4 2.2h8M4 13.8h8M5 2.2c0 3.4 3 4 3 5.8s-3 2.4-3 5.8M11 2.2c0 3.4-3 4-3 5.8s3 2.4 3 5.8",
  key: "M10.5 2.2a3.3 3.3 0 1 0-2.9 4.9L7 7.7v1.8H5.2v1.8H3.4v1.8H1.8v-2l5-5a3.3 3.3 0 0 0 3.7-4.1zM11 5h.01",
  light:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1",
  logs: "M2.5 3.5h11M2.5 6.5h7M2.5 9.5h11M2.5 12.5h5",
  maintenance:
    "M9.6 2.4a3.6 3.6 0 0 0-3.5 4.8L2 11.3V14h2.7l4.1-4.1a3.6 3.6 0 0 0 4.6-4.7L11.2 7.4 8.6 4.8l2.2-2.2a3.6 3.6 0 0 0-1.2-.2z",
  minus: "M3.5 8h9",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  offers: "M8.6 2.2H13v4.4l-6.4 6.9-5-5zM10.6 4.6h.01",
  overview: "M2.2 2.2h5v6h-5zM8.8 2.2h5v3.6h-5zM8.8 7.4h5v6.4h-5zM2.2 9.8h5v4h-5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  pin: "M6 2h4l-.6 4.2L12 9H4l2.6-2.8zM8 9v5",
  play: "M5 3.2v9.6l7.6-4.8z",
  plus: "M8 3v10M3 8h10",
  question: "M5.6 5.8A2.4 2.4 0 1 1 8.7 8.1c-.5.2-.7.6-.7 1.1v.5M8 12v.01",
  refresh: "M13.3 6.5A5.5 5.5 0 1 0 13.5 9M13.6 2.8v3.7H9.9",
  resource: "M2 11.5h12v2H2zM2.5 7.5h6v2h-6zM10 7.5h3.5v2H10zM3 3.5h3v2H3z",
  roles:
    "M5.5 3a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6zM1.5 13.2c.3-2.5 1.8-4 4-4s3.7 1.5 4 4M10.2 3.2a2.2 2.2 0 0 1 0 4.2M11.6 9.5c1.7.5 2.7 1.8 2.9 3.7",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM10.2 10.2l3.3 3.3",
  square: "M4.4 4.4h7.2v7.2H4.4z",
  system: "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
  table: "M2 3h12v10H2zM2 6.4h12M2 9.7h12M6.2 6.4V13",
  tasks: "M2.5 3h2v2h-2zM2.5 7h2v2h-2zM2.5 11h2v2h-2zM7 4h6.5M7 8h6.5M7 12h6.5",
  terminal: "M2 3h12v10H2zM4.4 6l2 2-2 2M8.4 10.4h3",
  up: "M8 13V3.5M4 7.2l4-4 4 4",
} as const;

/** A name of a picture. */
export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set(["dot", "square"]);

/** A picture of 16 × 16 in the colour of the text; it says nothing to a reader of screens. */
export function icon(name: IconName): TemplateResult {
  const paint = FILLED.has(name) ? "currentColor" : "none";
  return html`<svg
    class="icon"
    width="16"
    height="16"
    viewBox="0 0 16 16"
    fill=${paint}
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d=${PATHS[name]}></path>
  </svg>`;
}
