import { css } from "lit";

/**
 * The colours and measures of every element. Each can be set from outside by its `--fl-` name;
 * light or dark follows the `color-scheme` that the element inherits.
 */
export const tokens = css`
  :host {
    --bg: var(--fl-bg, light-dark(#f5f7f9, #0d1216));
    --surface: var(--fl-surface, light-dark(#ffffff, #141a20));
    --sunken: var(--fl-sunken, light-dark(#eef2f5, #0a0e12));
    --hover: var(--fl-hover, light-dark(#f0f4f7, #1a222a));
    --line: var(--fl-line, light-dark(#e1e7ec, #252f38));
    --line-strong: var(--fl-line-strong, light-dark(#8493a0, #5d6c79));
    --text: var(--fl-text, light-dark(#14202b, #e5ebf0));
    --muted: var(--fl-muted, light-dark(#51606d, #9babb8));
    --accent: var(--fl-accent, light-dark(#0b6c8e, #55b9db));
    --accent-text: var(--fl-accent-text, light-dark(#085d7b, #86cfe8));
    --accent-soft: var(--fl-accent-soft, light-dark(#e0f0f6, #102f3c));
    --on-accent: var(--fl-on-accent, light-dark(#ffffff, #06212c));
    --used: var(--fl-used, light-dark(#1483a8, #3fa9cd));
    --offered: var(--fl-offered, light-dark(#8cc7db, #1f6580));
    --track: var(--fl-track, light-dark(#e4eaef, #222c35));
    --good: var(--fl-good, light-dark(#1a7346, #5cc792));
    --good-soft: var(--fl-good-soft, light-dark(#e1f4e9, #102c1f));
    --warn: var(--fl-warn, light-dark(#875400, #e6b455));
    --warn-soft: var(--fl-warn-soft, light-dark(#fcf0d8, #33270e));
    --bad: var(--fl-bad, light-dark(#b3261e, #f58d84));
    --bad-soft: var(--fl-bad-soft, light-dark(#fdeae8, #3a1714));
    --focus: var(--fl-focus, light-dark(#0b6c8e, #7fd0ec));
    --shadow: var(
      --fl-shadow,
      0 1px 2px light-dark(rgb(20 32 43 / 5%), rgb(0 0 0 / 30%))
    );
    --font: var(
      --fl-font,
      system-ui,
      -apple-system,
      "Segoe UI",
      Roboto,
      "Helvetica Neue",
      sans-serif
    );
    --mono: var(--fl-mono, ui-monospace, "SF Mono", Menlo, Consolas, monospace);
    --radius: 8px;

    color: var(--text);
    font: 13px/1.45 var(--font);
    font-variant-numeric: tabular-nums;
    -webkit-font-smoothing: antialiased;
  }

  :host([hidden]) {
    display: none;
  }
`;
