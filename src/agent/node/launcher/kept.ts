/** Processes that outlive the agent, with their logs. */
import { identify, isAlive, statOf } from "./identity.ts";
import type { JournaledStart, JournaledStream } from "./journal.ts";
import { closeQuietly, type Pipes } from "./pipes.ts";
import type { ProcessIdentity, StartSpec, TerminalSize } from "./protocol.ts";
import { RotatingLog } from "./rotating_log.ts";
import { spawnProgram } from "./spawn.ts";
import { discard, flushed, LoggedStream } from "./streams.ts";
import { startTerminal } from "./terminal.ts";

/** How often a process is looked at that is not a child of this launcher. */
const WATCH_MS = 200;

/** A process and its logs. */
export interface Kept extends ProcessIdentity {
  readonly streams: readonly JournaledStream[];
  /**
   * Resolves when it is over and its output is in the logs: with what wait(2) gives, or undefined
   * when that went to nobody.
   */
  readonly ended: Promise<number | undefined>;
  resize(size: TerminalSize): boolean;
  /** Close the logs. */
  release(): void;
}

/** @throws the system's error when it cannot be started; nothing is left behind. */
export async function start(spec: StartSpec, pipes: Pipes): Promise<Kept> {
  if (spec.terminal !== undefined) return startOnTerminal(spec, spec.terminal);
  const streams: JournaledStream[] = [
    { pipe: await pipes.take(), log: spec.stdout },
    { pipe: await pipes.take(), log: spec.stderr },
  ];
  const logged: LoggedStream[] = [];
  try {
    for (const each of streams) {
      logged.push(new LoggedStream(each, spec.owner, { resume: false }));
    }
    const spawned = await spawnProgram(spec.program, [
      "ignore",
      ...logged.map(({ writer }) => writer),
    ]);
    for (const { writer } of logged) closeQuietly(writer);
    const { pid, startTicks, exit } = spawned;
    return { pid, startTicks, streams, ended: withOutput(exit, logged), ...released(logged) };
  } catch (error) {
    for (const each of logged) discard(each);
    throw error;
  }
}

/** Take over what the launcher before this one started, if it is still there. */
export function adopt(journaled: JournaledStart): Kept | undefined {
  if (!isAlive(journaled)) return undefined;
  const { pid, startTicks, streams, owner } = journaled;
  const logged = streams.flatMap((each) => {
    try {
      const stream = new LoggedStream(each, owner, { resume: true });
      closeQuietly(stream.writer);
      return [stream];
    } catch (error) {
      // Its sandbox may be gone; the process is watched all the same.
      console.error(`no log at ${each.log.path}: ${error}`);
      return [];
    }
  });
  const gone = new Promise<undefined>((resolve) => {
    const timer = setInterval(() => {
      if (isAlive({ pid, startTicks })) return;
      clearInterval(timer);
      resolve(undefined);
    }, WATCH_MS);
  });
  return { pid, startTicks, streams, ended: withOutput(gone, logged), ...released(logged) };
}

async function startOnTerminal(spec: StartSpec, size: TerminalSize): Promise<Kept> {
  const log = new RotatingLog(spec.stdout, spec.owner, { resume: false });
  try {
    const terminal = await startTerminal(spec.program, size);
    terminal.output.pipe(log, { end: false });
    const ended = terminal.ended.then(async (waitStatus) => {
      await flushed(log);
      return waitStatus;
    });
    return {
      ...identify(terminal.pid),
      // A terminal dies with its launcher: there is nothing to take over.
      streams: [],
      ended,
      resize: (to) => {
        terminal.resize(to);
        return true;
      },
      release: () => log.end(),
    };
  } catch (error) {
    log.end();
    throw error;
  }
}

async function withOutput<T>(exit: Promise<T>, logged: readonly LoggedStream[]): Promise<T> {
  const status = await exit;
  await Promise.all(logged.map((each) => each.drain()));
  return status;
}

function released(logged: readonly LoggedStream[]): Pick<Kept, "resize" | "release"> {
  return {
    resize: () => false,
    release: () => {
      for (const each of logged) each.dispose();
    },
  };
}

/**
 * Send a signal to a process or to its whole group.
 *
 * The group of a process that has ended may live on; its number is not given to another process
 * before, so a process of that number which is not ours says that the group is gone, too.
 */
export function send(to: ProcessIdentity, signal: number, group: boolean): boolean {
  const stat = statOf(to.pid);
  const ours = stat === undefined || to.startTicks === 0 || stat.startTicks === to.startTicks;
  if (!ours || (stat === undefined && !group && to.startTicks !== 0)) return false;
  try {
    process.kill(group ? -to.pid : to.pid, signal);
    return true;
  } catch {
    // ESRCH: nobody is left.
    return false;
  }
}
