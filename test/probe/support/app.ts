/** A collector's end of controls and pipes, over real sockets, as Scope's app has it. */
import { json, type MessageSocket } from "../../../src/http/mod.ts";
import { serve } from "../../../src/http/node/mod.ts";

interface Answer {
  readonly response: {
    readonly Seq: number;
    readonly ServiceMethod: string;
    readonly Error: string;
  };
  readonly value: Readonly<Record<string, unknown>>;
}

/** A pipe, as the person at its other end has it. */
export interface OpenPipe {
  text(): string;
  send(text: string | Uint8Array): void;
  close(): void;
  readonly isClosed: () => boolean;
}

/** Serve one. */
export async function serveApp() {
  const pipes = new Map<string, OpenPipe>();
  const headers: Headers[] = [];
  const waiting = new Map<number, (answer: Answer) => void>();
  let control: MessageSocket | undefined;
  let sequence = 0;
  const server = await serve({
    handler: () => json(200, { id: "app" }),
    webSocket: {
      upgrade: (request) => {
        const { pathname } = new URL(request.url);
        headers.push(request.headers);
        const [, pipe] = /^\/api\/pipe\/([^/]+)\/probe$/.exec(pathname) ?? [];
        if (pipe !== undefined) return { accept: (socket) => void pipes.set(pipe, pipeOf(socket)) };
        if (pathname !== "/api/control/ws") return json(404, {});
        return {
          accept: (socket) => {
            control = socket;
            socket.onMessage(answering(waiting));
          },
        };
      },
    },
  });
  const frames = (...all: readonly unknown[]) => {
    for (const each of all) control?.send(typeof each === "string" ? each : JSON.stringify(each));
  };
  return {
    url: server.url.replace(/\/$/, ""),
    pipes,
    headers,
    frames,
    isConnected: () => control?.isOpen === true,
    drop: () => control?.terminate(),
    /** Use a control; gives the answer's value. */
    async call(nodeId: string, name: string, args: Record<string, string> | null = null) {
      const Seq = sequence++;
      const answered = new Promise<Answer>((resolve) => waiting.set(Seq, resolve));
      frames(
        { Request: { Seq, ServiceMethod: "control.Handle" }, Response: null, Value: null },
        {
          Request: null,
          Response: null,
          Value: { AppID: "app", NodeID: nodeId, Control: name, ControlArgs: args },
        },
      );
      return (await answered).value;
    },
    /** Use a method of another name; gives the error of the response. */
    async callMethod(ServiceMethod: string): Promise<string> {
      const Seq = sequence++;
      const answered = new Promise<Answer>((resolve) => waiting.set(Seq, resolve));
      frames({ Request: { Seq, ServiceMethod }, Response: null, Value: null }, { Value: {} });
      return (await answered).response.Error;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function answering(waiting: Map<number, (answer: Answer) => void>) {
  let response: Answer["response"] | undefined;
  return (message: Uint8Array | string): void => {
    const frame = JSON.parse(String(message));
    if (response === undefined) response = frame.Response;
    else {
      waiting.get(response.Seq)?.({ response, value: frame.Value });
      response = undefined;
    }
  };
}

function pipeOf(socket: MessageSocket): OpenPipe {
  let text = "";
  let isClosed = false;
  socket.onMessage((message) => {
    text += typeof message === "string" ? message : new TextDecoder().decode(message);
  });
  socket.onClose(() => {
    isClosed = true;
  });
  return {
    text: () => text,
    send: (message) => void socket.send(message),
    close: () => socket.close(),
    isClosed: () => isClosed,
  };
}
