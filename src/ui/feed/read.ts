/**
 * The readers of the console API: `unknown` becomes a type here. The master is the page's own
 * server, so a reader looks at the outline (is the list a list?) and not at every row.
 */
import { FairleadError } from "../../base/mod.ts";
import type {
  ConsoleAgent,
  ConsoleDelta,
  ConsoleExplanations,
  ConsoleFileChunk,
  ConsoleFiles,
  ConsoleMaintenance,
  ConsoleOffers,
  ConsoleSnapshot,
  ConsoleSummary,
  ConsoleTask,
  ConsoleTasks,
} from "../../model/mod.ts";

type Shape = Readonly<Record<string, "number" | "string" | "list" | "object">>;

export const readSummary = (value: unknown) =>
  outline(value, "summary", { agents: "object", total: "object" }) as ConsoleSummary;

export const readAgent = (value: unknown) =>
  outline(value, "agent", { id: "string", total: "object", reservations: "list" }) as ConsoleAgent;

export const readTasks = (value: unknown) =>
  outline(value, "tasks", { total: "number", tasks: "list" }) as ConsoleTasks;

export const readTask = (value: unknown) =>
  outline(value, "task", { id: "string", state: "string", statuses: "list" }) as ConsoleTask;

export const readOffers = (value: unknown) =>
  outline(value, "offers", { total: "number", offers: "list" }) as ConsoleOffers;

export const readExplanations = (value: unknown) =>
  outline(value, "explanations", { counts: "object", agents: "list" }) as ConsoleExplanations;

export const readMaintenance = (value: unknown) =>
  outline(value, "maintenance", {
    windows: "list",
    down: "list",
    draining: "list",
  }) as ConsoleMaintenance;

export const readFiles = (value: unknown) =>
  outline(value, "files", { files: "list" }) as ConsoleFiles;

export const readFileChunk = (value: unknown) =>
  outline(value, "file", { offset: "number", data: "string", size: "number" }) as ConsoleFileChunk;

export const readSnapshot = (value: unknown) =>
  outline(value, "snapshot", {
    sequence: "number",
    summary: "object",
    agents: "list",
    frameworks: "list",
    roles: "list",
  }) as ConsoleSnapshot;

export const readDelta = (value: unknown) =>
  outline(value, "delta", {
    sequence: "number",
    summary: "object",
    agents: "list",
    agentsRemoved: "list",
    frameworks: "list",
    frameworksRemoved: "list",
  }) as ConsoleDelta;

function outline(value: unknown, what: string, shape: Shape): unknown {
  const fields = Object(value) as Record<string, unknown>;
  for (const [name, kind] of Object.entries(shape)) {
    if (kindOf(fields[name]) === kind) continue;
    throw new FairleadError(
      "invalid_answer",
      `Cannot read the master's answer: "${name}" of the ${what} is no ${kind}`,
      { details: { what, field: name } },
    );
  }
  return value;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : typeof value;
}
