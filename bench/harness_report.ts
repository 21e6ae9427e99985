/** Results for people: one aligned table a case. */

import type { Case, Result } from "./harness.ts";

/** The table of one case with its growth exponents below. */
export function table(suite: string, bench: Case, results: readonly Result[]): string {
  const timed = results.filter((result) => result.unit !== "exponent");
  const names = [...new Set(timed.map((result) => result.contender))];
  const rows = [
    ["size", "contender", "p10", "p50", "p99", "unit", "samples", ...names.map((n) => `vs ${n}`)],
    ...timed.map((result) => [
      describe(result.params),
      result.contender,
      number(result.p10),
      number(result.p50),
      number(result.p99),
      result.unit,
      String(result.samples ?? ""),
      ...names.map((name) => ratio(result, name)),
    ]),
  ];
  const about = bench.about === undefined ? "" : `: ${bench.about}`;
  const growth = results.filter((result) => result.unit === "exponent").map(growthLine);
  return [`${suite}/${bench.name}${about}`, ...align(rows), ...growth, ""].join("\n");
}

function describe(params: Result["params"]): string {
  return Object.entries(params)
    .map(([key, value]) => `${key} ${typeof value === "number" ? group(value) : value}`)
    .join(", ");
}

function growthLine(result: Result): string {
  const { growth, from, to, ...rest } = result.params;
  const others = describe(rest);
  const range = `${group(Number(from))} → ${group(Number(to))}`;
  const where = others === "" ? "" : ` (${others})`;
  return `  growth in ${growth} ${range}${where}: ${result.contender} ^${result.p50.toFixed(2)}`;
}

function ratio(result: Result, name: string): string {
  const value = result.ratios[name];
  return value === undefined ? "" : `${number(value)}×`;
}

/** Three or four digits that count. */
function number(value: number): string {
  if (Math.abs(value) >= 1_000) return group(Math.round(value));
  return value.toPrecision(3);
}

function group(value: number): string {
  return value.toLocaleString("en-US");
}

/** Columns as wide as their widest cell; numbers to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const isText = new Set([0, 1, 5]);
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isText.has(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
