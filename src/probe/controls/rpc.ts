/** Scope's calls over a WebSocket: Go's net/rpc in JSON, two frames a message. */
import * as z from "zod/mini";
import { FairleadError } from "../../base/mod.ts";
import type { ControlAnswer, ControlCall } from "./call.ts";

const METHOD = "control.Handle";
/** Calls that are under way at once; more are refused. */
const CALLS_MAX = 64;
const ARGS_MAX = 64;
const TEXT_MAX = 65_536;

function build() {
  const text = z.string().check(z.maxLength(TEXT_MAX));
  return {
    Header: z.object({
      Request: z.object({ Seq: z.int(), ServiceMethod: text }),
    }),
    Value: z.object({
      Value: z.object({
        AppID: z.optional(z.nullable(text)),
        NodeID: text,
        Control: text,
        ControlArgs: z.optional(
          z.nullable(
            z
              .record(text, text)
              .check(z.refine((args) => Object.keys(args).length <= ARGS_MAX, "too many")),
          ),
        ),
      }),
    }),
  };
}
let built: ReturnType<typeof build> | undefined;

/** Options of {@linkcode ControlRpc}. */
export interface ControlRpcOptions {
  /** Does what is asked for; it never rejects. */
  call(call: ControlCall): Promise<ControlAnswer>;
  /** Send one frame. */
  send(frame: string): void;
}

type Request = z.output<ReturnType<typeof build>["Header"]>["Request"];

/** The probe's end: takes frames, runs calls side by side, answers each when it is done. */
export class ControlRpc {
  readonly #options: ControlRpcOptions;
  #header: Request | undefined;
  #underWay = 0;

  constructor(options: ControlRpcOptions) {
    this.#options = options;
  }

  /**
   * Take a frame.
   *
   * @throws {FairleadError} `invalid_control` when it is none; the connection is of no more use then.
   */
  take(frame: string): void {
    built ??= build();
    if (this.#header === undefined) {
      this.#header = read(built.Header, frame).Request;
      return;
    }
    const request = this.#header;
    this.#header = undefined;
    if (request.ServiceMethod !== METHOD) {
      this.#answer(request, {}, `rpc: can't find method ${request.ServiceMethod}`);
      return;
    }
    const { AppID, NodeID, Control, ControlArgs } = read(built.Value, frame).Value;
    const call = { appId: AppID ?? "", nodeId: NodeID, control: Control, args: ControlArgs ?? {} };
    void this.#run(request, call);
  }

  async #run(request: Request, call: ControlCall): Promise<void> {
    if (this.#underWay >= CALLS_MAX) {
      this.#answer(request, {
        error: `Cannot run ${call.control}: ${CALLS_MAX} calls are under way`,
      });
      return;
    }
    this.#underWay += 1;
    try {
      this.#answer(request, await this.#options.call(call));
    } finally {
      this.#underWay -= 1;
    }
  }

  #answer({ Seq, ServiceMethod }: Request, answer: ControlAnswer, error = ""): void {
    const header = { Request: null, Response: { Seq, ServiceMethod, Error: error }, Value: null };
    this.#options.send(JSON.stringify(header));
    this.#options.send(JSON.stringify({ Request: null, Response: null, Value: answer }));
  }
}

function read<T extends z.ZodMiniType>(kind: T, frame: string): z.output<T> {
  const parsed = z.safeParse(kind, json(frame));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new FairleadError("invalid_control", `Cannot read a call: ${where} is ${issue?.message}`);
}

function json(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch (cause) {
    throw new FairleadError("invalid_control", "Cannot read a call: it is no JSON", { cause });
  }
}
