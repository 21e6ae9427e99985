/**
 * Reads what callers hand in: JavaScript callers have no types to hold them back.
 *
 * Written by hand, since adding agents is hot: what is right costs a few `typeof` and allocates
 * nothing; texts of fields are made only for the message of a refusal.
 */
import { FairleadError } from "../base/mod.ts";
import { Quantities, Resources } from "../resources/mod.ts";
import type {
  Acceptance,
  AgentCapability,
  AgentSpec,
  AgentUpdate,
  Allocated,
  FrameworkCapability,
  FrameworkSpec,
  FrameworkUpdate,
  InverseOfferStatus,
  OfferHandle,
  QuotaSpec,
  Unavailability,
} from "./types.ts";

const UPDATE_KEYS = ["resources", "hostname", "attributes", "domain", "capabilities"] as const;
const AGENT_UPDATE = new Set<string>(UPDATE_KEYS satisfies readonly (keyof AgentUpdate)[]);
const AGENT = keys<AgentSpec>("id", ...UPDATE_KEYS, "used", "active", "unavailability");
const ALLOCATED = keys<Allocated>("frameworkId", "role", "resources");
const FRAMEWORK_UPDATE = keys<FrameworkUpdate>(
  "roles",
  "suppressedRoles",
  "capabilities",
  "minAllocatable",
  "offerConstraints",
);
const FRAMEWORK = new Set(["id", ...FRAMEWORK_UPDATE, "active"]);
const QUOTA = keys<QuotaSpec>("guarantees", "limits");
const ACCEPTANCE = keys<Acceptance>("used", "refuseMs", "converted");
const CONVERSION = new Set(["from", "to"]);
const WINDOW = keys<Unavailability>("startMs", "durationMs");
const REFUSAL = new Set(["refuseMs"]);
const EXPECTED = new Set(["count", "factor", "timeoutMs"]);

const AGENT_CAPABILITIES: ReadonlySet<unknown> = new Set<AgentCapability>([
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
]);
const FRAMEWORK_CAPABILITIES: ReadonlySet<unknown> = new Set<FrameworkCapability>([
  "REVOCABLE_RESOURCES",
  "SHARED_RESOURCES",
  "RESERVATION_REFINEMENT",
  "GPU_RESOURCES",
  "REGION_AWARE",
  "MULTI_ROLE",
]);
const STATUSES: ReadonlySet<unknown> = new Set<InverseOfferStatus>([
  "ACCEPT",
  "DECLINE",
  "UNKNOWN",
]);

function keys<T>(...names: (keyof T & string)[]): ReadonlySet<string> {
  return new Set<string>(names);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkAgent(spec: AgentSpec<Resources | string>): void {
  const act = "add an agent";
  checkRecord(act, "spec", spec, AGENT);
  checkText(act, "id", spec.id);
  if (spec.active !== undefined) checkBoolean(act, "active", spec.active);
  checkResources(act, "resources", spec.resources);
  checkFacts(act, spec);
  if (spec.used !== undefined) checkUsed(act, spec.used);
  checkWindow(act, spec.unavailability);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkAgentUpdate(update: AgentUpdate): void {
  const act = "update an agent";
  checkRecord(act, "update", update, AGENT_UPDATE);
  if (update.resources !== undefined) checkResources(act, "resources", update.resources);
  if (update.domain === null) checkFacts(act, { ...update, domain: undefined });
  else checkFacts(act, update);
}

function checkFacts(act: string, facts: { readonly [K in keyof AgentUpdate]?: unknown }): void {
  if (facts.hostname !== undefined) checkText(act, "hostname", facts.hostname);
  if (facts.capabilities !== undefined) {
    checkNames(act, "capabilities", facts.capabilities, AGENT_CAPABILITIES);
  }
  const { attributes, domain } = facts;
  if (attributes !== undefined) {
    checkPlain(act, "attributes", attributes);
    for (const name of Object.keys(attributes)) {
      if (typeof attributes[name] === "string") continue;
      throw refusal(act, `attributes.${name}`, "text", attributes[name]);
    }
  }
  if (domain === undefined) return;
  if (!isRecord(domain)) throw refusal(act, "domain", "a record of region and zone", domain);
  checkText(act, "domain.region", domain.region);
  checkText(act, "domain.zone", domain.zone);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkUsed(act: string, used: unknown): void {
  checkList(act, "used", used);
  for (let i = 0; i < used.length; i++) {
    const part = used[i];
    const bad = isRecord(part) ? faultyPart(part) : "";
    if (bad === undefined) continue;
    const field = bad === "" ? `used[${i}]` : `used[${i}].${bad}`;
    const value = bad === "" || !isRecord(part) ? part : part[bad];
    if (bad !== "" && !ALLOCATED.has(bad)) throw unknownKey(act, field, ALLOCATED);
    throw refusal(act, field, ALLOWED_PART[bad] ?? "a record", value);
  }
}

const ALLOWED_PART: Readonly<Record<string, string>> = {
  frameworkId: "text",
  role: "text",
  resources: "text or Resources",
};

function faultyPart(part: Readonly<Record<string, unknown>>): string | undefined {
  for (const key in part) if (!ALLOCATED.has(key)) return key;
  if (typeof part.frameworkId !== "string") return "frameworkId";
  if (typeof part.role !== "string") return "role";
  return isResources(part.resources) ? undefined : "resources";
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkFramework(spec: FrameworkSpec): void {
  const act = "add a framework";
  checkRecord(act, "spec", spec, FRAMEWORK);
  checkText(act, "id", spec.id);
  if (spec.active !== undefined) checkBoolean(act, "active", spec.active);
  checkRoles(act, "roles", spec.roles);
  checkWishes(act, spec);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkFrameworkUpdate(update: FrameworkUpdate): void {
  const act = "update a framework";
  checkRecord(act, "update", update, FRAMEWORK_UPDATE);
  if (update.roles !== undefined) checkRoles(act, "roles", update.roles);
  checkWishes(act, update);
}

function checkWishes(act: string, spec: FrameworkUpdate): void {
  if (spec.suppressedRoles !== undefined) checkTexts(act, "suppressedRoles", spec.suppressedRoles);
  if (spec.capabilities !== undefined) {
    checkNames(act, "capabilities", spec.capabilities, FRAMEWORK_CAPABILITIES);
  }
  if (spec.minAllocatable !== undefined) {
    checkByRole(act, "minAllocatable", spec.minAllocatable, checkSets);
  }
  if (spec.offerConstraints !== undefined) {
    checkByRole(act, "offerConstraints", spec.offerConstraints, checkConstraints);
  }
}

function checkRoles(act: string, field: string, roles: unknown): void {
  checkTexts(act, field, roles);
  const twice = roles.find((role, i) => roles.indexOf(role) !== i);
  if (twice !== undefined) throw refusal(act, field, "a list that names each role once", roles);
}

function checkByRole(
  act: string,
  field: string,
  given: unknown,
  check: (act: string, field: string, value: unknown) => void,
): void {
  checkPlain(act, field, given);
  for (const role of Object.keys(given)) check(act, `${field}.${role}`, given[role]);
}

function checkSets(act: string, field: string, sets: unknown): void {
  checkList(act, field, sets);
  sets.forEach((set, i) => {
    if (isQuantities(set)) return;
    throw refusal(act, `${field}[${i}]`, "text or Quantities", set);
  });
}

/** The shape only: what stands in a constraint is read where constraints are compiled. */
function checkConstraints(act: string, field: string, given: unknown): void {
  if (!isRecord(given)) throw refusal(act, field, "a record with a list of groups", given);
  const { groups } = given;
  checkList(act, `${field}.groups`, groups);
  groups.forEach((group, i) => {
    checkList(act, `${field}.groups[${i}]`, group);
    group.forEach((constraint, j) => {
      const at = `${field}.groups[${i}][${j}]`;
      if (!isRecord(constraint)) throw refusal(act, at, "a constraint", constraint);
      if (isRecord(constraint.selector)) return;
      throw refusal(act, `${at}.selector`, "a record", constraint.selector);
    });
  });
}

/** Undefined: all roles. @throws {FairleadError} `invalid_argument`. */
export function checkSomeRoles(act: string, roles: unknown): void {
  if (roles !== undefined) checkTexts(act, "roles", roles);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkQuota(role: unknown, quota: unknown): void {
  const act = "set a quota";
  checkText(act, "role", role);
  checkRecord(act, "quota", quota, QUOTA);
  const { guarantees, limits } = quota;
  if (guarantees !== undefined && !isQuantities(guarantees)) {
    throw refusal(act, "guarantees", "text or Quantities", guarantees);
  }
  if (limits !== undefined && !isQuantities(limits)) {
    throw refusal(act, "limits", "text or Quantities", limits);
  }
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkAcceptance(handle: unknown, acceptance: unknown): void {
  const act = "accept an offer";
  const handles = Array.isArray(handle) ? handle : [handle];
  for (const each of handles) {
    if (typeof each !== "number") throw refusal(act, "handle", "a number or a list", each);
  }
  checkRecord(act, "acceptance", acceptance, ACCEPTANCE);
  const { used, refuseMs, converted } = acceptance;
  if (used !== undefined) checkResources(act, "used", used);
  if (refuseMs !== undefined) checkNumber(act, "refuseMs", refuseMs);
  if (converted === undefined) return;
  checkList(act, "converted", converted);
  converted.forEach((conversion, i) => {
    checkRecord(act, `converted[${i}]`, conversion, CONVERSION);
    checkResources(act, `converted[${i}].from`, conversion.from);
    checkResources(act, `converted[${i}].to`, conversion.to);
  });
}

/** The refuse time among options, if there is one. @throws {FairleadError} `invalid_argument`. */
export function refuseMsOf(act: string, options: unknown): number | undefined {
  if (options === undefined) return undefined;
  checkRecord(act, "options", options, REFUSAL);
  const { refuseMs } = options;
  if (refuseMs === undefined) return undefined;
  checkNumber(act, "refuseMs", refuseMs);
  return refuseMs;
}

/**
 * Handles as a list, of one or many; what makes them as it goes is run to its end first.
 *
 * @throws {FairleadError} `invalid_argument`.
 */
export function readHandles(
  act: string,
  handles: OfferHandle | Iterable<OfferHandle>,
): Iterable<OfferHandle> {
  if (typeof handles === "number") return [handles];
  if (handles instanceof Float64Array) return handles;
  if (!isIterable(handles)) throw refusal(act, "handles", "a handle or handles", handles);
  const list: unknown[] = Array.isArray(handles) ? handles : [...handles];
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] !== "number") throw refusal(act, `handles[${i}]`, "a number", list[i]);
  }
  return list as OfferHandle[];
}

/** @throws {FairleadError} `invalid_argument`. */
export function readWhitelist(ids: unknown): ReadonlySet<string> | undefined {
  if (ids === undefined) return undefined;
  const act = "set the whitelist";
  if (!isIterable(ids)) throw refusal(act, "ids", "a list or set of agent ids", ids);
  const read = [...ids];
  checkTexts(act, "ids", read);
  return new Set(read);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkStatus(status: unknown): void {
  if (STATUSES.has(status)) return;
  throw refusal("answer an inverse offer", "status", `one of ${list(STATUSES)}`, status);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkExpected(expected: unknown): void {
  checkRecord("expect agents", "expected", expected, EXPECTED);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkRelease(freed: unknown): void {
  const act = "release resources";
  if (!isRecord(freed)) throw refusal(act, "freed", "a record", freed);
  checkText(act, "agentId", freed.agentId);
  checkText(act, "frameworkId", freed.frameworkId);
  checkText(act, "role", freed.role);
  checkResources(act, "resources", freed.resources);
}

/** @throws {FairleadError} `invalid_argument` when a window does not start, or ends before. */
export function checkWindow(act: string, window: unknown): void {
  if (window === undefined) return;
  checkRecord(act, "unavailability", window, WINDOW);
  const { startMs, durationMs = 0 } = window;
  if (!Number.isFinite(startMs)) {
    throw refusal(act, "unavailability.startMs", "a finite number", startMs);
  }
  if (typeof durationMs === "number" && durationMs >= 0) return;
  throw refusal(act, "unavailability.durationMs", "a number, 0 or more", durationMs);
}

/** @throws {FairleadError} `invalid_argument` unless it is text or typed. */
export function checkResources(
  act: string,
  field: string,
  value: unknown,
): asserts value is Resources | string {
  if (!isResources(value)) throw refusal(act, field, "text or Resources", value);
}

/** @throws {FairleadError} `invalid_argument`. */
export function checkText(act: string, field: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw refusal(act, field, "text", value);
}

function checkBoolean(act: string, field: string, value: unknown): void {
  if (typeof value !== "boolean") throw refusal(act, field, "true or false", value);
}

function checkNumber(act: string, field: string, value: unknown): asserts value is number {
  if (typeof value !== "number") throw refusal(act, field, "a number", value);
}

function checkList(act: string, field: string, value: unknown): asserts value is unknown[] {
  if (!Array.isArray(value)) throw refusal(act, field, "a list", value);
}

function checkTexts(act: string, field: string, value: unknown): asserts value is string[] {
  if (!Array.isArray(value)) throw refusal(act, field, "a list of texts", value);
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== "string") throw refusal(act, `${field}[${i}]`, "text", value[i]);
  }
}

function checkNames(act: string, field: string, value: unknown, known: ReadonlySet<unknown>): void {
  checkList(act, field, value);
  for (let i = 0; i < value.length; i++) {
    if (known.has(value[i])) continue;
    throw refusal(act, `${field}[${i}]`, `one of ${list(known)}`, value[i]);
  }
}

function checkRecord(
  act: string,
  field: string,
  value: unknown,
  known: ReadonlySet<string>,
): asserts value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw refusal(act, field, "a record", value);
  for (const key in value) if (!known.has(key)) throw unknownKey(act, key, known);
}

/** A record by names that callers choose: a `Map` has no keys, and would be taken for empty. */
function checkPlain(
  act: string,
  field: string,
  value: unknown,
): asserts value is Readonly<Record<string, unknown>> {
  if (isRecord(value)) {
    const parent: unknown = Object.getPrototypeOf(value);
    if (parent === null || Object.getPrototypeOf(parent) === null) return;
  }
  throw refusal(act, field, "a plain record", value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isResources(value: unknown): value is Resources | string {
  return typeof value === "string" || value instanceof Resources;
}

function isQuantities(value: unknown): value is Quantities | string {
  return typeof value === "string" || value instanceof Quantities;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}

function unknownKey(act: string, field: string, known: ReadonlySet<string>): FairleadError {
  const allowed = list(known);
  return new FairleadError(
    "invalid_argument",
    `Cannot ${act}: ${field} is not a known field; allowed are ${allowed}`,
    { details: { field, allowed } },
  );
}

/** A refusal that names the field, what is allowed there, and what was found. */
export function refusal(act: string, field: string, allowed: string, value: unknown) {
  return new FairleadError(
    "invalid_argument",
    `Cannot ${act}: ${field} must be ${allowed}, not ${shown(value)}`,
    { details: { field, allowed } },
  );
}

function list(names: Iterable<unknown>): string {
  return [...names].join(", ");
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}
