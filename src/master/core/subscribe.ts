/** SUBSCRIBE and UPDATE_FRAMEWORK: frameworks come, come back, and change. */
import { FairleadError } from "../../base/mod.ts";
import type {
  FrameworkInfo,
  OfferConstraintsJson,
  OfType,
  SchedulerCall,
} from "../../model/mod.ts";
import { readOfferConstraints } from "../validate/constraints.ts";
import {
  faultOfFrameworkInfo,
  faultOfFrameworkUpdate,
  faultOfSuppressedRoles,
  keepImmutable,
  rolesOf,
} from "../validate/framework.ts";
import { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { MasterInput } from "./events.ts";
import { capabilitiesOf, failoverTimeoutMsOf, specOf } from "./framework_spec.ts";
import { persistFramework } from "./frameworks.ts";
import { discardOffers, dropOffers } from "./offers.ts";
import type { FrameworkRecord } from "./records.ts";

type Subscribe = Extract<MasterInput, { readonly type: "subscribe" }>;

/** What SUBSCRIBE and UPDATE_FRAMEWORK bring. */
interface Subscription {
  readonly info: FrameworkInfo;
  readonly suppressed: readonly string[];
  readonly constraints: OfferConstraintsJson | undefined;
}

/** Let a framework in, or say on its stream why not. */
export function subscribe(core: Context, { connection, principal, call }: Subscribe): void {
  const { framework_info, suppressed_roles = [], offer_constraints } = call.subscribe;
  const info = withId(withPrincipal(framework_info, principal), call.framework_id?.value);
  const subscription = { info, suppressed: suppressed_roles, constraints: offer_constraints };
  core.count(
    info.id === undefined
      ? "master/messages_register_framework"
      : "master/messages_reregister_framework",
  );
  const id = info.id?.value ?? core.nextFrameworkId();
  const known = core.books.frameworks.get(id);
  const merged = known
    ? { ...subscription, info: keepImmutable(known.record.info, info) }
    : subscription;
  const fault =
    faultOfSubscription(core, merged, principal) ??
    (known && faultOfFrameworkUpdate(known.record.info, merged.info)) ??
    faultOfAllocation(core, { id, isKnown: known !== undefined }, merged);
  if (fault !== undefined) {
    core.effects.push(
      { type: "send_framework", connection, event: { type: "ERROR", error: { message: fault } } },
      { type: "end_framework", connection },
    );
    core.log("info", `Refused subscription of framework "${info.name}": ${fault}`);
    return;
  }
  if (known) returned(core, known, { connection, subscription: merged });
  else added(core, { id, connection, subscription: merged });
}

/** The framework authenticated: then that is its principal. */
function withPrincipal(info: FrameworkInfo, principal: string | undefined): FrameworkInfo {
  return principal === undefined || info.principal !== undefined ? info : { ...info, principal };
}

/** Some clients name themselves in the envelope only. */
function withId(info: FrameworkInfo, value: string | undefined): FrameworkInfo {
  if (info.id?.value === "") {
    const { id: _, ...rest } = info;
    return withId(rest, value);
  }
  return info.id !== undefined || !value ? info : { ...info, id: { value } };
}

function faultOfSubscription(
  core: Context,
  { info, suppressed }: Subscription,
  principal: string | undefined,
): string | undefined {
  if (principal !== undefined && info.principal !== principal) {
    return (
      `Authenticated principal '${principal}' does not match principal '${info.principal}' set ` +
      "in `FrameworkInfo`"
    );
  }
  const fault = faultOfFrameworkInfo(info) ?? faultOfSuppressedRoles(rolesOf(info), suppressed);
  if (fault !== undefined) return fault;
  if (info.id && core.books.completedIds.has(info.id.value)) return "Framework has been removed";
  return faultOfRoles(core, info);
}

function faultOfRoles(core: Context, info: FrameworkInfo): string | undefined {
  for (const role of rolesOf(info)) {
    if (core.options.authorize(info.principal, "register_frameworks", role)) continue;
    return `Not authorized to register framework in role '${role}'`;
  }
  return undefined;
}

/**
 * Tell the allocator; what it refuses (minimums, constraints, patterns) is the framework's fault,
 * and then nothing has changed.
 */
function faultOfAllocation(
  core: Context,
  { id, isKnown }: { readonly id: string; readonly isKnown: boolean },
  { info, suppressed, constraints }: Subscription,
): string | undefined {
  const read = readOfferConstraints(constraints, rolesOf(info));
  if (!read.ok) return `Offer constraints are not valid: ${read.fault}`;
  try {
    const spec = specOf(info, { suppressed, constraints: read.constraints });
    if (isKnown) dropOffers(core, core.allocator.updateFramework(id, spec));
    else core.allocator.addFramework({ ...spec, id });
    return undefined;
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    return `Offer filters or constraints are not valid: ${error.message}`;
  }
}

/** A framework that was never here, or not under this master. */
function added(
  core: Context,
  { id, connection, subscription }: { id: string; connection: string; subscription: Subscription },
): void {
  const { info } = subscription;
  const record: FrameworkRecord = {
    ...describe(core, subscription, { ...info, id: { value: id } }),
    id,
    connection: { status: "connected", connection },
    registeredMs: core.nowMs,
  };
  const framework = new FrameworkBook(record, core.options.completedTasksMax);
  core.books.frameworks.set(id, framework);
  core.streams.set(connection, framework);
  core.allocate();
  core.frameworkChanged(id);
  persistFramework(core, framework);
  greet(core, framework);
  core.publish({ type: "framework_added", framework: record });
  core.log("info", `Added framework ${id} (${info.name})`);
}

function describe(
  core: Context,
  { suppressed, constraints }: Subscription,
  info: FrameworkInfo,
): Omit<FrameworkRecord, "id" | "connection" | "registeredMs"> {
  return {
    info,
    roles: [...new Set(rolesOf(info))],
    suppressedRoles: new Set(suppressed),
    capabilities: capabilitiesOf(info),
    constraints,
    failoverTimeoutMs: failoverTimeoutMsOf(info, core.options.failoverTimeoutMs),
  };
}

/** A framework that was here: connected, away, or known from before the failover. */
function returned(
  core: Context,
  framework: FrameworkBook,
  { connection, subscription }: { connection: string; subscription: Subscription },
): void {
  const before = framework.record;
  if (before.connection.status === "connected") {
    const old = before.connection.connection;
    core.streams.delete(old);
    core.effects.push(
      {
        type: "send_framework",
        connection: old,
        event: { type: "ERROR", error: { message: "Framework failed over" } },
      },
      { type: "end_framework", connection: old },
    );
    // The new scheduler knows nothing of what the old one was offered.
    core.allocator.deactivateFramework(framework.id);
    discardOffers(core, framework);
  }
  const { info } = subscription;
  framework.record = {
    ...before,
    ...describe(core, subscription, info),
    connection: { status: "connected", connection },
    reregisteredMs: core.nowMs,
  };
  core.streams.set(connection, framework);
  core.allocator.activateFramework(framework.id);
  core.allocate();
  core.frameworkChanged(framework.id);
  persistFramework(core, framework);
  greet(core, framework);
  spread(core, framework, before.info);
  core.log("info", `Framework ${framework.id} (${info.name}) subscribed again`);
}

function greet(core: Context, framework: FrameworkBook): void {
  core.tell(framework, {
    type: "SUBSCRIBED",
    subscribed: {
      framework_id: { value: framework.id },
      heartbeat_interval_seconds: core.options.heartbeatMs / 1000,
      master_info: core.options.masterInfo,
    },
  });
}

/** Tell subscribers, and the agents that run something of it, what it is now. */
function spread(core: Context, framework: FrameworkBook, before: FrameworkInfo): void {
  core.publish({ type: "framework_updated", framework: framework.record });
  if (sameJson(before, framework.record.info)) return;
  for (const agentId of framework.presence.keys()) {
    const agent = core.books.agents.get(agentId);
    if (agent) core.send(agent, { type: "framework", framework: framework.record.info });
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** UPDATE_FRAMEWORK: 200, 400 or 403; all of it or nothing. */
export function updateFramework(
  core: Context,
  framework: FrameworkBook,
  { update_framework }: OfType<SchedulerCall, "UPDATE_FRAMEWORK">,
): { readonly status: number; readonly message?: string } {
  const { framework_info, suppressed_roles = [], offer_constraints } = update_framework;
  const before = framework.record;
  const info = withId(withPrincipal(framework_info, before.info.principal), framework.id);
  const subscription = { info, suppressed: suppressed_roles, constraints: offer_constraints };
  const fault = faultOfFrameworkInfo(info);
  if (fault !== undefined) {
    return { status: 400, message: `Supplied FrameworkInfo is not valid: ${fault}` };
  }
  const wrong = faultOfFrameworkUpdate(before.info, info);
  if (wrong !== undefined) {
    return { status: 400, message: `FrameworkInfo update is not valid: ${wrong}` };
  }
  const invalid = faultOfSuppressedRoles(rolesOf(info), suppressed_roles);
  if (invalid !== undefined) {
    return { status: 400, message: `'UpdateFramework' call is not valid: ${invalid}` };
  }
  const forbidden = faultOfRoles(core, info);
  if (forbidden !== undefined) return { status: 403, message: forbidden };
  const refused = faultOfAllocation(core, { id: framework.id, isKnown: true }, subscription);
  if (refused !== undefined) {
    return { status: 400, message: `'UpdateFramework' call is not valid: ${refused}` };
  }
  framework.record = { ...before, ...describe(core, subscription, info) };
  core.allocate();
  core.frameworkChanged(framework.id);
  persistFramework(core, framework);
  if (!sameJson(before.info, info)) spread(core, framework, before.info);
  return { status: 200 };
}
