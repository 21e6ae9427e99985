/** TypeScript sources as trees: what the checks of this repository's own shape read. */

import { parseSync } from "oxc-parser";

/** A node of the tree, as far as these checks look into it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/** A file and what it says. */
export interface Syntax {
  readonly path: string;
  readonly text: string;
  readonly body: readonly Node[];
  readonly comments: readonly { readonly value: string; readonly start: number }[];
}

/** Parse one file. @throws when it is not TypeScript */
export function parse(path: string, text: string): Syntax {
  const { program, comments, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`Cannot parse ${path}: ${errors[0].message}`);
  const body: readonly unknown[] = program.body;
  return { path, text, body: body.filter(isNode), comments };
}

/** Every node of the tree with the one that holds it and the field it stands in, parents first. */
export function* walk(
  nodes: readonly Node[],
  parent?: Node,
  field = "",
): Generator<{ node: Node; parent: Node | undefined; field: string }> {
  for (const node of nodes) {
    yield { node, parent, field };
    for (const [name, value] of Object.entries(node)) {
      if (isNode(value)) yield* walk([value], node, name);
      else if (Array.isArray(value)) yield* walk(value.filter(isNode), node, name);
    }
  }
}

/** Is it a node of the tree? */
export function isNode(value: unknown): value is Node {
  if (typeof value !== "object" || value === null) return false;
  return "type" in value && typeof value.type === "string" && "start" in value;
}

/** The text of a string literal, or `undefined` for anything else. */
export function stringOf(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== "Literal") return undefined;
  return typeof node.value === "string" ? node.value : undefined;
}

/** The name of an identifier, or `undefined` for anything else. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== "Identifier") return undefined;
  return typeof node.name === "string" ? node.name : undefined;
}

/** The line of a node, from 1. */
export function lineOf(syntax: Syntax, node: Node): number {
  return syntax.text.slice(0, node.start).split("\n").length;
}

/** An import or re-export, static or dynamic, of values or of types. */
export interface Import {
  readonly specifier: string;
  readonly isType: boolean;
  readonly node: Node;
}

/** All imports and re-exports of a file. */
export function importsOf(syntax: Syntax): Import[] {
  const imports: Import[] = [];
  for (const { node } of walk(syntax.body)) {
    const specifier = stringOf(node.source) ?? stringOf(node.argument);
    if (specifier === undefined) continue;
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) {
      imports.push({ specifier, isType: isTypeOnly(node), node });
    }
    if (node.type === "ImportExpression") imports.push({ specifier, isType: false, node });
    if (node.type === "TSImportType") imports.push({ specifier, isType: true, node });
  }
  return imports;
}

function isTypeOnly(node: Node): boolean {
  if (node.importKind === "type" || node.exportKind === "type") return true;
  const names = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : [];
  const isType = (each: Node) => each.importKind === "type" || each.exportKind === "type";
  return names.length > 0 && names.every(isType);
}
