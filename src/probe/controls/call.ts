/** A control that somebody uses, and what becomes of it. */

/** Who asks for what. */
export interface ControlCall {
  /** The collector's id, as it says; "" where it says none. */
  readonly appId: string;
  readonly nodeId: string;
  readonly control: string;
  readonly args: Readonly<Record<string, string>>;
}

/** What the caller is told; the keys are Scope's. */
export interface ControlAnswer {
  readonly value?: string;
  /** Why it was not done. */
  readonly error?: string;
  /** A pipe on which a terminal or a log is to be had. */
  readonly pipe?: string;
  readonly raw_tty?: boolean;
  /** The control that tells the terminal's size. */
  readonly resize_tty_control?: string;
  /** The node that is gone now. */
  readonly removedNode?: string;
}

/** What is at the probe's end of a pipe. */
export interface PipeEnd {
  /** Bytes that the person typed. */
  write(bytes: Uint8Array): void;
  /** Be told of bytes, from now on; `pause` and `resume` hold them back. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Be told once that there will be no more. */
  onEnd(listener: () => void): void;
  pause(): void;
  resume(): void;
  /** End it: the person closed the window. */
  close(): void;
}

/** What a control may do with who asked for it. */
export interface ControlContext {
  /**
   * Connect an end with the person who asked; it is closed when that fails.
   *
   * @returns The pipe's name, for the answer.
   */
  openPipe(end: PipeEnd): Promise<string>;
}

/** Does it. A rejection's message is the answer's `error`. */
export type ControlHandler = (call: ControlCall, context: ControlContext) => Promise<ControlAnswer>;
