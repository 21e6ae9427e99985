/** Controls of an engine's containers. */
import { FairleadError } from "../../../base/mod.ts";
import type { ControlAnswer, ControlCall, ControlContext, PipeEnd } from "../../controls/call.ts";
import type { ControlEntry } from "../../controls/registry.ts";
import type { ContainerState } from "../../reporters/containers.ts";
import { readEngine } from "../docker/answers.ts";
import type { ContainerEngine } from "../docker/engine.ts";
import { idOf, sizeOf } from "./arguments.ts";
import { streamEnd } from "./ends.ts";

const STOP_SECONDS = 10;
/** An engine answers a stop when the container has ended. */
const STOP_MS_MAX = (STOP_SECONDS + 20) * 1_000;
const LOG_LINES = 200;
const EXEC_RESIZE = "docker_resize_exec_tty";
const EXEC = "docker_exec_container";

/** The controls of a container in a state: those that make sense then. */
export function dockerControlsOf(state: ContainerState): readonly string[] {
  if (state === "running") {
    return [
      "docker_attach_container",
      EXEC,
      "docker_logs_container",
      "docker_restart_container",
      "docker_stop_container",
      "docker_kill_container",
      "docker_pause_container",
    ];
  }
  if (state === "paused") return ["docker_unpause_container"];
  if (state === "deleted" || state === "removing") return [];
  return ["docker_start_container", "docker_logs_container", "docker_remove_container"];
}

/** What may be done with an engine's containers. */
export function dockerControls(engine: ContainerEngine): readonly ControlEntry[] {
  const terminals = new Map<string, string>();
  const post = (act: string, query = {}) => {
    return async (call: ControlCall): Promise<ControlAnswer> => {
      const path = `/containers/${idOf(call, "container")}/${act}`;
      await engine.json({ method: "POST", path, query, timeoutMs: STOP_MS_MAX });
      return {};
    };
  };
  return [
    entry("docker_attach_container", ["Attach", "fa fa-desktop", 1], (call, context) =>
      attach(engine, call, context),
    ),
    entry(EXEC, ["Exec shell", "fa fa-terminal", 2], (call, context) =>
      execute({ engine, terminals }, call, context),
    ),
    entry("docker_start_container", ["Start", "fa fa-play", 3], post("start")),
    entry(
      "docker_restart_container",
      ["Restart", "fa fa-redo", 4],
      post("restart", { t: STOP_SECONDS }),
    ),
    entry("docker_pause_container", ["Pause", "fa fa-pause", 5], post("pause")),
    entry("docker_unpause_container", ["Unpause", "fa fa-play", 6], post("unpause")),
    entry("docker_stop_container", ["Stop", "fa fa-stop", 7], post("stop", { t: STOP_SECONDS })),
    entry("docker_kill_container", ["Kill", "fa fa-bolt", 8], post("kill")),
    {
      id: "docker_remove_container",
      control: {
        human: "Remove",
        icon: "far fa-trash-alt",
        rank: 9,
        confirmation: "Are you sure you want to remove this container?",
      },
      handler: (call) => remove(engine, call),
    },
    entry("docker_logs_container", ["Logs", "fa fa-file-alt", 10], (call, context) =>
      logs(engine, call, context),
    ),
    { id: EXEC_RESIZE, allowedWith: EXEC, handler: (call) => resize({ engine, terminals }, call) },
  ];
}

function entry(
  id: string,
  [human, icon, rank]: readonly [string, string, number],
  handler: ControlEntry["handler"],
): ControlEntry {
  return { id, control: { human, icon, rank }, handler };
}

interface Terminals {
  readonly engine: ContainerEngine;
  /** Executions by the pipe that shows them. */
  readonly terminals: Map<string, string>;
}

async function remove(engine: ContainerEngine, call: ControlCall): Promise<ControlAnswer> {
  const path = `/containers/${idOf(call, "container")}`;
  await engine.json({ method: "DELETE", path, timeoutMs: STOP_MS_MAX });
  return { removedNode: call.nodeId };
}

async function execute(
  { engine, terminals }: Terminals,
  call: ControlCall,
  context: ControlContext,
): Promise<ControlAnswer> {
  const created = await engine.json({
    method: "POST",
    path: `/containers/${idOf(call, "container")}/exec`,
    body: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
      Env: ["TERM=xterm-256color"],
      Cmd: ["/bin/sh", "-l"],
    },
  });
  const { Id: id } = readEngine((a) => a.Created, created);
  const { socket, head } = await engine.upgrade({
    method: "POST",
    path: `/exec/${id}/start`,
    body: { Detach: false, Tty: true },
    timeoutMs: 0,
  });
  const end = streamEnd(socket, head, false);
  const pipe = await context.openPipe(end);
  terminals.set(pipe, id);
  end.onEnd(() => terminals.delete(pipe));
  return { pipe, raw_tty: true, resize_tty_control: EXEC_RESIZE };
}

async function resize({ engine, terminals }: Terminals, call: ControlCall): Promise<ControlAnswer> {
  const id = terminals.get(call.args.pipeID ?? "");
  if (id === undefined) {
    throw new FairleadError("invalid_control", "Cannot resize: pipeID is no terminal that is open");
  }
  const { columns, rows } = sizeOf(call);
  const query = { h: rows, w: columns };
  await engine.json({ method: "POST", path: `/exec/${id}/resize`, query });
  return {};
}

async function hasTerminal(engine: ContainerEngine, id: string): Promise<boolean> {
  const answer = readEngine(
    (a) => a.Container,
    await engine.json({ path: `/containers/${id}/json` }),
  );
  return answer.Config?.Tty === true;
}

async function attach(
  engine: ContainerEngine,
  call: ControlCall,
  context: ControlContext,
): Promise<ControlAnswer> {
  const id = idOf(call, "container");
  const raw = await hasTerminal(engine, id);
  const { socket, head } = await engine.upgrade({
    method: "POST",
    path: `/containers/${id}/attach`,
    query: { stream: true, stdin: true, stdout: true, stderr: true, logs: false },
    timeoutMs: 0,
  });
  return { pipe: await context.openPipe(streamEnd(socket, head, !raw)), raw_tty: raw };
}

async function logs(
  engine: ContainerEngine,
  call: ControlCall,
  context: ControlContext,
): Promise<ControlAnswer> {
  const id = idOf(call, "container");
  const raw = await hasTerminal(engine, id);
  const answer = await engine.stream({
    path: `/containers/${id}/logs`,
    query: { follow: true, stdout: true, stderr: true, tail: LOG_LINES },
    timeoutMs: 0,
  });
  const end: PipeEnd = streamEnd(answer, new Uint8Array(), !raw);
  return { pipe: await context.openPipe({ ...end, write: () => {} }), raw_tty: raw };
}
