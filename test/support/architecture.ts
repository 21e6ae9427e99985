/**
 * The rules of docs/architecture.md as functions of a tree of sources: layers, doors, and what
 * decisions may not touch. Each gives sentences; no sentence, no fault.
 */

import { posix } from "node:path";
import { checkGlobals } from "./architecture_globals.ts";
import {
  type Import,
  importsOf,
  isNode,
  lineOf,
  type Node,
  parse,
  type Syntax,
  walk,
} from "./syntax.ts";

/** Paths from the repository's root (`src/base/mod.ts`) and their text. */
export type Tree = Readonly<Record<string, string>>;

/** Folders of src by layer: each may import those of lower layers only. */
export const LAYERS: readonly (readonly string[])[] = [
  ["base"],
  ["resources", "wasm"],
  ["model", "http", "zookeeper"],
  ["coordination", "allocator", "placement", "topology", "rollout", "protobuf"],
  ["migration", "master", "agent", "scheduler", "probe"],
  ["marathon"],
  ["sim"],
];

/** `ui` stands beside the layers: it takes types off the wire, and no code but that of `base`. */
const UI = "ui";
const UI_MAY_SEE = new Set(["model", "topology", "migration", "rollout"]);

/** Check a whole tree. */
export function check(tree: Tree): string[] {
  const files = Object.entries(tree)
    .filter(([path]) => path.startsWith("src/") && path.endsWith(".ts"))
    .map(([path, text]) => parse(path, text));
  const faults = files.flatMap((file) => [
    ...checkImports(file),
    ...checkDefaults(file),
    ...checkGlobals(file, isNodeFile(file.path)),
    ...(isDoor(file.path) ? checkDoor(file) : []),
  ]);
  return [...faults, ...checkFolders(tree), ...checkCycles(files)];
}

/** The folder of src that a file belongs to; "" for the root door. */
export function domainOf(path: string): string {
  const parts = path.split("/");
  return parts.length > 2 ? (parts[1] ?? "") : "";
}

function isDoor(path: string): boolean {
  return /^src\/([a-z_]+\/(node\/)?)?mod\.ts$/.test(path);
}

/** What may touch the platform: a file `node.ts`, or a folder `node` with a door of its own. */
export function isNodeFile(path: string): boolean {
  return posix.basename(path) === "node.ts" || path.split("/").includes("node");
}

function checkImports(file: Syntax): string[] {
  return importsOf(file).flatMap((each) => {
    const fault = each.specifier.startsWith(".") ? relative(file, each) : bare(file, each);
    return fault === undefined ? [] : [at(file, each.node, fault)];
  });
}

function bare(file: Syntax, { specifier }: Import): string | undefined {
  if (specifier.startsWith("node:") && !isNodeFile(file.path)) {
    return `imports ${specifier}: only node.ts and folders named node may`;
  }
  if (specifier === "fairlead" || specifier.startsWith("fairlead/")) {
    return `imports its own package by name (${specifier}): import the door's file`;
  }
  return undefined;
}

function relative(file: Syntax, { specifier, isType }: Import): string | undefined {
  if (!specifier.endsWith(".ts")) return `imports "${specifier}" without its .ts extension`;
  const target = posix.join(posix.dirname(file.path), specifier);
  if (!target.startsWith("src/")) return `imports ${target}, which is outside src`;
  const from = domainOf(file.path);
  const to = domainOf(target);
  if (isNodeFile(target) && !isNodeFile(file.path)) {
    return `imports ${target}: what touches the platform has an export of its own`;
  }
  if (from === to) return undefined;
  if (!isDoor(target) && target !== `src/${to}/node.ts`) {
    return `imports ${target} past its door src/${to}/mod.ts`;
  }
  if (from === "") return undefined;
  return crossing(from, to, isType);
}

function crossing(from: string, to: string, isType: boolean): string | undefined {
  if (from === UI) {
    if (to === "base") return undefined;
    if (UI_MAY_SEE.has(to) && isType) return undefined;
    return `imports ${to}: ui takes wire types only (${[...UI_MAY_SEE].join(", ")})`;
  }
  const [own, other] = [layerOf(from), layerOf(to)];
  if (other === -1 || other < own) return other === -1 ? `imports ${to}, no layer` : undefined;
  if (other === own) return `imports ${to}, which is of its own layer ${own}`;
  return `imports ${to} of layer ${other} from layer ${own}: only lower layers`;
}

function layerOf(domain: string): number {
  return LAYERS.findIndex((layer) => layer.includes(domain));
}

function checkDefaults(file: Syntax): string[] {
  return file.body
    .filter((node) => node.type === "ExportDefaultDeclaration")
    .map((node) => at(file, node, "has a default export: name it"));
}

/** A door opens with its `@module` comment and re-exports by name; the root may be empty. */
function checkDoor(file: Syntax): string[] {
  const faults = file.body
    .filter((node) => !isReExport(node))
    .map((node) => at(file, node, "does more than re-export names: it is a door"));
  const [first] = file.comments;
  const opens = first !== undefined && file.text.slice(0, first.start).trim() === "";
  if (!opens || !/^\*[\s\S]*@module\b/.test(first.value)) {
    faults.push(`${file.path}: does not open with a @module comment`);
  }
  return faults;
}

function isReExport(node: Node): boolean {
  return node.type === "ExportNamedDeclaration" && isNode(node.source);
}

/** Every folder of src stands in a layer and has a door. */
function checkFolders(tree: Tree): string[] {
  const domains = new Set(Object.keys(tree).filter(isSource).map(domainOf));
  domains.delete("");
  return [...domains].flatMap((domain) => [
    ...(layerOf(domain) === -1 && domain !== UI ? [`src/${domain}: stands in no layer`] : []),
    ...(tree[`src/${domain}/mod.ts`] === undefined ? [`src/${domain}: has no mod.ts`] : []),
  ]);
}

function isSource(path: string): boolean {
  return path.startsWith("src/") && path.endsWith(".ts");
}

/** Values that import each other in a ring: the order of loading would decide what they see. */
function checkCycles(files: readonly Syntax[]): string[] {
  const edges = new Map<string, string[]>();
  for (const file of files) {
    const targets = importsOf(file)
      .filter((each) => !each.isType && each.specifier.startsWith("."))
      .map((each) => posix.join(posix.dirname(file.path), each.specifier));
    edges.set(file.path, targets);
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path);
    if (seen >= 0) cycles.push([...trail.slice(seen), path].join(" → "));
    if (seen >= 0 || done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return cycles.map((cycle) => `imports in a ring: ${cycle}`);
}

/**
 * Sources without the test that mirrors them. A source needs one when functions or classes of it
 * leave through its folder's door; what they are made of inside is tested through them.
 */
export function checkMirrors(tree: Tree): string[] {
  return [...publicSources(tree)]
    .map((path) => [path, path.replace(/^src\//, "test/").replace(/\.ts$/, "_test.ts")] as const)
    .filter(([, mirror]) => tree[mirror] === undefined)
    .map(([path, mirror]) => `${path}: no test mirrors it (${mirror})`);
}

/** Files that a door of a folder takes values from. */
function publicSources(tree: Tree): Set<string> {
  const sources = new Set<string>();
  for (const [path, text] of Object.entries(tree)) {
    if (!isDoor(path) || path === "src/mod.ts") continue;
    for (const { specifier, isType } of importsOf(parse(path, text))) {
      const source = posix.join(posix.dirname(path), specifier);
      const code = tree[source];
      if (!isType && code !== undefined && hasBehaviour(parse(source, code))) sources.add(source);
    }
  }
  return sources;
}

/** Does the file hold a function, a class or a schema, and not only types and constants? */
function hasBehaviour(file: Syntax): boolean {
  const kinds = /^(FunctionDeclaration|ClassDeclaration|ArrowFunctionExpression|CallExpression)$/;
  for (const { node } of walk(file.body)) if (kinds.test(node.type)) return true;
  return false;
}

function at(file: Syntax, node: Node, fault: string): string {
  return `${file.path}:${lineOf(file, node)} ${fault}`;
}
