/** Where a line goes for everything that somebody does to what is watched. */
export type Audit = (line: AuditLine) => void;

/** Who did what to what, and how it ended. */
export interface AuditLine {
  readonly act: "control" | "pipe_open" | "pipe_close";
  /** Nobody by name: no credentials are asked for. */
  readonly principal?: string;
  readonly peer?: string;
  readonly probeId?: string;
  readonly nodeId?: string;
  readonly control?: string;
  readonly pipe?: string;
  readonly outcome: string;
}
