import { css, svg, type TemplateResult } from "lit";

/** Of a {@linkcode sparkline}. */
export const sparklineStyles = css`
  .sparkline {
    display: block;
    height: 36px;
    overflow: visible;
    width: 100%;
  }

  .sparkline .area {
    fill: var(--accent-soft);
    stroke: none;
  }

  .sparkline .line {
    fill: none;
    stroke: var(--used);
    stroke-linejoin: round;
    stroke-width: 1.5;
    vector-effect: non-scaling-stroke;
  }
`;

const WIDTH = 240;
const HEIGHT = 36;

/**
 * The course of a ratio from 0 to 1, as a picture beside its number; it says nothing of its own.
 *
 * @param capacity How many values fill the width; fewer stand at its right end.
 */
export function sparkline(values: readonly number[], capacity: number): TemplateResult {
  const step = WIDTH / Math.max(1, capacity - 1);
  const left = WIDTH - step * (values.length - 1);
  const points = values.map((value, index) => {
    const x = (left + index * step).toFixed(1);
    const y = (HEIGHT - Math.min(1, Math.max(0, value)) * (HEIGHT - 2) - 1).toFixed(1);
    return `${x} ${y}`;
  });
  const line = points.length < 2 ? "" : `M${points.join("L")}`;
  const area = line === "" ? "" : `${line}L${WIDTH} ${HEIGHT}L${left.toFixed(1)} ${HEIGHT}Z`;
  return svg`<svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"
    aria-hidden="true"><path class="area" d=${area}></path><path class="line" d=${line}></path></svg>`;
}
