import { readResource } from "./json.ts";
import { writeResource } from "./json_write.ts";
import { checkName, normaliseResource, plainResource } from "./normalise.ts";
import type { ResourceValue } from "./resource.ts";
import { invalidResource, type Range, type Reservation, type Resource } from "./resource.ts";
import { ANY_ROLE } from "./role.ts";
import { formatMillis, parseScalar } from "./scalar.ts";
import { matchingBrace, splitOutside } from "./scan.ts";
import { normaliseValue } from "./value.ts";

/** A word that text can hold without quotes. */
const WORD = /^[^\s\p{Cc}:;()[\]{},"]+$/u;

/**
 * Read resources from text, one item between semicolons:
 *
 * ```text
 * item    = name reservation* ":" value [json]
 * reservation = "(" role ")" | "(" role "," [principal] ")"     STATIC | DYNAMIC
 * value   = number | "[" begin "-" end, … "]" | "{" item, … "}"
 * json    = the other fields of Mesos' v1 JSON: {"revocable":{}}
 * ```
 *
 * @param role The role of items that name none; STATIC unless it is "*".
 * @throws {FairleadError} `invalid_resource` or `invalid_role`; the message names the item.
 */
export function parseResources(text: string, role: string): Resource[] {
  const resources: Resource[] = [];
  for (const item of text.includes('"') ? splitOutside(text, ";") : text.split(";")) {
    const trimmed = item.trim();
    if (trimmed !== "") resources.push(parseItem(trimmed, role));
  }
  return resources;
}

/** Write one resource as text that {@linkcode parseResources} reads back. */
export function formatResource(resource: Resource): string {
  const { name, value, reservations, ...rest } = resource;
  const words = reservations.every(isWordy);
  const stack = words ? reservations.map(formatReservation).join("") : "";
  const head = `${name}${stack}:${formatValue(value)}`;
  if (words && Object.values(rest).every((part) => part === false)) return head;
  const json = writeResource(resource, "reservations");
  const drop = ["name", "type", "scalar", "ranges", "set", ...(words ? ["reservations"] : [])];
  const left = Object.entries(json).filter(([field]) => !drop.includes(field));
  return `${head} ${JSON.stringify(Object.fromEntries(left))}`;
}

function parseItem(item: string, role: string): Resource {
  const paren = item.indexOf("(");
  const first = item.indexOf(":");
  const stacked = paren >= 0 && paren < first;
  const name = item.slice(0, stacked ? paren : Math.max(first, 0)).trim();
  const { stack, colon } = stacked ? parseStack(item, paren) : { stack: undefined, colon: first };
  if (colon < 0) throw invalidResource(JSON.stringify(item), "it must look like name:value");
  const text = item.slice(colon + 1).trim();
  const end = valueEnd(text, name);
  const value = parseValue(text.slice(0, end), name);
  const json = text.slice(end).trim();
  if (json !== "") return parseRest(name, value, stack, json, role);
  const reservations = stack ?? defaultStack(role);
  if (reservations.length > 0)
    return normaliseResource({ ...plainResource(name, value), reservations });
  checkName(name);
  return plainResource(name, normaliseValue(value, name));
}

function defaultStack(role: string): Reservation[] {
  return role === ANY_ROLE ? [] : [{ type: "STATIC", role }];
}

/** Read "(eng, ops)(eng/web,)", and say where the colon after it stands. */
function parseStack(item: string, start: number): { stack: Reservation[]; colon: number } {
  const stack: Reservation[] = [];
  let at = start;
  while (item[at] === "(") {
    const close = item.indexOf(")", at);
    if (close < 0) throw invalidResource(JSON.stringify(item), 'a "(" has no ")"');
    const [role = "", principal, ...more] = item
      .slice(at + 1, close)
      .split(",")
      .map(trim);
    if (more.length > 0) {
      throw invalidResource(JSON.stringify(item), "a reservation is (role) or (role, principal)");
    }
    if (principal === undefined) stack.push({ type: "STATIC", role });
    else stack.push({ type: "DYNAMIC", role, ...(principal === "" ? {} : { principal }) });
    at = close + 1;
    while (item[at] === " ") at += 1;
  }
  const [only] = stack;
  const unreserved = stack.length === 1 && only?.type === "STATIC" && only.role === ANY_ROLE;
  return { stack: unreserved ? [] : stack, colon: item[at] === ":" ? at : -1 };
}

/** Where the value ends and JSON begins. */
function valueEnd(text: string, name: string): number {
  if (text.startsWith("{")) return matchingBrace(text, name);
  if (text.startsWith("[")) return text.indexOf("]") < 0 ? text.length : text.indexOf("]") + 1;
  const brace = text.indexOf("{");
  return brace < 0 ? text.length : brace;
}

function parseValue(raw: string, name: string): ResourceValue {
  const text = raw.trim();
  if (text.startsWith("[")) return { type: "RANGES", ranges: parseRanges(text, name) };
  if (text.startsWith("{")) return { type: "SET", items: parseItems(text, name) };
  return { type: "SCALAR", millis: parseScalar(text, name) };
}

function parseRanges(text: string, name: string): Range[] {
  const body = text.slice(1, -1).trim();
  if (!text.endsWith("]")) throw invalidResource(name, 'a "[" has no "]"');
  if (body === "") return [];
  return body.split(",").map((part) => {
    const bounds = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(part);
    if (bounds !== null) return { begin: Number(bounds[1]), end: Number(bounds[2]) };
    throw invalidResource(name, `range ${JSON.stringify(part)} must look like 31000-32000`);
  });
}

function parseItems(text: string, name: string): string[] {
  const body = text.slice(1, -1);
  if (body.trim() === "") return [];
  return splitOutside(body, ",").map((part) => {
    const item = part.trim();
    if (WORD.test(item)) return item;
    const quoted = item.startsWith('"') ? parseJson(item, name) : undefined;
    if (typeof quoted === "string") return quoted;
    throw invalidResource(name, `set item ${JSON.stringify(item)} must be one word or in quotes`);
  });
}

/** Read an item that says more than text can: the rest is in Mesos' JSON. */
function parseRest(
  name: string,
  value: ResourceValue,
  stack: readonly Reservation[] | undefined,
  text: string,
  role: string,
): Resource {
  const rest = parseJson(text, name);
  if (typeof rest !== "object" || rest === null || Array.isArray(rest)) {
    throw invalidResource(name, `after its value stands ${text}, which is no {object}`);
  }
  const reserves = "reservations" in rest || "role" in rest;
  if (stack !== undefined && reserves) throw invalidResource(name, "it is reserved twice");
  const reservations = stack ?? defaultStack(role);
  const said = writeResource({ ...plainResource(name, value), reservations }, "reservations");
  if (reserves) delete said.reservations;
  return readResource({ ...rest, ...said }, name);
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidResource(name, `${JSON.stringify(text)} is not JSON`, { cause });
  }
}

function isWordy({ role, principal, labels }: Reservation): boolean {
  return (
    labels === undefined && WORD.test(role) && (principal === undefined || WORD.test(principal))
  );
}

function formatReservation({ type, role, principal }: Reservation): string {
  if (type === "STATIC" && principal === undefined) return `(${role})`;
  return principal === undefined ? `(${role},)` : `(${role}, ${principal})`;
}

function formatValue(value: ResourceValue): string {
  if (value.type === "SCALAR") return formatMillis(value.millis);
  if (value.type === "RANGES") {
    return `[${value.ranges.map(({ begin, end }) => `${begin}-${end}`).join(", ")}]`;
  }
  return `{${value.items.map((item) => (WORD.test(item) ? item : JSON.stringify(item))).join(", ")}}`;
}

function trim(text: string): string {
  return text.trim();
}
