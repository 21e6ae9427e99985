/** A container's output, from the engine into the sandbox. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogRotation } from "../../../containerizer.ts";
import { RotatingLog } from "../../launcher/rotating_log.ts";
import { answeredWith, type DockerEngine } from "./engine.ts";
import { Demultiplexer, type Piece } from "./multiplex.ts";

/** Whose output goes where. */
export interface LogOptions {
  readonly dockerId: string;
  readonly sandbox: string;
  readonly logs: LogRotation;
  /** Then there is one stream, and it is not multiplexed. */
  readonly terminal: boolean;
  readonly signal: AbortSignal;
}

type Files = Readonly<Record<Piece["stream"], RotatingLog>>;

/** Bytes of each stream that are in the sandbox already. */
type Skip = Readonly<Record<Piece["stream"], number>>;

const RETRY_MS = 1_000;
/** What an engine's own log holds for certain; it is told to keep 10 MB, with its own wrapping. */
const ENGINE_BYTES = 2_000_000;

/**
 * Take all that a container will say, before it is started; `done` resolves when it has ended. What
 * it says after the connection is lost is followed in the engine's own log.
 */
export async function attachLogs(
  engine: DockerEngine,
  options: LogOptions,
): Promise<{ readonly done: Promise<void> }> {
  const { dockerId, terminal, signal } = options;
  const { socket, head } = await engine.upgrade({
    method: "POST",
    path: `/containers/${dockerId}/attach`,
    query: { stream: true, stdout: true, stderr: true },
    signal,
    timeoutMs: 0,
  });
  const files = openFiles(options, false);
  const source = (async function* () {
    if (head.length > 0) yield head;
    yield* socket;
  })();
  const done = pour(source, terminal, files)
    .catch(() => (signal.aborted ? undefined : follow(engine, options, Date.now(), files)))
    .finally(() => closeFiles(files));
  return { done };
}

/** Go on with what is in the sandbox; resolves when the container has ended. */
export async function followLogs(engine: DockerEngine, options: LogOptions): Promise<void> {
  const written = await writtenTo(options.sandbox);
  const files = openFiles(options, true);
  try {
    if (written.skip === undefined) await follow(engine, options, written.lastMs, files);
    else await follow(engine, options, 0, files, written.skip);
  } finally {
    closeFiles(files);
  }
}

async function follow(
  engine: DockerEngine,
  options: LogOptions,
  fromMs: number,
  files: Files,
  skip: Skip = { stdout: 0, stderr: 0 },
): Promise<void> {
  const { dockerId, terminal, signal } = options;
  let sinceMs = fromMs;
  while (!signal.aborted) {
    try {
      const answer = await engine.stream({
        method: "GET",
        path: `/containers/${dockerId}/logs`,
        query: { follow: true, stdout: true, stderr: true, since: (sinceMs / 1_000).toFixed(9) },
        signal,
        timeoutMs: 0,
      });
      await pour(answer, terminal, files, skip);
      return;
    } catch (error) {
      if (signal.aborted || answeredWith(error, 404)) return;
      // The engine is restarted, perhaps: from here on, then.
      sinceMs = Date.now();
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

async function pour(
  source: AsyncIterable<Buffer>,
  terminal: boolean,
  files: Files,
  skip: Skip = { stdout: 0, stderr: 0 },
): Promise<void> {
  const left = { ...skip };
  const demultiplexer = new Demultiplexer();
  for await (const chunk of source) {
    const pieces: Piece[] = terminal
      ? [{ stream: "stdout", bytes: chunk }]
      : demultiplexer.push(chunk);
    for (const { stream, bytes } of pieces) {
      const file = files[stream];
      const fresh = bytes.subarray(left[stream]);
      left[stream] -= bytes.length - fresh.length;
      if (!file.write(Buffer.from(fresh))) await new Promise((done) => file.once("drain", done));
    }
  }
}

function openFiles({ sandbox, logs }: LogOptions, resume: boolean): Files {
  const open = (name: Piece["stream"]) =>
    new RotatingLog({ path: join(sandbox, name), ...logs }, undefined, { resume });
  return { stdout: open("stdout"), stderr: open("stderr") };
}

function closeFiles(files: Files): void {
  files.stdout.end();
  files.stderr.end();
}

/**
 * How far the logs of a sandbox have come. While they are whole, that is a number of bytes; else
 * only the time of the last write is left, and a line at that time may be there twice or be missing.
 */
async function writtenTo(
  sandbox: string,
): Promise<{ readonly skip: Skip | undefined; readonly lastMs: number }> {
  const look = (name: string) => stat(join(sandbox, name)).catch(() => undefined);
  const [stdout, stderr] = await Promise.all([look("stdout"), look("stderr")]);
  const rotated = (await look("stdout.1")) !== undefined || (await look("stderr.1")) !== undefined;
  const skip = { stdout: stdout?.size ?? 0, stderr: stderr?.size ?? 0 };
  const whole = !rotated && skip.stdout + skip.stderr < ENGINE_BYTES;
  return {
    skip: whole ? skip : undefined,
    lastMs: Math.max(stdout?.mtimeMs ?? 0, stderr?.mtimeMs ?? 0),
  };
}
