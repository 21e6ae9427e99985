/** What an operator can do, as calls of the operator API behind a question. */
import { html } from "lit";
import type {
  ConsoleAgentRow,
  ConsoleFrameworkRow,
  ConsoleMachine,
  ConsoleMaintenance,
  ConsoleRoleRow,
} from "../../model/mod.ts";
import type { ConsoleApi } from "../feed/api.ts";
import type { Act } from "../parts/dialog.ts";
import { KIND_NAMES, KINDS, plural } from "../parts/format.ts";

const NANOS_PER_MS = 1_000_000;

const nanoseconds = (ms: number) => ({ nanoseconds: ms * NANOS_PER_MS });

/** A number of the form's, or nothing when the field is empty. */
function numberOf(values: FormData, name: string): number | undefined {
  const text = values.get(name);
  if (typeof text !== "string" || text.trim() === "") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`"${text}" is no amount`);
  return value;
}

export function drain(api: ConsoleApi, agent: ConsoleAgentRow): Act {
  return {
    title: `Drain ${agent.hostname}?`,
    text: html`It gets no more tasks, and its <strong>${plural(agent.tasks, "task")}</strong> are
      killed, each within its grace period. Frameworks may start them elsewhere.`,
    confirm: "Drain",
    danger: true,
    fields: html`<label>
        Longest grace period, in seconds
        <input class="field" name="grace" type="number" min="0" step="1" placeholder="each task's own" />
      </label>
      <label class="check">
        <input type="checkbox" name="gone" />
        <span>Mark the agent gone when it is drained: it can never come back under its id.</span>
      </label>`,
    done: `${agent.hostname} is draining`,
    run: (values, signal) => {
      const graceS = numberOf(values, "grace");
      const drain_agent = {
        agent_id: { value: agent.id },
        ...(graceS === undefined ? {} : { max_grace_period: nanoseconds(graceS * 1_000) }),
        ...(values.has("gone") ? { mark_gone: true } : {}),
      };
      return api.operate({ type: "DRAIN_AGENT", drain_agent }, { signal });
    },
  };
}

export function deactivate(api: ConsoleApi, agent: ConsoleAgentRow): Act {
  return {
    title: `Deactivate ${agent.hostname}?`,
    text: "Nothing more is offered from it; its tasks go on. It can be reactivated at any time.",
    confirm: "Deactivate",
    done: `${agent.hostname} is deactivated`,
    run: (_values, signal) =>
      api.operate(
        { type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id: { value: agent.id } } },
        { signal },
      ),
  };
}

export function reactivate(api: ConsoleApi, agent: ConsoleAgentRow): Act {
  return {
    title: `Reactivate ${agent.hostname}?`,
    text: "What is free on it will be offered again.",
    confirm: "Reactivate",
    done: `${agent.hostname} is active`,
    run: (_values, signal) =>
      api.operate(
        { type: "REACTIVATE_AGENT", reactivate_agent: { agent_id: { value: agent.id } } },
        { signal },
      ),
  };
}

export function markGone(api: ConsoleApi, agent: ConsoleAgentRow): Act {
  return {
    title: `Mark ${agent.hostname} gone?`,
    text: html`Only for a machine that will <strong>never come back</strong>: its
      ${plural(agent.tasks, "task")} count as gone at once, and it cannot register again under this id.`,
    confirm: "Mark gone",
    danger: true,
    done: `${agent.hostname} is marked gone`,
    run: (_values, signal) =>
      api.operate(
        { type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: agent.id } } },
        { signal },
      ),
  };
}

export function tearDown(api: ConsoleApi, framework: ConsoleFrameworkRow): Act {
  const ACTIVE = ["staging", "starting", "running", "killing"];
  const tasks = ACTIVE.reduce((sum, state) => sum + (framework.tasks[state] ?? 0), 0);
  return {
    title: `Tear down ${framework.name}?`,
    text: html`The framework ends, and its <strong>${plural(tasks, "running task")}</strong> are
      killed. This cannot be undone.`,
    confirm: "Tear down",
    danger: true,
    done: `${framework.name} is torn down`,
    run: (_values, signal) =>
      api.operate(
        { type: "TEARDOWN", teardown: { framework_id: { value: framework.id } } },
        { signal },
      ),
  };
}

export function changeWeight(api: ConsoleApi, { role, weight }: ConsoleRoleRow): Act {
  return {
    title: `Weight of ${role}`,
    text: "A role of weight 2 is due twice the share of a role of weight 1. Nothing that runs is moved.",
    confirm: "Save",
    fields: html`<label>
      Weight
      <input class="field" name="weight" type="number" min="0" step="any" required .value=${String(weight)} />
    </label>`,
    done: `The weight of ${role} is changed`,
    run: (values, signal) => {
      const value = numberOf(values, "weight") ?? 0;
      if (value === 0)
        throw new RangeError("A weight is above 0; to give nothing, set limits of 0");
      const weight_infos = [{ role, weight: value }];
      return api.operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos } }, { signal });
    },
  };
}

export function changeQuota(api: ConsoleApi, { role, guarantees, limits }: ConsoleRoleRow): Act {
  const unit = (kind: string) => (kind === "mem" || kind === "disk" ? " (MB)" : "");
  const shown = (value: number | undefined) => (value === undefined ? "" : String(value));
  return {
    title: `Quota of ${role}`,
    text: "Guarantees are kept free for the role; limits are the most it may have. Empty: none.",
    confirm: "Save",
    fields: html`<div class="grid">
        <span></span><span class="label">Guarantee</span><span class="label">Limit</span>
        ${KINDS.map(
          (kind) => html`<span>${KIND_NAMES[kind]}${unit(kind)}</span>
            ${["guarantee", "limit"].map(
              (part) => html`<input
                class="field"
                name="${part}-${kind}"
                type="number"
                min="0"
                step="any"
                aria-label="${KIND_NAMES[kind]} ${part}"
                .value=${part === "limit" ? shown(limits[kind]) : shown(guarantees[kind] || undefined)}
              />`,
            )}`,
        )}
      </div>
      <label class="check">
        <input type="checkbox" name="force" />
        <span>Force: also when more is in use than the limits allow, or the cluster holds less.</span>
      </label>`,
    done: `The quota of ${role} is changed`,
    run: (values, signal) => {
      const read = (part: string) => {
        const found = KINDS.flatMap((kind) => {
          const value = numberOf(values, `${part}-${kind}`);
          return value === undefined ? [] : [[kind, { value }] as const];
        });
        return Object.fromEntries(found);
      };
      const config = { role, guarantees: read("guarantee"), limits: read("limit") };
      const update_quota = { force: values.has("force"), quota_configs: [config] };
      return api.operate({ type: "UPDATE_QUOTA", update_quota }, { signal });
    },
  };
}

/** A window of maintenance as the operator API writes it. */
function windowOf({ machines, startMs, durationMs }: ConsoleMaintenance["windows"][number]) {
  const unavailability = {
    start: nanoseconds(startMs),
    ...(durationMs === undefined ? {} : { duration: nanoseconds(durationMs) }),
  };
  return { machine_ids: machines, unavailability };
}

/** The whole schedule anew: the API knows no smaller change. */
function schedule(
  api: ConsoleApi,
  windows: ConsoleMaintenance["windows"],
  signal: AbortSignal,
): Promise<void> {
  const update = { schedule: { windows: windows.map(windowOf) } };
  return api.operate(
    { type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: update },
    { signal },
  );
}

export function scheduleWindow(
  api: ConsoleApi,
  windows: ConsoleMaintenance["windows"],
  {
    agents,
    startText,
    zone,
  }: { agents: readonly ConsoleAgentRow[]; startText: string; zone: string },
): Act {
  return {
    title: "Schedule maintenance",
    text: "Frameworks are asked to leave these machines in time; tasks go on until it is started.",
    confirm: "Schedule",
    fields: html`<label>
        Machines
        <textarea
          class="field"
          name="machines"
          rows="4"
          required
          spellcheck="false"
          placeholder="Hostnames of agents, one a line"
        ></textarea>
      </label>
      <div class="pair">
        <label>
          Begins
          <input class="field" name="start" type="datetime-local" required .value=${startText} />
          <span class="hint">${zone}</span>
        </label>
        <label>
          Lasts, in minutes
          <input class="field" name="minutes" type="number" min="1" step="1" placeholder="no end" />
        </label>
      </div>`,
    done: "The maintenance is scheduled",
    run: (values, signal) => {
      const machines = machinesOf(String(values.get("machines") ?? ""), agents);
      const startMs = new Date(String(values.get("start"))).getTime();
      if (!Number.isFinite(startMs)) throw new RangeError("The beginning is no time");
      const minutes = numberOf(values, "minutes");
      const durationMs = minutes === undefined ? {} : { durationMs: minutes * 60_000 };
      return schedule(api, [...windows, { machines, startMs, ...durationMs }], signal);
    },
  };
}

/** Hostnames, one a line or between commas, as machines that have an agent. */
function machinesOf(text: string, agents: readonly ConsoleAgentRow[]): ConsoleMachine[] {
  const names = [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
  if (names.length === 0) throw new RangeError("Name at least one machine");
  const byName = new Map(agents.map((agent) => [agent.hostname, agent]));
  return names.map((hostname) => {
    const agent = byName.get(hostname);
    if (agent === undefined) throw new RangeError(`No agent has the hostname "${hostname}"`);
    return { hostname, ip: agent.address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") };
  });
}

export function removeWindow(
  api: ConsoleApi,
  windows: ConsoleMaintenance["windows"],
  index: number,
): Act {
  const machines = windows[index]?.machines ?? [];
  return {
    title: "Remove from the schedule?",
    text: `The maintenance of ${plural(machines.length, "machine")} will not take place.`,
    confirm: "Remove",
    done: "The maintenance is removed from the schedule",
    run: (_values, signal) =>
      schedule(
        api,
        windows.filter((_, at) => at !== index),
        signal,
      ),
  };
}

export function startMaintenance(api: ConsoleApi, machines: readonly ConsoleMachine[]): Act {
  return {
    title: `Take ${plural(machines.length, "machine")} down?`,
    text: html`Their agents are removed and their tasks <strong>count as lost</strong> until the
      maintenance is stopped.`,
    confirm: "Take down",
    danger: true,
    done: `${plural(machines.length, "machine")} down for maintenance`,
    run: (_values, signal) =>
      api.operate({ type: "START_MAINTENANCE", start_maintenance: { machines } }, { signal }),
  };
}

export function stopMaintenance(api: ConsoleApi, machines: readonly ConsoleMachine[]): Act {
  return {
    title: `Bring ${plural(machines.length, "machine")} back?`,
    text: "They leave the schedule, and their agents may register again.",
    confirm: "Bring back",
    done: `${plural(machines.length, "machine")} back from maintenance`,
    run: (_values, signal) =>
      api.operate({ type: "STOP_MAINTENANCE", stop_maintenance: { machines } }, { signal }),
  };
}
