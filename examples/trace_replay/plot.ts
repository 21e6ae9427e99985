/** What is allocated as demand grows, a line a policy, as SVG or as a page with the table. */
import type { PolicyOutcome } from "./report.ts";

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 60;
const TOP = 40;
const PLOT_WIDTH = WIDTH - LEFT - 210;
const PLOT_HEIGHT = HEIGHT - TOP - 50;
const COLOURS = ["#9aa1ad", "#2563a8", "#8a5cc2", "#c2571a", "#2f8a57", "#b3261e"];

/** The plot of the first seed's curves. */
export function drawSvg(outcomes: readonly PolicyOutcome[]): string {
  const demandMax = Math.max(
    1,
    ...outcomes.flatMap(({ seeds }) => seeds[0]!.curve.map(([x]) => x)),
  );
  const x = (demand: number) => (LEFT + (demand / demandMax) * PLOT_WIDTH).toFixed(1);
  const y = (part: number) => (TOP + (1 - part) * PLOT_HEIGHT).toFixed(1);
  const lines = outcomes.map(({ policy, seeds }, index) => {
    const { curve } = seeds[0]!;
    const points = curve.map(([demand, part]) => `${x(demand)},${y(part)}`).join(" ");
    const colour = COLOURS[index % COLOURS.length]!;
    const last = percent(curve.at(-1)?.[1] ?? 0);
    const at = TOP + 18 + index * 22;
    return [
      `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${WIDTH - 195}" y="${at}" fill="${colour}">${policy} ${last} %</text>`,
    ].join("\n");
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
    `<line x1="${LEFT}" y1="${y(part)}" x2="${LEFT + PLOT_WIDTH}" y2="${y(part)}" stroke="#e3e6ea"/>`,
    `<text x="${LEFT - 8}" y="${Number(y(part)) + 4}" text-anchor="end">${part * 100}</text>`,
    `<text x="${x(part * demandMax)}" y="${HEIGHT - 28}" text-anchor="middle">${percent(part * demandMax, 0)}</text>`,
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2430">
<title>GPU allocated as demand grows, by placement policy</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="20" y="22" font-size="14" font-weight="600">GPU allocated (%) as demand grows (% of the cluster)</text>
${marks.join("\n")}
${lines.join("\n")}
</svg>
`;
}

/** The plot in a page with the table below it. */
export function drawHtml(outcomes: readonly PolicyOutcome[], table: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>fairlead trace replay</title>
<body style="font-family: system-ui, sans-serif; margin: 2rem">
${drawSvg(outcomes)}
<pre>${table.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</pre>
</body></html>
`;
}

function percent(part: number, digits = 2): string {
  return (part * 100).toFixed(digits);
}
