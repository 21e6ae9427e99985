import { FairleadError } from "../base/mod.ts";

/** The role of whoever has none; resources "reserved" to it are unreserved. */
export const ANY_ROLE = "*";

const FORBIDDEN = /[\s\p{Cc}]/u;

/**
 * Accept a role name, as Mesos does: `*`, or parts between single slashes ("eng/web"), each of them
 * neither empty, ".", ".." nor "*", without a leading "-", white space or control character.
 *
 * @throws {FairleadError} `invalid_role`; the message says which rule is broken.
 */
export function validateRole(role: string): void {
  if (role === ANY_ROLE) return;
  const fault = faultOf(role);
  if (fault === undefined) return;
  throw new FairleadError("invalid_role", `Cannot use role ${JSON.stringify(role)}: ${fault}`, {
    details: { role },
  });
}

/** Whether `child` lies strictly below `parent` in the tree of roles: "a/b" and "a/b/c" below "a". */
export function isRoleDescendant(child: string, parent: string): boolean {
  const { length } = parent;
  return child.length > length && child.charCodeAt(length) === SLASH && child.startsWith(parent);
}

/** The roles above a role, the top one first: "a" and "a/b" for "a/b/c"; none for a top role. */
export function roleAncestors(role: string): string[] {
  const ancestors: string[] = [];
  for (let end = role.indexOf("/"); end >= 0; end = role.indexOf("/", end + 1)) {
    ancestors.push(role.slice(0, end));
  }
  return ancestors;
}

const SLASH = 47;

function faultOf(role: string): string | undefined {
  if (role === "") return "it must not be empty";
  if (FORBIDDEN.test(role)) return "it must not hold white space or control characters";
  if (role.startsWith("/")) return "it must not start with a slash";
  if (role.endsWith("/")) return "it must not end with a slash";
  if (role.includes("//")) return "it must not hold two slashes in a row";
  for (const part of role.split("/")) {
    if (part === "." || part === "..") return `no part of it may be "${part}"`;
    if (part === ANY_ROLE) return 'no part of it may be "*"';
    if (part.startsWith("-")) return 'no part of it may start with "-"';
  }
  return undefined;
}
