/** The colours of the graph, read from the tokens as the page computes them. */
import { css, html, type TemplateResult } from "lit";
import type { SceneTheme } from "../scene/scene.ts";
import { luminance, type Palette, parseColour, type Rgb } from "./colours.ts";

const NAMES = ["bg", "surface", "text", "muted", "line-strong", "line", "accent"] as const;

/** Styles of {@linkcode themeProbes}. */
export const probeStyles = css`
  .probes {
    display: none;
  }

  .probes > .bg {
    color: var(--bg);
  }

  .probes > .surface {
    color: var(--surface);
  }

  .probes > .text {
    color: var(--text);
  }

  .probes > .muted {
    color: var(--muted);
  }

  .probes > .line-strong {
    color: var(--line-strong);
  }

  .probes > .line {
    color: var(--line);
  }

  .probes > .accent {
    color: var(--accent);
  }
`;

/** Elements that have the tokens' colours, for {@linkcode readTheme} to read. */
export function themeProbes(): TemplateResult {
  return html`<div class="probes">${NAMES.map((name) => html`<i class=${name}></i>`)}</div>`;
}

/** Read the tokens where the probes stand. */
export function readTheme(root: ParentNode, host: Element, contrast: boolean): SceneTheme {
  const colour = (name: (typeof NAMES)[number]): Rgb => {
    const probe = root.querySelector(`.probes > .${name}`);
    return probe === null ? 0 : parseColour(getComputedStyle(probe).color);
  };
  return {
    background: colour("bg"),
    surface: colour("surface"),
    text: colour("text"),
    muted: contrast ? colour("text") : colour("muted"),
    line: colour(contrast ? "line-strong" : "line"),
    accent: colour("accent"),
    font: getComputedStyle(host).fontFamily,
    contrast,
  };
}

/** Which palette goes with a theme. */
export function paletteOf({ background, contrast }: SceneTheme): Palette {
  const isDark = luminance(background) < 0.18;
  if (isDark) return "dark";
  return contrast ? "contrast" : "light";
}
