/** The process of an executor. */
import process from "node:process";
import { readExecutorEnvironment } from "../executor/environment.ts";
import { Executor, type ExecutorHandlers, type ExecutorOptions } from "../executor/executor.ts";

/** Options of {@linkcode runExecutor}. */
export interface RunExecutorOptions extends Omit<ExecutorOptions, "environment"> {
  /** Where MESOS_* is read from. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What an agent leaves to an executor between the grace period and SIGKILL. */
const EXIT_MARGIN_MS = 500;

/**
 * Run an executor until the agent says that it is over, or is gone for too long.
 *
 * SIGTERM is taken as a shutdown. Half a second after the grace period of a shutdown the process is
 * ended, whatever still runs in it.
 *
 * @throws {FairleadError} `invalid_environment` when no agent started this process;
 * `executor_refused` when the agent does not know the executor.
 */
export async function runExecutor(
  handlers: ExecutorHandlers,
  options: RunExecutorOptions = {},
): Promise<void> {
  const { env = process.env, ...rest } = options;
  const environment = readExecutorEnvironment(env);
  let exit: NodeJS.Timeout | undefined;
  const exitLater = (graceMs: number) => {
    exit ??= setTimeout(() => process.exit(1), graceMs + EXIT_MARGIN_MS).unref();
  };
  const { onShutdown } = handlers;
  const executor = new Executor(
    {
      ...bound(handlers),
      async onShutdown(self, shutdown) {
        exitLater(shutdown.graceMs);
        await onShutdown?.call(handlers, self, shutdown);
      },
    },
    { ...rest, environment },
  );
  const onSigterm = () => {
    exitLater(environment.shutdownGraceMs);
    void terminate(handlers, executor);
  };
  process.once("SIGTERM", onSigterm);
  try {
    await executor.done;
  } finally {
    process.off("SIGTERM", onSigterm);
    clearTimeout(exit);
  }
}

async function terminate(handlers: ExecutorHandlers, executor: Executor): Promise<void> {
  const { shutdownGraceMs } = executor.environment;
  try {
    await handlers.onShutdown?.(executor, { reason: "SIGTERM", graceMs: shutdownGraceMs });
  } finally {
    await executor.stop();
  }
}

/** Handlers may be an object of a class: its methods keep their `this`. */
function bound(handlers: ExecutorHandlers): ExecutorHandlers {
  return {
    onLaunch: (task, executor) => handlers.onLaunch(task, executor),
    ...(handlers.onLaunchGroup === undefined
      ? {}
      : { onLaunchGroup: handlers.onLaunchGroup.bind(handlers) }),
    onKill: (taskId, executor, kill) => handlers.onKill?.(taskId, executor, kill),
    onMessage: (data, executor) => handlers.onMessage?.(data, executor),
    onSubscribed: (executor) => handlers.onSubscribed?.(executor),
    onDisconnected: (message, executor) => handlers.onDisconnected?.(message, executor),
    onError: (error, executor) => handlers.onError?.(error, executor),
  };
}
