/** Which globals a source reads: the platform's, the clock's, the dice's. */

import { lineOf, type Node, nameOf, type Syntax, walk } from "./syntax.ts";

const PLATFORM = new Set([
  "process",
  "Buffer",
  "Deno",
  "Bun",
  "require",
  "__dirname",
  "__filename",
]);
const TIMERS = new Set(["performance", "setTimeout", "setInterval", "setImmediate"]);
const DICE = new Set(["Math.random", "crypto.getRandomValues", "crypto.randomUUID"]);
const DATES = new Set(["Date.UTC", "Date.parse"]);
/** The files that fill the ports of time and chance. */
const PORTS = new Set(["src/base/clock.ts", "src/base/random.ts", "src/base/virtual_clock.ts"]);

/** No platform outside node files; no time and no dice outside the ports. */
export function checkGlobals(file: Syntax, isNodeFile: boolean): string[] {
  if (isNodeFile) return [];
  const faults: string[] = [];
  for (const { node, parent, field } of walk(file.body)) {
    const use = useOf(node, parent, field);
    if (use === undefined) continue;
    const at = `${file.path}:${lineOf(file, node)}`;
    if (PLATFORM.has(use))
      faults.push(`${at} uses ${use}: only node.ts and folders named node may`);
    if (PORTS.has(file.path)) continue;
    if (TIMERS.has(use) || use === "Date" || use === "AbortSignal.timeout") {
      faults.push(`${at} uses ${use}: take a Clock`);
    }
    if (DICE.has(use)) faults.push(`${at} uses ${use}: take a Random`);
  }
  return faults;
}

/** The global that a node reads: `process`, `Math.random`, `Date` (when it asks for the time). */
function useOf(node: Node, parent: Node | undefined, field: string): string | undefined {
  if (node.type === "MemberExpression") {
    const owner = nameOf(node.object);
    const member = nameOf(node.property);
    if (owner === "globalThis") return member;
    if (owner !== undefined && member !== undefined && node.computed !== true) {
      return `${owner}.${member}`;
    }
  }
  const name = nameOf(node);
  if (name === undefined || parent === undefined) return undefined;
  if (isLabel(parent, field) || isType(parent)) return undefined;
  return name === "Date" && isPureDate(parent) ? undefined : name;
}

/** Does the name stand for a type? Casts hold a value. */
function isType(parent: Node): boolean {
  return parent.type.startsWith("TS") && !/^TS(As|NonNull|Satisfies)Expression$/.test(parent.type);
}

/** Is the name a property's or a member's, so that it reads no variable? */
function isLabel(parent: Node, field: string): boolean {
  if (parent.computed === true) return false;
  if (field === "property") return parent.type === "MemberExpression";
  return field === "key";
}

/** `new Date(ms)`, `Date.parse(text)` and `x instanceof Date` convert; they ask for no time. */
function isPureDate(parent: Node): boolean {
  if (parent.type === "NewExpression") {
    return Array.isArray(parent.arguments) && parent.arguments.length > 0;
  }
  if (parent.type === "BinaryExpression") return parent.operator === "instanceof";
  return parent.type === "MemberExpression" && DATES.has(`Date.${nameOf(parent.property)}`);
}
