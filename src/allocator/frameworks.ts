/** Frameworks, and their clients: a framework in one of its roles is what gets offers. */
import { FairleadError } from "../base/mod.ts";
import { Quantities } from "../resources/mod.ts";
import { readConstraints } from "./constraints.ts";
import type { Core } from "./core.ts";
import type { ClientFacts, Exclusions } from "./exclusions.ts";
import type { FilterBook } from "./filters.ts";
import { CAN_REFINED, CAN_REVOCABLE, CAN_SHARED } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import type { Minimums } from "./minimums.ts";
import { checkRole, type RoleNode, type RoleTree } from "./roles.ts";
import type { FrameworkCapability, FrameworkSpec, FrameworkUpdate } from "./types.ts";

/** A framework; unregistered ones are known only because an agent said that they hold something. */
export interface Framework {
  readonly id: string;
  registered: boolean;
  active: boolean;
  capabilities: ReadonlySet<FrameworkCapability>;
  /** The roles it is in, in its order. */
  roles: readonly string[];
  suppressed: Set<string>;
  spec: FrameworkSpec | undefined;
  /** Its clients by role; also those of roles it left while it holds something there. */
  readonly clients: Map<string, Client>;
}

/** A framework in a role. */
export interface Client extends ClientFacts {
  readonly handle: number;
  readonly framework: Framework;
  readonly node: RoleNode;
  /** Agents on which it uses something. */
  holdings: number;
}

/** Keeps frameworks and clients, and their columns. */
export class FrameworkBook {
  readonly #core: Core;
  readonly #roles: RoleTree;
  readonly #exclusions: Exclusions;
  readonly #minimums: Minimums;
  readonly #filters: FilterBook;
  readonly #byId = new Map<string, Framework>();
  readonly #clients: (Client | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(
    core: Core,
    parts: { roles: RoleTree; exclusions: Exclusions; minimums: Minimums; filters: FilterBook },
  ) {
    this.#core = core;
    this.#roles = parts.roles;
    this.#exclusions = parts.exclusions;
    this.#minimums = parts.minimums;
    this.#filters = parts.filters;
  }

  /** Registered frameworks. */
  *registered(): Generator<Framework> {
    for (const framework of this.#byId.values()) if (framework.registered) yield framework;
  }

  /** Every framework, known by registration or by holdings only. */
  get all(): Iterable<Framework> {
    return this.#byId.values();
  }

  /** @throws {FairleadError} `unknown_framework`. */
  get(id: string): Framework {
    const framework = this.#byId.get(id);
    if (framework?.registered) return framework;
    throw new FairleadError("unknown_framework", `Cannot find framework "${id}": it is not added`, {
      details: { frameworkId: id },
    });
  }

  /** What a snapshot has to keep beside the columns. */
  get state() {
    return {
      frameworks: Array.from(this.#byId.values(), (framework) => ({
        id: framework.id,
        registered: framework.registered,
        active: framework.active,
        suppressed: [...framework.suppressed],
        spec: framework.spec,
        clients: Array.from(framework.clients.values(), ({ role, handle, holdings }) => ({
          role,
          handle,
          holdings,
        })),
      })),
      free: [...this.#free],
      high: this.#clients.length,
    };
  }

  restore(state: FrameworkBook["state"]): void {
    this.#clients.length = state.high;
    this.#free.push(...state.free);
    for (const { id, registered, active, suppressed, spec, clients } of state.frameworks) {
      const framework = this.#ensure(id);
      Object.assign(framework, { registered, active, spec, roles: [...new Set(spec?.roles)] });
      framework.suppressed = new Set(suppressed);
      framework.capabilities = new Set(spec?.capabilities);
      for (const { role, handle, holdings } of clients) {
        const node = this.#roles.get(role)!;
        const { capabilities } = framework;
        const constraints = readConstraints(ofRole(spec?.offerConstraints, role));
        const client = { handle, framework, node, role, holdings, capabilities, constraints };
        this.#clients[handle] = client;
        framework.clients.set(role, client);
        node.clients.set(id, handle);
        this.#exclusions.restoreClient(client, registered);
      }
    }
  }

  /** Registered, or known because it holds something. */
  isKnown(id: string): boolean {
    return this.#byId.has(id);
  }

  client(handle: number): Client {
    return this.#clients[handle]!;
  }

  find(frameworkId: string, role: string): Client | undefined {
    return this.#byId.get(frameworkId)?.clients.get(role);
  }

  /** @throws {FairleadError} `duplicate_framework`, `invalid_role`, `invalid_argument`. */
  add(spec: FrameworkSpec): Framework {
    if (this.#byId.get(spec.id)?.registered) {
      throw new FairleadError(
        "duplicate_framework",
        `Cannot add framework "${spec.id}": it is there already`,
        { details: { frameworkId: spec.id } },
      );
    }
    checkSpec(spec);
    this.#minimums.check(spec);
    const framework = this.#ensure(spec.id);
    framework.registered = true;
    framework.active = spec.active ?? true;
    this.apply(framework, spec);
    return framework;
  }

  /**
   * The framework's spec with what the update names; what it leaves out stays, for the roles that
   * stay. Nothing is changed.
   *
   * @throws {FairleadError} as `add`.
   */
  merge(framework: Framework, update: FrameworkUpdate): FrameworkSpec {
    const before = framework.spec!;
    const roles = update.roles ?? before.roles;
    const spec: FrameworkSpec = {
      ...before,
      roles,
      suppressedRoles: [...framework.suppressed].filter((role) => roles.includes(role)),
      minAllocatable: pick(before.minAllocatable ?? {}, roles),
      offerConstraints: pick(before.offerConstraints ?? {}, roles),
      ...named(update),
      id: framework.id,
    };
    checkSpec(spec);
    this.#minimums.check(spec);
    return spec;
  }

  /** Let the framework be what a checked spec says. */
  apply(framework: Framework, given: FrameworkSpec): void {
    const spec = copySpec(given);
    framework.spec = spec;
    framework.roles = [...new Set(spec.roles)];
    framework.capabilities = new Set(spec.capabilities);
    framework.suppressed = new Set(spec.suppressedRoles);
    for (const role of framework.roles) this.ensureClient(framework, role);
    for (const client of [...framework.clients.values()]) this.#configure(client);
    this.#core.nominateAll();
    for (const client of [...framework.clients.values()]) this.disposeIfIdle(client);
  }

  /** Write what the client can, wants at least and may not have. */
  #configure(client: Client): void {
    const { framework, role } = client;
    const { spec, capabilities } = framework;
    const can =
      Number(capabilities.has("REVOCABLE_RESOURCES")) * CAN_REVOCABLE +
      Number(capabilities.has("SHARED_RESOURCES")) * CAN_SHARED +
      Number(capabilities.has("RESERVATION_REFINEMENT")) * CAN_REFINED;
    if (this.#core.v.cFlags[client.handle] !== can) this.#filters.staleAll();
    this.#core.v.cFlags[client.handle] = can;
    this.#minimums.assign(client.handle, ofRole(spec?.minAllocatable, role));
    client.capabilities = capabilities;
    client.constraints = readConstraints(ofRole(spec?.offerConstraints, role));
    this.#exclusions.renewClient(client);
    this.#activate(client);
  }

  setActive(framework: Framework, active: boolean): void {
    framework.active = active;
    for (const client of framework.clients.values()) this.#activate(client);
  }

  /** @throws {FairleadError} `unknown_role` when the framework is not in one of the roles. */
  checkRoles(framework: Framework, roles: readonly string[]): void {
    for (const role of roles) {
      if (framework.roles.includes(role)) continue;
      throw notIn(framework.id, framework.roles, role);
    }
  }

  suppress(framework: Framework, role: string, on: boolean): void {
    if (on) framework.suppressed.add(role);
    else framework.suppressed.delete(role);
    this.#activate(framework.clients.get(role)!);
  }

  /** Forget the registration; what it still holds keeps it known. */
  unregister(framework: Framework): void {
    framework.registered = false;
    framework.active = false;
    framework.roles = [];
    framework.suppressed.clear();
    framework.spec = undefined;
    for (const client of [...framework.clients.values()]) {
      this.#activate(client);
      this.disposeIfIdle(client);
    }
    this.#forgetIfIdle(framework);
  }

  /** The client of a framework in a role, registered or not. */
  clientOf(frameworkId: string, role: string): Client {
    return this.ensureClient(this.#ensure(frameworkId), role);
  }

  ensureClient(framework: Framework, role: string): Client {
    const known = framework.clients.get(role);
    if (known) return known;
    const node = this.#roles.ensure(role);
    const handle = this.#allocate();
    const client: Client = {
      handle,
      framework,
      node,
      role,
      holdings: 0,
      capabilities: framework.capabilities,
      constraints: undefined,
    };
    this.#clients[handle] = client;
    framework.clients.set(role, client);
    const { v, row } = this.#core;
    v.cAlloc.fill(0, handle * row, handle * row + row);
    v.cShare[handle] = 0;
    v.cCount[handle] = 0;
    v.cNode[handle] = node.index;
    this.#roles.addClient(node, framework.id, handle);
    if (!framework.registered) this.#minimums.assign(handle, undefined);
    return client;
  }

  /** Let a client go that is neither in its framework's roles nor holds anything. */
  disposeIfIdle(client: Client): void {
    const { framework, role, handle } = client;
    if (client.holdings > 0 || framework.roles.includes(role)) return;
    if (framework.clients.get(role) !== client) return;
    framework.clients.delete(role);
    this.#filters.removeClient(handle);
    this.#exclusions.removeClient(handle);
    this.#minimums.assign(handle, undefined);
    this.#roles.removeClient(client.node, framework.id, handle);
    this.#clients[handle] = undefined;
    this.#free.push(handle);
    this.#forgetIfIdle(framework);
  }

  #forgetIfIdle(framework: Framework): void {
    if (!framework.registered && framework.clients.size === 0) this.#byId.delete(framework.id);
  }

  /** Write whether the client takes part, and count it on its path. */
  #activate(client: Client): void {
    const { framework, role, handle } = client;
    const { v } = this.#core;
    const on =
      framework.registered &&
      framework.active &&
      framework.roles.includes(role) &&
      !framework.suppressed.has(role);
    const word = handle >>> 5;
    const bit = 1 << (handle & 31);
    if (((v.activeBits[word]! & bit) !== 0) === on) return;
    v.activeBits[word] = v.activeBits[word]! ^ bit;
    const by = on ? 1 : -1;
    v.header[H.activeClients] = v.header[H.activeClients]! + by;
    let node = client.node.index;
    v.nLeafActive[node] = v.nLeafActive[node]! + by;
    for (; node !== 0; node = v.nParent[node]!) v.nActive[node] = v.nActive[node]! + by;
    if (on) this.#core.nominateAll();
  }

  #ensure(id: string): Framework {
    const known = this.#byId.get(id);
    if (known) return known;
    const framework: Framework = {
      id,
      registered: false,
      active: false,
      capabilities: new Set(),
      roles: [],
      suppressed: new Set(),
      spec: undefined,
      clients: new Map(),
    };
    this.#byId.set(id, framework);
    return framework;
  }

  #allocate(): number {
    const handle = this.#free.pop() ?? this.#clients.length;
    this.#core.ensure("clients", handle + 1);
    const { header } = this.#core.v;
    header[H.clientsHigh] = Math.max(header[H.clientsHigh]!, handle + 1);
    if (handle === this.#clients.length) this.#clients.push(undefined);
    return handle;
  }
}

/** The caller may change what it handed in; the allocator's own stays as it was. */
function copySpec(spec: FrameworkSpec): FrameworkSpec {
  const { minAllocatable, offerConstraints } = spec;
  return {
    ...spec,
    roles: [...spec.roles],
    ...(minAllocatable && {
      minAllocatable: Object.fromEntries(
        Object.entries(minAllocatable).map(([role, sets]) => [role, [...sets]]),
      ),
    }),
    ...(offerConstraints && { offerConstraints: structuredClone(offerConstraints) }),
  };
}

function pick<T>(byRole: Readonly<Record<string, T>>, roles: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(byRole).filter(([role]) => roles.includes(role)));
}

/** A role may be called what every object has: "constructor". */
function ofRole<T>(byRole: Readonly<Record<string, T>> | undefined, role: string): T | undefined {
  return byRole && Object.hasOwn(byRole, role) ? byRole[role] : undefined;
}

/** What the update names: a field that is there but undefined is left out too. */
function named(update: FrameworkUpdate): FrameworkUpdate {
  return Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));
}

function notIn(frameworkId: string, roles: readonly string[], role: string): FairleadError {
  return new FairleadError(
    "unknown_role",
    `Cannot suppress or revive role "${role}": framework "${frameworkId}" is in ` +
      `${roles.join(", ") || "no role"}`,
    { details: { frameworkId, role } },
  );
}

/** @throws {FairleadError} when something in the spec cannot be; nothing was changed. */
function checkSpec(spec: FrameworkSpec): void {
  if (spec.id === "") {
    throw new FairleadError("invalid_argument", 'Cannot add framework "": id must not be empty', {
      details: { field: "id" },
    });
  }
  if (spec.roles.length === 0) {
    throw new FairleadError(
      "invalid_argument",
      `Cannot take framework "${spec.id}": roles must name at least one role`,
      { details: { field: "roles" } },
    );
  }
  for (const role of spec.roles) checkRole(role);
  for (const role of spec.suppressedRoles ?? []) {
    if (!spec.roles.includes(role)) throw notIn(spec.id, spec.roles, role);
  }
  const perRole: [string, Iterable<string>][] = [
    ["minAllocatable", Object.keys(spec.minAllocatable ?? {})],
    ["offerConstraints", Object.keys(spec.offerConstraints ?? {})],
  ];
  for (const [field, roles] of perRole) {
    for (const role of roles) {
      if (spec.roles.includes(role)) continue;
      throw new FairleadError(
        "invalid_argument",
        `Cannot take framework "${spec.id}": ${field} names role "${role}", which is not among ` +
          `its roles (${spec.roles.join(", ")})`,
        { details: { field, role } },
      );
    }
  }
  for (const sets of Object.values(spec.minAllocatable ?? {})) {
    for (const set of sets) if (typeof set === "string") Quantities.parse(set);
  }
  for (const constraints of Object.values(spec.offerConstraints ?? {})) {
    readConstraints(constraints);
  }
}
