import type {
  ConsoleAgentRow,
  ConsoleAgentState,
  ConsoleFrameworkRow,
  ConsoleFrameworkState,
  ConsoleSnapshot,
  ConsoleSummary,
} from "../../model/mod.ts";

/** One thing that happened, told in a line: subject, then what. */
export interface ClusterEvent {
  /** Grows; for keeping lists apart. */
  readonly id: number;
  readonly atMs: number;
  readonly tone: "good" | "plain" | "warn" | "bad";
  readonly kind: "agent" | "framework" | "master";
  /** Id of the agent or framework, for a link. */
  readonly subjectId: string;
  /** Its name. */
  readonly subject: string;
  readonly text: string;
}

const EVENTS_MAX = 200;
/** How many registrations of the past open the journal. */
const PAST_MAX = 12;
/** More of one kind at once are told as one line. */
const ALIKE_MAX = 4;

const STATE_WORDS: Readonly<Record<ConsoleAgentState, readonly [ClusterEvent["tone"], string]>> = {
  active: ["good", "is active"],
  inactive: ["warn", "lost its link to the master"],
  unreachable: ["bad", "is unreachable"],
  draining: ["warn", "is draining"],
  drained: ["plain", "is drained"],
  deactivated: ["plain", "is deactivated: no offers from it"],
  recovered: ["plain", "is expected back after the change of leader"],
};

const FRAMEWORK_WORDS: Readonly<
  Record<ConsoleFrameworkState, readonly [ClusterEvent["tone"], string]>
> = {
  active: ["good", "is connected"],
  inactive: ["warn", "disconnected"],
  recovered: ["plain", "is expected back after the change of leader"],
  completed: ["plain", "ended"],
};

/** States of tasks that an operator wants to hear of, with the words for them. */
const BAD_ENDS: readonly (readonly [string, string])[] = [
  ["failed", "failed"],
  ["error", "were invalid"],
  ["lost", "were lost"],
  ["unreachable", "became unreachable"],
  ["dropped", "were dropped"],
];

type Note = Omit<ClusterEvent, "id">;

/**
 * Tells what happened from how rows changed; keeps the last 200, newest first.
 *
 * What was noted since the last `settle` becomes visible then, many alike as one line.
 */
export class EventJournal {
  #events: readonly ClusterEvent[] = [];
  #notes: Note[] = [];
  #nextId = 1;

  get events(): readonly ClusterEvent[] {
    return this.#events;
  }

  /** The latest registrations open the journal, so that it is never empty over a living cluster. */
  begin({ agents, frameworks, summary }: ConsoleSnapshot): void {
    const past = [
      ...agents.map((row) => ({
        atMs: row.registeredMs,
        note: () => this.#agent(row.registeredMs, row, "good", "registered"),
      })),
      ...frameworks.map((row) => ({
        atMs: row.reregisteredMs ?? row.registeredMs,
        note: () =>
          this.#framework(row.reregisteredMs ?? row.registeredMs, row, "good", "subscribed"),
      })),
      { atMs: summary.electedMs, note: () => this.elected(summary) },
    ];
    past.sort((a, b) => a.atMs - b.atMs);
    for (const { note } of past.slice(-PAST_MAX)) note();
    this.#tell(this.#notes);
  }

  /** Show what was noted. */
  settle(): void {
    if (this.#notes.length === 0) return;
    const alike = new Map<string, Note[]>();
    for (const note of this.#notes) {
      const key = `${note.kind} ${note.text}`;
      const group = alike.get(key);
      if (group === undefined) alike.set(key, [note]);
      else group.push(note);
    }
    this.#tell(
      [...alike.values()].flatMap((group) => {
        const [first] = group;
        if (first === undefined || group.length <= ALIKE_MAX) return group;
        return { ...first, subjectId: "", subject: `${group.length} ${first.kind}s` };
      }),
    );
  }

  #tell(notes: readonly Note[]): void {
    const events = notes.map((note) => ({ ...note, id: this.#nextId++ })).reverse();
    this.#events = [...events, ...this.#events].slice(0, EVENTS_MAX);
    this.#notes = [];
  }

  elected({ electedMs, masterId, hostname }: ConsoleSummary): void {
    const subject = hostname === "" ? masterId : hostname;
    const text = "was elected leader";
    this.#add({
      atMs: electedMs,
      tone: "plain",
      kind: "master",
      subjectId: masterId,
      subject,
      text,
    });
  }

  agent(atMs: number, before: ConsoleAgentRow | undefined, now: ConsoleAgentRow): void {
    if (before?.state === now.state) return;
    const [tone, text] = STATE_WORDS[now.state];
    if (before === undefined) this.#agent(atMs, now, "good", "registered");
    else this.#agent(atMs, now, tone, text);
  }

  agentGone(atMs: number, row: ConsoleAgentRow | undefined): void {
    if (row !== undefined) this.#agent(atMs, row, "warn", "left the cluster");
  }

  framework(atMs: number, before: ConsoleFrameworkRow | undefined, now: ConsoleFrameworkRow): void {
    if (before === undefined) {
      this.#framework(atMs, now, "good", "subscribed");
      return;
    }
    if (before.state !== now.state) {
      const [tone, text] = FRAMEWORK_WORDS[now.state];
      this.#framework(atMs, now, tone, text);
    }
    for (const [state, words] of BAD_ENDS) {
      const more = (now.tasks[state] ?? 0) - (before.tasks[state] ?? 0);
      if (more <= 0) continue;
      const tasks = more === 1 ? "1 task" : `${more} tasks`;
      const verb = more === 1 ? words.replace(/^were /, "was ") : words;
      this.#framework(atMs, now, "bad", `${tasks} ${verb}`);
    }
  }

  #agent(atMs: number, row: ConsoleAgentRow, tone: ClusterEvent["tone"], text: string): void {
    const { id: subjectId, hostname: subject } = row;
    this.#add({ atMs, tone, kind: "agent", subjectId, subject, text });
  }

  #framework(
    atMs: number,
    row: ConsoleFrameworkRow,
    tone: ClusterEvent["tone"],
    text: string,
  ): void {
    const { id: subjectId, name: subject } = row;
    this.#add({ atMs, tone, kind: "framework", subjectId, subject, text });
  }

  #add(note: Note): void {
    this.#notes.push(note);
  }
}
