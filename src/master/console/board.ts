/** The rows of the console, kept up to date from what the core says has changed. */
import type {
  ConsoleAgentRow,
  ConsoleDelta,
  ConsoleFrameworkRow,
  ConsoleRoleRow,
  ConsoleSnapshot,
  ConsoleSummary,
} from "../../model/mod.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";
import { absentAgentRow, agentRow, completedRow, frameworkRow, roleRows } from "./rows.ts";
import { summaryOf } from "./summary.ts";

/** How much of a turn of the loop making rows may take. */
const SLICE_MS = 4;

/**
 * One board a term: rows are made anew only for agents and frameworks that changed.
 *
 * Cost: a refresh costs what changed, besides a sum over the agents' rows.
 */
export class Board {
  readonly #context: MasterContext;
  readonly #driver: Driver;
  readonly #agents = new Map<string, ConsoleAgentRow>();
  readonly #frameworks = new Map<string, ConsoleFrameworkRow>();
  #roles: readonly ConsoleRoleRow[] = [];
  #rolesText = "";
  #sequence = 0;
  #filled: Promise<void> | undefined;

  constructor(context: MasterContext, driver: Driver) {
    this.#context = context;
    this.#driver = driver;
  }

  /** Make every row once, a slice at a time; later calls wait for the same. */
  fill(): Promise<void> {
    this.#filled ??= this.#fillAll();
    return this.#filled;
  }

  async #fillAll(): Promise<void> {
    const { clock } = this.#context;
    const { core } = this.#driver;
    // Whatever changes while rows are made is made again by the next refresh.
    core.takeChanges();
    const { state } = core;
    const ids = [
      ...state.agents.keys(),
      ...state.unreachableAgents.keys(),
      ...state.recoveredAgents.keys(),
    ];
    let untilMs = clock.nowMs() + SLICE_MS;
    for (const id of ids) {
      this.#makeAgent(id);
      if (clock.nowMs() < untilMs) continue;
      await clock.sleep(0, { signal: this.#driver.signal });
      untilMs = clock.nowMs() + SLICE_MS;
    }
    for (const id of [...state.frameworks.keys(), ...state.completedFrameworks.keys()]) {
      this.#makeFramework(id);
    }
    this.#makeRoles();
  }

  summary(): ConsoleSummary {
    const { masterInfo } = this.#driver.core.options;
    return summaryOf({
      context: this.#context,
      state: this.#driver.core.state,
      masterId: masterInfo.id,
      hostname: masterInfo.hostname ?? "",
      agents: this.#agents.values(),
    });
  }

  /** Everything. */
  snapshot(): ConsoleSnapshot {
    return {
      sequence: this.#sequence,
      summary: this.summary(),
      agents: [...this.#agents.values()],
      frameworks: [...this.#frameworks.values()],
      roles: this.#roles,
    };
  }

  /** What changed since the last refresh; undefined when nothing did. */
  refresh(): ConsoleDelta | undefined {
    const { agents, frameworks } = this.#driver.core.takeChanges();
    if (agents.size === 0 && frameworks.size === 0) return undefined;
    const changed = { agents: [] as ConsoleAgentRow[], frameworks: [] as ConsoleFrameworkRow[] };
    const removed = { agents: [] as string[], frameworks: [] as string[] };
    for (const id of agents) collect(this.#makeAgent(id), id, changed.agents, removed.agents);
    for (const id of frameworks) {
      collect(this.#makeFramework(id), id, changed.frameworks, removed.frameworks);
    }
    const since = this.#sequence;
    this.#sequence += 1;
    return {
      sequence: this.#sequence,
      since,
      summary: this.summary(),
      agents: changed.agents,
      agentsRemoved: removed.agents,
      frameworks: changed.frameworks,
      frameworksRemoved: removed.frameworks,
      ...(this.#makeRoles() ? { roles: this.#roles } : {}),
    };
  }

  /** One agent's row, as it is now. */
  agent(id: string): ConsoleAgentRow | undefined {
    return this.#makeAgent(id);
  }

  #makeAgent(id: string): ConsoleAgentRow | undefined {
    const { state } = this.#driver.core;
    const agent = state.agents.get(id);
    const unreachable = state.unreachableAgents.get(id);
    const recovered = state.recoveredAgents.get(id);
    let row: ConsoleAgentRow | undefined;
    if (agent !== undefined) row = agentRow(state, agent);
    else if (unreachable !== undefined) row = absentAgentRow(state, unreachable, "unreachable");
    else if (recovered !== undefined) row = absentAgentRow(state, recovered, "recovered");
    if (row === undefined) this.#agents.delete(id);
    else this.#agents.set(id, row);
    return row;
  }

  #makeFramework(id: string): ConsoleFrameworkRow | undefined {
    const { state } = this.#driver.core;
    const framework = state.frameworks.get(id);
    const completed = state.completedFrameworks.get(id);
    let row: ConsoleFrameworkRow | undefined;
    if (framework !== undefined) row = frameworkRow(framework);
    else if (completed !== undefined) row = completedRow(completed);
    if (row === undefined) this.#frameworks.delete(id);
    else this.#frameworks.set(id, row);
    return row;
  }

  /** Whether any role stands otherwise than before. */
  #makeRoles(): boolean {
    const { core } = this.#driver;
    this.#roles = roleRows(core.shares(), core.state);
    const text = JSON.stringify(this.#roles);
    const changed = text !== this.#rolesText;
    this.#rolesText = text;
    return changed;
  }
}

function collect<Row>(row: Row | undefined, id: string, changed: Row[], removed: string[]): void {
  if (row === undefined) removed.push(id);
  else changed.push(row);
}
