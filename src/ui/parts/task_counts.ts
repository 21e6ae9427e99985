/** A framework's tasks by state, as a bar of parts and its numbers. */
import { css, html, type TemplateResult } from "lit";
import { count } from "./format.ts";
import { icon } from "./icons.ts";
import { TASK_STATES, taskLook } from "./states.ts";

/** Of {@linkcode taskCounts}. */
export const taskCountStyles = css`
  .task-counts {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 2px 12px;
    min-width: 0;
  }

  .task-counts > span {
    align-items: center;
    display: inline-flex;
    gap: 4px;
    white-space: nowrap;
  }

  .task-counts svg {
    height: 12px;
    width: 12px;
  }

  .task-counts b {
    color: var(--text);
    font-weight: 500;
  }
`;

/** States that some task is in, in the order of a task's life. */
export function taskCounts(tasks: Readonly<Record<string, number>>): TemplateResult {
  const shown = TASK_STATES.flatMap((state) => {
    const number = tasks[state.slice("TASK_".length).toLowerCase()] ?? 0;
    return number === 0 ? [] : [{ look: taskLook(state), number }];
  });
  if (shown.length === 0) return html`<span class="muted">none</span>`;
  return html`<span class="task-counts">
    ${shown.map(
      ({ look, number }) =>
        html`<span class=${look.tone} title=${look.label}
          >${icon(look.icon)}<b>${count(number)}</b><span class="hidden">${look.label}</span></span
        >`,
    )}
  </span>`;
}

/** Tasks that are not over. */
export function activeTasks(tasks: Readonly<Record<string, number>>): number {
  return ["staging", "starting", "running", "killing", "unreachable"].reduce(
    (sum, state) => sum + (tasks[state] ?? 0),
    0,
  );
}
