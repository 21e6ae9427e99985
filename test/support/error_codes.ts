/** Which error codes the sources can throw: the first argument of every `new FairleadError`. */

import type { Tree } from "./architecture.ts";
import { isNode, lineOf, type Node, nameOf, parse, type Syntax, stringOf, walk } from "./syntax.ts";

/** The codes, each with one place that throws it, and the places whose code cannot be told. */
export interface ErrorCodes {
  readonly codes: ReadonlyMap<string, string>;
  readonly untold: readonly string[];
}

/**
 * Follow the codes of a tree: literals, either branch of a condition, what a function of the same
 * file returns, and a parameter back to the calls of its function.
 */
export function errorCodesOf(tree: Tree): ErrorCodes {
  const files = Object.entries(tree).map(([path, text]) => parse(path, text));
  const codes = new Map<string, string>();
  const untold: string[] = [];
  for (const file of files) {
    for (const { node } of walk(file.body)) {
      if (node.type !== "NewExpression" || nameOf(node.callee) !== "FairleadError") continue;
      const place = `${file.path}:${lineOf(file, node)}`;
      const found = resolve(argument(node, 0), file, files);
      if (found === undefined) untold.push(place);
      for (const code of found ?? []) codes.set(code, codes.get(code) ?? place);
    }
  }
  return { codes, untold };
}

function argument(call: Node, index: number): Node | undefined {
  const list = Array.isArray(call.arguments) ? call.arguments.filter(isNode) : [];
  return list[index];
}

/** The strings that an expression can be; `undefined` when that cannot be told. */
function resolve(
  node: Node | undefined,
  file: Syntax,
  files: readonly Syntax[],
): string[] | undefined {
  if (node === undefined) return undefined;
  const literal = stringOf(node);
  if (literal !== undefined) return [literal];
  if (node.type === "ConditionalExpression") {
    return join([node.consequent, node.alternate].filter(isNode), file, files);
  }
  if (node.type === "CallExpression") return join(returnsOf(node, file), file, files);
  if (node.type === "Identifier") return fromCalls(node, file, files);
  return undefined;
}

function join(
  nodes: readonly Node[],
  file: Syntax,
  files: readonly Syntax[],
): string[] | undefined {
  const parts = nodes.map((node) => resolve(node, file, files));
  if (parts.length === 0 || parts.some((part) => part === undefined)) return undefined;
  return parts.flatMap((part) => part ?? []);
}

/** What the function called here returns, when it is declared in the same file. */
function returnsOf(call: Node, file: Syntax): Node[] {
  const name = nameOf(call.callee);
  const declared = functionsOf(file).filter(
    (each) => name !== undefined && nameOf(each.id) === name,
  );
  const returns = [...walk(declared)].filter(({ node }) => node.type === "ReturnStatement");
  return returns.map(({ node }) => node.argument).filter(isNode);
}

/** A parameter: what all calls of its function hand in for it. */
function fromCalls(name: Node, file: Syntax, files: readonly Syntax[]): string[] | undefined {
  const holder = functionsOf(file).find(
    (each) => each.start < name.start && name.start < Number(each.end),
  );
  const parameters = Array.isArray(holder?.params) ? holder.params.filter(isNode) : [];
  const index = parameters.findIndex((each) => nameOf(each) === nameOf(name));
  if (holder === undefined || index < 0) return undefined;
  const parts = files.flatMap((each) =>
    [...walk(each.body)]
      .filter(({ node }) => node.type === "CallExpression")
      .filter(({ node }) => nameOf(node.callee) === nameOf(holder.id))
      .map(({ node }) => resolve(argument(node, index), each, files)),
  );
  if (parts.length === 0 || parts.some((part) => part === undefined)) return undefined;
  return parts.flatMap((part) => part ?? []);
}

function functionsOf(file: Syntax): Node[] {
  return [...walk(file.body)]
    .map(({ node }) => node)
    .filter((node) => node.type === "FunctionDeclaration");
}
