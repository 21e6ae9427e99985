/** What this host offers to containers: programs, rights, cgroups. Looked at once. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CgroupLayout, type CgroupProbe, probeCgroups } from "./cgroups/layout.ts";

/** A host as containerizers see it. */
export interface Host {
  /** This process' user. */
  readonly uid: number;
  /** May it raise hard limits? */
  readonly mayRaiseLimits: boolean;
  readonly cgroups: CgroupLayout;
  /** The shell that prepares containers, and what it adds to an environment by itself. */
  readonly shell: { readonly path: string; readonly leaks: readonly string[] };
  /** Absolute path of a program of the system; undefined when it is not there. */
  program(name: string): string | undefined;
}

const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** CAP_SYS_RESOURCE's bit. */
const SYS_RESOURCE = 24n;

/** Look at this host. */
export async function probeHost(options: { readonly cgroups?: CgroupProbe } = {}): Promise<Host> {
  const programs = new Map<string, string | undefined>();
  const program = (name: string) => {
    if (!programs.has(name)) programs.set(name, find(name));
    return programs.get(name);
  };
  return {
    uid: process.getuid?.() ?? 0,
    mayRaiseLimits: hasCapability(SYS_RESOURCE),
    cgroups: await probeCgroups(options.cgroups),
    shell: probeShell(program("dash") ?? "/bin/sh", program("env") ?? "/usr/bin/env"),
    program,
  };
}

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
}

/** Can this process execute it? */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Variables that the shell makes for the programs it becomes, after it was told to forget them. */
function probeShell(path: string, env: string): Host["shell"] {
  const script = `unset PWD OLDPWD SHLVL; exec ${env}`;
  const { stdout } = spawnSync(path, ["-c", script], { env: {}, encoding: "utf8", timeout: 5_000 });
  const names = (stdout ?? "").split("\n").map((line) => line.split("=")[0] ?? "");
  return { path, leaks: names.filter((name) => name !== "") };
}

function hasCapability(bit: bigint): boolean {
  try {
    const [, bits = "0"] =
      /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return ((BigInt(`0x${bits}`) >> bit) & 1n) === 1n;
  } catch {
    return false;
  }
}
