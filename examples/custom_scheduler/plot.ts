/** The run as an SVG: a lane for each team, what it has above the line, what waits below. */
import type { Row, Team } from "./report.ts";

const WIDTH = 760;
const LEFT = 150;
const PLOT = WIDTH - LEFT - 30;
const LANE = 130;
const TOP = 40;
/** Heights of a lane's two parts, and what fills them. */
const UP = 78;
const DOWN = 26;
const CPUS_MAX = 64;
const COLOURS = ["#2563a8", "#c2571a", "#2f8a57"];

/** Draw all rows; equal rows give equal text. */
export function draw(teams: readonly Team[], rows: readonly Row[]): string {
  const height = TOP + teams.length * LANE + 34;
  const waitingMax = Math.max(1, ...rows.flatMap((row) => row.teams.map(({ waiting }) => waiting)));
  const lanes = teams.map((team, index) => lane(team, index, { rows, waitingMax }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">
<title>Three teams share 96 cpus for ten minutes</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="20" y="24" font-size="14" font-weight="600" fill="#1f2430">cpus in use by team, and jobs waiting (grey, downwards)</text>
${lanes.join("\n")}
${minutes(rows, TOP + teams.length * LANE)}
</svg>
`;
}

function lane(
  { role, weight, quota }: Team,
  index: number,
  { rows, waitingMax }: { readonly rows: readonly Row[]; readonly waitingMax: number },
): string {
  const base = TOP + index * LANE + UP;
  const colour = COLOURS[index % COLOURS.length] ?? "#555555";
  const width = PLOT / rows.length;
  const bars = rows.map(({ teams }, step) => {
    const { cpus, waiting } = teams[index]!;
    const up = (Math.min(cpus, CPUS_MAX) / CPUS_MAX) * UP;
    const down = (waiting / waitingMax) * DOWN;
    const x = (LEFT + step * width).toFixed(1);
    const wide = (width - 1).toFixed(1);
    const has = `<rect x="${x}" y="${(base - up).toFixed(1)}" width="${wide}" height="${up.toFixed(1)}" fill="${colour}"/>`;
    if (waiting === 0) return has;
    return `${has}<rect x="${x}" y="${base + 2}" width="${wide}" height="${down.toFixed(1)}" fill="#9aa1ad"/>`;
  });
  const marks = Object.entries(quota).map(([name, text]) => mark(name.slice(0, -1), text, base));
  return [
    `<text x="20" y="${base - 40}" font-size="14" font-weight="600" fill="${colour}">${role}</text>`,
    `<text x="20" y="${base - 22}" fill="#4b5262">weight ${weight}</text>`,
    ...bars,
    `<line x1="${LEFT}" y1="${base + 1}" x2="${LEFT + PLOT}" y2="${base + 1}" stroke="#1f2430"/>`,
    `<text x="${LEFT - 8}" y="${base - UP + 10}" text-anchor="end" fill="#4b5262">${CPUS_MAX}</text>`,
    `<text x="${LEFT - 8}" y="${base + 4}" text-anchor="end" fill="#4b5262">0</text>`,
    `<text x="${LEFT - 8}" y="${base + DOWN + 2}" text-anchor="end" fill="#9aa1ad">${waitingMax} wait</text>`,
    ...marks,
  ].join("\n");
}

/** A dashed line at a guarantee or limit of cpus. */
function mark(name: string, text: string, base: number): string {
  const cpus = Number(/cpus:(\d+)/.exec(text)?.[1] ?? 0);
  const y = (base - (cpus / CPUS_MAX) * UP).toFixed(1);
  return (
    `<line x1="${LEFT}" y1="${y}" x2="${LEFT + PLOT}" y2="${y}" stroke="#1f2430" stroke-dasharray="5 4"/>\n` +
    `<text x="20" y="${base - 4}" fill="#4b5262">${name} ${text}</text>`
  );
}

function minutes(rows: readonly Row[], y: number): string {
  const width = PLOT / rows.length;
  return rows
    .flatMap(({ timeMs }, step) =>
      timeMs % 60_000 === 0 ? [[timeMs / 60_000, step] as const] : [],
    )
    .map(
      ([minute, step]) =>
        `<text x="${(LEFT + step * width).toFixed(1)}" y="${y + 16}" fill="#4b5262">${minute} min</text>`,
    )
    .join("\n");
}
