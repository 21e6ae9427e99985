/** Shells: on the host, and inside containers of crun and runc. */
import { FairleadError } from "../../../base/mod.ts";
import type { ControlAnswer, ControlCall, ControlContext } from "../../controls/call.ts";
import type { ControlEntry } from "../../controls/registry.ts";
import { idOf, sizeOf } from "./arguments.ts";
import { type TerminalEnd, terminalEnd } from "./ends.ts";

/** Options of {@linkcode shellControls}. */
export interface ShellOptions {
  readonly hostId: string;
  /** How to get into a container: program and words; undefined for one that is not known. */
  enter(containerId: string): readonly [program: string, ...words: string[]] | undefined;
}

const HOST_EXEC = "host_exec";
const HOST_RESIZE = "host_resize_exec_tty";
const OCI_EXEC = "oci_exec_container";
const OCI_RESIZE = "oci_resize_exec_tty";

/** The control of containers of crun and runc. */
export const OCI_CONTROLS: readonly string[] = [OCI_EXEC];
/** The control of the host itself. */
export const HOST_CONTROLS: readonly string[] = [HOST_EXEC];

/** A root shell, as Scope offers it: whoever may use it owns this host. */
export function shellControls({ hostId, enter }: ShellOptions): readonly ControlEntry[] {
  const terminals = new Map<string, TerminalEnd>();
  return [
    {
      id: HOST_EXEC,
      control: { human: "Exec shell", icon: "fa fa-terminal", rank: 1 },
      handler: async (call, context) => {
        if (idOf(call, "host") !== hostId) throw elsewhere(call);
        const shell = process.env.SHELL ?? "/bin/sh";
        return await show(terminals, terminalEnd(shell, ["-l"]), HOST_RESIZE, context);
      },
    },
    {
      id: OCI_EXEC,
      control: { human: "Exec shell", icon: "fa fa-terminal", rank: 2 },
      handler: async (call, context) => {
        const [program, ...words] = enter(idOf(call, "container")) ?? [];
        if (program === undefined) throw elsewhere(call);
        return await show(terminals, terminalEnd(program, words), OCI_RESIZE, context);
      },
    },
    { id: HOST_RESIZE, allowedWith: HOST_EXEC, handler: async (call) => resize(terminals, call) },
    { id: OCI_RESIZE, allowedWith: OCI_EXEC, handler: async (call) => resize(terminals, call) },
  ];
}

async function show(
  terminals: Map<string, TerminalEnd>,
  end: TerminalEnd,
  resizeControl: string,
  context: ControlContext,
): Promise<ControlAnswer> {
  const pipe = await context.openPipe(end);
  terminals.set(pipe, end);
  end.onEnd(() => terminals.delete(pipe));
  return { pipe, raw_tty: true, resize_tty_control: resizeControl };
}

function resize(terminals: ReadonlyMap<string, TerminalEnd>, call: ControlCall): ControlAnswer {
  const end = terminals.get(call.args.pipeID ?? "");
  if (end === undefined) {
    throw new FairleadError("invalid_control", "Cannot resize: pipeID is no terminal that is open");
  }
  end.resize(sizeOf(call));
  return {};
}

function elsewhere({ nodeId }: ControlCall): FairleadError {
  return new FairleadError("invalid_control", `Cannot open a shell: ${nodeId} is not of this host`);
}
