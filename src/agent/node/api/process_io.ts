/** The streams of a session as records: what LAUNCH_NESTED_CONTAINER_SESSION and ATTACH_* carry. */
import { type FileHandle, open } from "node:fs/promises";
import { FairleadError } from "../../../base/mod.ts";
import { type EventStream, encodeRecord, eventStream, RecordIoReader } from "../../../http/mod.ts";
import { type AgentCall, type ProcessIO, readAgentCall } from "../../../model/mod.ts";
import type { ExecSession } from "../../containerizer.ts";

const RECORDIO_TYPE = "application/recordio";
/** How much output may wait for a reader; then the command waits. */
const BUFFER_BYTES_MAX = 1 * 2 ** 20;
const RECORD_BYTES_MAX = 1 * 2 ** 20;
const HEARTBEAT_MS = 30_000;
const TAIL_MS = 200;
const TAIL_BYTES = 64 * 1_024;

type Name = "STDOUT" | "STDERR";

function data(name: Name, bytes: Uint8Array): ProcessIO {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return { type: "DATA", data: { type: name, data: text } };
}

/** A response that carries a stream of ProcessIO. */
function outputStream(onClose: () => void, signal: AbortSignal): EventStream<ProcessIO> {
  return eventStream<ProcessIO>({
    encode: (message) => encodeRecord(JSON.stringify(message)),
    bufferBytesMax: 4 * BUFFER_BYTES_MAX,
    onClose,
    signal,
  });
}

function respond(stream: EventStream<ProcessIO>): Response {
  return stream.respond({
    "content-type": RECORDIO_TYPE,
    "message-content-type": "application/json",
  });
}

/** Answer with all that a session writes; the session ends when its reader goes. */
export function answerSession(session: ExecSession, signal: AbortSignal): Response {
  let timer: NodeJS.Timeout | undefined;
  const stream = outputStream(() => {
    clearInterval(timer);
    void session.signal("SIGKILL").catch(() => undefined);
  }, signal);
  timer = heartbeat(stream);
  const copies = [copy(session.stdout, "STDOUT", stream), copy(session.stderr, "STDERR", stream)];
  void Promise.allSettled([...copies, session.ended]).then(() => stream.close());
  return respond(stream);
}

function heartbeat(stream: EventStream<ProcessIO>): NodeJS.Timeout {
  return setInterval(() => {
    const interval = { nanoseconds: HEARTBEAT_MS * 1e6 };
    stream.push({ type: "CONTROL", control: { type: "HEARTBEAT", heartbeat: { interval } } });
  }, HEARTBEAT_MS);
}

async function copy(
  from: ReadableStream<Uint8Array>,
  name: Name,
  to: EventStream<ProcessIO>,
): Promise<void> {
  for await (const bytes of from) {
    if (!to.push(data(name, bytes))) return;
    // A slow reader slows the command down, it does not lose its output.
    while (to.bufferedBytes > BUFFER_BYTES_MAX && to.ended === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/**
 * Answer with what a container writes into its sandbox from now on, until it ends: what is written
 * behind the answer is in it.
 */
export async function answerTail(
  sandbox: string,
  ended: Promise<unknown>,
  signal: AbortSignal,
): Promise<Response> {
  const logs = await Promise.all(
    (["STDOUT", "STDERR"] as const).map((name) => openLog(sandbox, name)),
  );
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stream = outputStream(() => {
    clearInterval(timer);
    end.abort();
  }, signal);
  timer = heartbeat(stream);
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const tails = logs.map((log) => log && tail(log, stream, () => over));
  void Promise.allSettled(tails).then(() => stream.close());
  return respond(stream);
}

/** A file that grows, read up to its present end. */
interface Log {
  readonly name: Name;
  readonly path: string;
  readonly file: FileHandle;
  readonly size: number;
  readonly ino: number;
}

/** Undefined: there is none, as for a container whose output goes to a terminal. */
async function openLog(sandbox: string, name: Name): Promise<Log | undefined> {
  const path = `${sandbox}/${name.toLowerCase()}`;
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  const { size, ino } = await file.stat();
  return { name, path, file, size, ino };
}

async function tail(
  { name, path, ...log }: Log,
  to: EventStream<ProcessIO>,
  isOver: () => boolean,
): Promise<void> {
  let { file, size: offset, ino } = log;
  try {
    const buffer = Buffer.allocUnsafe(TAIL_BYTES);
    while (to.ended === undefined) {
      const wasOver = isOver();
      const { bytesRead } = await file.read(buffer, 0, TAIL_BYTES, offset);
      offset += bytesRead;
      if (bytesRead > 0) to.push(data(name, Uint8Array.from(buffer.subarray(0, bytesRead))));
      if (bytesRead === TAIL_BYTES && to.bufferedBytes < BUFFER_BYTES_MAX) continue;
      if (wasOver && bytesRead === 0) return;
      await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
      const next = await open(path, "r").catch(() => undefined);
      const { ino: nextIno } = (await next?.stat()) ?? { ino };
      if (next === undefined || nextIno === ino) await next?.close();
      else {
        // Rotated: the rest of the old file was read just now, unless it came in between.
        await file.close();
        file = next;
        ino = nextIno;
        offset = 0;
      }
    }
  } finally {
    await file.close();
  }
}

/**
 * Feed a request's stream of calls into a session: the first names the container, the others are
 * input, sizes of its terminal and signs of life.
 *
 * @throws {FairleadError} `invalid_call`, `invalid_record`, and what `find` throws.
 */
export async function attachInput(
  request: Request,
  find: (call: Extract<AgentCall, { type: "ATTACH_CONTAINER_INPUT" }>) => ExecSession,
): Promise<void> {
  if (request.body === null) throw invalid("there is no body");
  const reader = new RecordIoReader({ recordBytesMax: RECORD_BYTES_MAX });
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  let session: ExecSession | undefined;
  try {
    for await (const piece of request.body) {
      for (const record of reader.push(piece)) {
        const call = readCall(record);
        if (session === undefined || writer === undefined) {
          session = find(call);
          writer = session.stdin.getWriter();
        } else if (!(await feed(call, session, writer))) return;
      }
    }
  } finally {
    writer?.releaseLock();
  }
}

function readCall(record: Uint8Array): Extract<AgentCall, { type: "ATTACH_CONTAINER_INPUT" }> {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(record).toString());
  } catch (error) {
    throw invalid(FairleadError.from(error).message);
  }
  const call = readAgentCall(json);
  if (call.type !== "ATTACH_CONTAINER_INPUT") throw invalid(`${call.type} is no input`);
  return call;
}

/** Whether more input may come. */
async function feed(
  { attach_container_input: input }: Extract<AgentCall, { type: "ATTACH_CONTAINER_INPUT" }>,
  session: ExecSession,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<boolean> {
  if (input.type !== "PROCESS_IO") throw invalid("only the first call may name a container");
  const { process_io: io } = input;
  if (io.type === "CONTROL") {
    const { control } = io;
    if (control.type === "TTY_INFO" && control.tty_info.window_size !== undefined) {
      await session.resize(control.tty_info.window_size);
    }
    return true;
  }
  const bytes = Buffer.from(io.data.data ?? "", "base64");
  // No bytes: the end of the input.
  if (bytes.length === 0) {
    await writer.close();
    return false;
  }
  await writer.write(bytes);
  return true;
}

function invalid(message: string): FairleadError {
  return new FairleadError("invalid_call", `Cannot attach input: ${message}`);
}
