/** What several elements of the topology view are made of. */
import { css, html, svg, type TemplateResult } from "lit";
import { tell } from "../../parts/element.ts";
import type { TextRange } from "../search/query.ts";
import type { ViewState } from "../state/view_state.ts";

/** A step from one state to the next. */
export type StateChange = (state: ViewState) => ViewState;

/** Ask the view for another state: it hears `fairlead-view-change`. */
export function change(from: HTMLElement, step: StateChange): void {
  tell<StateChange>(from, "fairlead-view-change", step);
}

/** Of what is here. */
export const pieceStyles = css`
  mark {
    background: var(--warn-soft);
    border-radius: 2px;
    box-shadow: 0 0 0 1px color-mix(in srgb, var(--warn) 45%, transparent);
    color: inherit;
  }

  .segments {
    background: var(--sunken);
    border: 1px solid var(--line);
    border-radius: 7px;
    display: inline-flex;
    gap: 1px;
    padding: 2px;
  }

  .segments button {
    align-items: center;
    background: none;
    border: 0;
    border-radius: 5px;
    color: var(--muted);
    cursor: pointer;
    display: inline-flex;
    font-size: 12px;
    gap: 5px;
    line-height: 18px;
    padding: 3px 9px;
    white-space: nowrap;
  }

  .segments button:hover {
    color: var(--text);
  }

  .segments button[aria-pressed="true"] {
    background: var(--surface);
    box-shadow: 0 0 0 1px var(--line), var(--shadow);
    color: var(--text);
    font-weight: 600;
  }

  .segments button:focus-visible {
    outline-offset: 0;
  }

  .shape {
    flex: none;
    overflow: visible;
  }

  .heading {
    color: var(--muted);
    font-size: 11px;
    font-weight: 600;
    letter-spacing: 0.04em;
    text-transform: uppercase;
  }
`;

/** A text with the stretches marked that a search found. */
export function marked(text: string, ranges: readonly TextRange[] | undefined): unknown {
  if (ranges === undefined || ranges.length === 0) return text;
  const parts: unknown[] = [];
  let at = 0;
  for (const [start, length] of ranges) {
    if (start < at || start >= text.length) continue;
    parts.push(text.slice(at, start), html`<mark>${text.slice(start, start + length)}</mark>`);
    at = start + length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** A choice among few, as one piece. */
export function segments<Id extends string>(
  label: string,
  options: readonly { readonly id: Id; readonly text: unknown; readonly title?: string }[],
  { chosen, choose }: { readonly chosen: readonly Id[]; readonly choose: (id: Id) => void },
): TemplateResult {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${options.map(
      ({ id, text, title = "" }) =>
        html`<button
          type="button"
          title=${title}
          aria-pressed=${chosen.includes(id) ? "true" : "false"}
          @click=${() => choose(id)}
        >
          ${text}
        </button>`,
    )}
  </div>`;
}

const SHAPES: Readonly<Record<string, string>> = {
  circle: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
  square: "M2.5 2.5h11v11h-11z",
  hexagon: "M8 1.2l5.9 3.4v6.8L8 14.8l-5.9-3.4V4.6z",
  heptagon: "M8 1.3l5.3 2.6 1.3 5.7-3.7 4.6H5.1L1.4 9.6l1.3-5.7z",
  octagon: "M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z",
  pentagon: "M8 1.4l6.6 4.8-2.5 7.8H3.9L1.4 6.2z",
  triangle: "M8 1.8l6.6 11.8H1.4z",
  cloud: "M4.6 13a3.1 3.1 0 0 1-.3-6.2 4 4 0 0 1 7.7.6A2.8 2.8 0 0 1 11.8 13z",
  cylinder: "M2.5 4c0-1.3 2.5-2.3 5.5-2.3s5.5 1 5.5 2.3v8c0 1.3-2.5 2.3-5.5 2.3S2.5 13.3 2.5 12z",
  sheet: "M3 1.5h7l3 3v10H3z",
};

/** The shape of a node, small, in the colour of the text. */
export function shapeOf(shape = "circle"): TemplateResult {
  const name = shape.replace(/^dotted/, "");
  return svg`<svg class="shape" width="14" height="14" viewBox="0 0 16 16" aria-hidden="true"
    fill="color-mix(in srgb, currentColor 22%, transparent)" stroke="currentColor"
    stroke-width="1.4" stroke-linejoin="round" stroke-dasharray=${name === shape ? "" : "2 2"}
    ><path d=${SHAPES[name] ?? SHAPES.circle!}></path></svg>`;
}
