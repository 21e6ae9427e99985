/**
 * Frameworks on Node: `runExecutor` reads what the agent put into the environment, and runs until
 * the agent says that it is over; `keepAliveFetch` makes requests on `node:http`, for a fourth of
 * the time that the platform's `fetch` takes.
 *
 * @example
 * ```ts no-run
 * import { runExecutor } from "fairlead/scheduler/node";
 *
 * await runExecutor({
 *   async onLaunch(task, executor) {
 *     await executor.update(task.task_id.value, "TASK_RUNNING");
 *     await executor.update(task.task_id.value, "TASK_FINISHED", { message: "nothing to do" });
 *   },
 * });
 * ```
 *
 * @module
 */
export { type FetchTls, type KeepAliveFetchOptions, keepAliveFetch } from "./keep_alive_fetch.ts";
export { type RunExecutorOptions, runExecutor } from "./run_executor.ts";
