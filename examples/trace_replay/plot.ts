/** What is allocated as demand grows, a line a policy, as SVG or as a page with the tables. */
import type { SeedOutcome } from "./replay.ts";
import type { PolicyOutcome } from "./report.ts";

const WIDTH = 800;
const HEIGHT = 420;
const LEFT = 64;
const TOP = 40;
const PLOT_WIDTH = WIDTH - LEFT - 230;
const PLOT_HEIGHT = HEIGHT - TOP - 60;
const BOTTOM = TOP + PLOT_HEIGHT;
const LEGEND = LEFT + PLOT_WIDTH + 15;
const COLOURS = ["#9aa1ad", "#2563a8", "#8a5cc2", "#c2571a", "#2f8a57", "#b3261e"];

/** The plot shows all curves from this demand on; before it most policies place everything. */
const TOLD_APART_FROM = 0.8;

/** The first seed's curves, and the mean of all seeds at the end. */
export function drawSvg(outcomes: readonly PolicyOutcome[]): string {
  const points = outcomes.flatMap(({ seeds }) => seeds[0]!.curve);
  const demandMax = Math.max(1, ...points.map(([demand]) => demand));
  const low = lowest(points);
  // Nothing is allocated that was not asked for: no curve is above `low` before this.
  const start = Math.floor(low * 5) / 5;
  const x = (demand: number) =>
    (LEFT + ((demand - start) / (demandMax - start)) * PLOT_WIDTH).toFixed(1);
  const y = (part: number) => (TOP + ((1 - part) / (1 - low)) * PLOT_HEIGHT).toFixed(1);
  const count = outcomes[0]?.seeds.length ?? 0;
  const means = outcomes.map(({ seeds }) => {
    return seeds.reduce((sum, { gpuAllocation }) => sum + gpuAllocation, 0) / seeds.length;
  });
  const lines = outcomes.map(({ policy, seeds }, index) => {
    const path = seeds[0]!.curve.map(([demand, part]) => `${x(demand)},${y(part)}`).join(" ");
    const colour = COLOURS[index % COLOURS.length]!;
    const at = TOP + 36 + index * 22;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" clip-path="url(#plot)"/>`,
      `<text x="${LEGEND}" y="${at}" fill="${colour}">${policy} ${percent(means[index]!)} %</text>`,
    ].join("\n");
  });
  const rows = ticks(low, 1).map((part) =>
    [
      `<line x1="${LEFT}" y1="${y(part)}" x2="${LEFT + PLOT_WIDTH}" y2="${y(part)}" stroke="#e3e6ea"/>`,
      `<text x="${LEFT - 8}" y="${Number(y(part)) + 4}" text-anchor="end">${percent(part, 0)}</text>`,
    ].join("\n"),
  );
  const columns = ticks(start, demandMax, 0.2).map((demand) =>
    [
      `<line x1="${x(demand)}" y1="${BOTTOM}" x2="${x(demand)}" y2="${BOTTOM + 5}" stroke="#9aa1ad"/>`,
      `<text x="${x(demand)}" y="${BOTTOM + 18}" text-anchor="middle">${percent(demand, 0)}</text>`,
    ].join("\n"),
  );
  const middle = TOP + PLOT_HEIGHT / 2;
  const from = low > 0 ? `, from ${percent(low, 0)}` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2430">
<title>GPU allocated as demand grows, by placement policy</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<clipPath id="plot"><rect x="${LEFT}" y="${TOP - 2}" width="${PLOT_WIDTH}" height="${PLOT_HEIGHT + 2}"/></clipPath>
<text x="20" y="22" font-size="14" font-weight="600">GPU allocated as demand grows: curves of seed 1</text>
<text x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">GPU asked for (% of the cluster)</text>
<text transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle">GPU allocated (% of the cluster${from})</text>
<text x="${LEGEND}" y="${TOP + 12}" font-weight="600">${count === 1 ? "at the end" : `at the end, mean of ${count} seeds`}</text>
${rows.join("\n")}
${columns.join("\n")}
${lines.join("\n")}
</svg>
`;
}

/** Where the axis of what is allocated starts: a round number below all that is to be told apart. */
function lowest(points: SeedOutcome["curve"]): number {
  const parts = points.filter(([demand]) => demand >= TOLD_APART_FROM).map(([, part]) => part);
  if (parts.length === 0) return 0;
  return Math.floor(Math.min(...parts, TOLD_APART_FROM) * 10) / 10;
}

/** Round numbers from one to the other, about eight of them, no closer than `least`. */
function ticks(from: number, to: number, least = 0.05): number[] {
  const rough = Math.max(least, (to - from) / 8);
  const step = [0.05, 0.1, 0.2, 0.5, 1].find((each) => each >= rough) ?? 2;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** The plot in a page with what was printed below it. */
export function drawHtml(outcomes: readonly PolicyOutcome[], text: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>fairlead trace replay</title>
<body style="font-family: system-ui, sans-serif; margin: 2rem">
<div style="overflow-x: auto">
${drawSvg(outcomes)}</div>
<pre style="white-space: pre-wrap">${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</pre>
</body></html>
`;
}

function percent(part: number, digits = 2): string {
  return (part * 100).toFixed(digits);
}
