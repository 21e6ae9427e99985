/** The phases of a migration as steps, in an operator's words. */
import { html, type TemplateResult } from "lit";
import { icon } from "../parts/icons.ts";

const STEPS: readonly (readonly [string, string])[] = [
  ["bootstrap", "Copy"],
  ["sync", "Follow"],
  ["drain", "Drain"],
  ["fence", "Fence"],
  ["seal", "Seal"],
  ["open", "Open"],
  ["rehome", "Rehome"],
  ["soak", "Soak"],
  ["finalized", "Finalized"],
];

/** What a phase is, in a sentence. */
const SAYS: Readonly<Record<string, string>> = {
  bootstrap: "The first copy is made; clients write to the source.",
  sync: "Every transaction of the source is brought to the target at once.",
  drain: "What changes much is paused.",
  fence: "Clients are shut out of the source.",
  seal: "Nothing comes any more; both sides are compared.",
  open: "The target is opened.",
  rehome: "Clients come to the target.",
  soak: "Clients are on the target; the source is a warm standby, and there is a way back.",
  finalized: "It is over: there is no way back any more.",
  unfence: "The cutover is undone: the source is opened again.",
  aborted: "It was rolled back: clients are on the source.",
};

/** The phases, and which one it is. */
export function stepper(phase: string): TemplateResult {
  const at = STEPS.findIndex(([name]) => name === phase);
  const isBack = at < 0;
  return html`<ol class="steps" aria-label="Phases">
      ${STEPS.map(([, label], index) => {
        const isDone = index < at;
        const kind = index === at ? "is-now" : isDone ? "is-done" : "";
        return html`<li class=${kind} aria-current=${index === at ? "step" : "false"}>
          <i>${isDone ? icon("check") : index + 1}</i><span>${label}</span>
        </li>`;
      })}
    </ol>
    <p class=${isBack ? "notice warn" : "muted"}>
      ${isBack ? icon("back") : ""}<span>${SAYS[phase] ?? phase}</span>
    </p>`;
}

/** What a phase is called in the timeline. */
export function phaseLabel(phase: string): string {
  const others: Readonly<Record<string, string>> = { unfence: "Undone", aborted: "Rolled back" };
  return STEPS.find(([name]) => name === phase)?.[1] ?? others[phase] ?? phase;
}
