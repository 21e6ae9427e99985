/** Bars: how much of something is used, offered, free. */
import { css, html, type TemplateResult } from "lit";
import { amount, type Kind, pair, percent } from "./format.ts";
import { vars } from "./vars.ts";

/** Of a {@linkcode meter}. */
export const meterStyles = css`
  /* One box a bar, its parts painted: hundreds of them change at once. */
  .meter {
    background:
      linear-gradient(var(--used) 0 0) 0 0 / calc(var(--part-used, 0) * 100%) 100% no-repeat,
      repeating-linear-gradient(
          -45deg,
          var(--offered) 0 3px,
          color-mix(in srgb, var(--offered) 45%, var(--track)) 3px 6px
        )
        0 0 / calc(var(--part-taken, 0) * 100%) 100% no-repeat,
      var(--track);
    border-radius: 3px;
    display: block;
    height: 6px;
    min-width: 24px;
  }

  .meter.large {
    border-radius: 4px;
    height: 10px;
  }

  .meter.marked {
    background:
      linear-gradient(var(--text) 0 0) calc(var(--mark) * 100%) 0 / 2px 100% no-repeat,
      linear-gradient(var(--used) 0 0) 0 0 / calc(var(--part-used) * 100%) 100% no-repeat,
      var(--track);
  }

  .metered {
    align-items: center;
    display: grid;
    gap: 8px;
    grid-template-columns: minmax(24px, 1fr) max-content;
    width: 100%;
  }

  .metered > .text {
    color: var(--muted);
    font-size: 12px;
    min-width: 84px;
    text-align: right;
    white-space: nowrap;
  }

  .metered.short > .text {
    min-width: 56px;
  }

  .metered > .text b {
    color: var(--text);
    font-weight: 500;
  }

  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 14px;
  }

  .legend > span {
    align-items: center;
    color: var(--muted);
    display: inline-flex;
    font-size: 12px;
    gap: 6px;
  }

  .legend i {
    border-radius: 2px;
    height: 9px;
    width: 9px;
  }

  .legend .is-used {
    background: var(--used);
  }

  .legend .is-offered {
    background: repeating-linear-gradient(
      -45deg,
      var(--offered) 0 2px,
      color-mix(in srgb, var(--offered) 45%, var(--track)) 2px 4px
    );
  }

  .legend .is-free {
    background: var(--track);
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--line-strong) 40%, transparent);
  }
`;

/** What a bar shows, in the unit of its kind. */
export interface Load {
  readonly used: number;
  readonly offered: number;
  readonly total: number;
}

/** Rounded, so that what cannot be seen is not painted. */
const ratio = (part: number, total: number) =>
  total > 0 ? Math.round(Math.min(1, Math.max(0, part / total)) * 1_000) / 1_000 : 0;

/** The bar alone; who shows it says the numbers beside it. */
export function meter({ used, offered, total }: Load, large = false): TemplateResult {
  const parts = {
    "--part-used": ratio(used, total),
    "--part-taken": ratio(used + offered, total),
  };
  return html`<span
    class=${large ? "meter large" : "meter"}
    aria-hidden="true"
    ${vars(parts)}
  ></span>`;
}

/** Bar and numbers, for a cell. */
export function metered(kind: Kind, load: Load): TemplateResult {
  if (load.total <= 0) return html`<span class="muted">–</span>`;
  const told = `${pair(kind, load.used, load.total)} used, ${amount(kind, load.offered)} offered`;
  return html`<span class=${kind === "gpus" ? "metered short" : "metered"} title=${told}
    >${meter(load)}<span class="text"
      ><b>${percent(load.used / load.total)}</b><span class="of"> of ${amount(kind, load.total)}</span></span
    ></span
  >`;
}

/** Bar with marks: what is held, what is promised, what is the most. */
export function quotaMeter(
  held: number,
  { guarantee, limit, most }: { guarantee: number; limit: number | undefined; most: number },
): TemplateResult {
  const scale = limit ?? most;
  const parts = {
    "--part-used": ratio(held, scale),
    "--mark": guarantee > 0 ? ratio(guarantee, scale) : -1,
  };
  return html`<span class="meter marked" aria-hidden="true" ${vars(parts)}></span>`;
}
