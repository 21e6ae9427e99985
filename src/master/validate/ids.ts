/** The rules for ids that become names of folders. */
import { FairleadError } from "../../base/mod.ts";
import { validateRole } from "../../resources/mod.ts";
import type { Fault } from "./types.ts";

/** What a file system takes as one name. */
const ID_BYTES_MAX = 255;

/** From here on an id may pass the limit in UTF-8, where a character has up to 3 bytes a unit. */
const ID_SAFE_LENGTH = ID_BYTES_MAX / 3;

const FORBIDDEN = /[\p{Cc}/\\]/u;

const RESERVED_PARTS: ReadonlySet<string> = new Set([".", "..", "*"]);
const BLANK = /[\s\p{Cc}]/u;

/** What is wrong with the id of a task, executor, framework, agent or volume. */
export function faultOfId(id: string): Fault {
  if (id === "") return "ID must not be empty";
  if (id.length > ID_SAFE_LENGTH && new TextEncoder().encode(id).length > ID_BYTES_MAX) {
    return `ID must not be greater than ${ID_BYTES_MAX} characters`;
  }
  if (id === "." || id === "..") return `'${id}' is disallowed`;
  if (FORBIDDEN.test(id)) return `'${id}' contains invalid characters`;
  return undefined;
}

/** What is wrong with the name of a role, in Mesos' words; the rules are `validateRole`'s. */
export function faultOfRole(role: string): Fault {
  const fault = faultOf(() => validateRole(role));
  if (fault === undefined) return undefined;
  if (role === "") return "Role names cannot be the empty string";
  if (role.startsWith("/")) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith("/")) return `Role '${role}' cannot end with a slash`;
  if (role.includes("//")) return `Role '${role}' cannot contain two adjacent slashes`;
  for (const part of role.split("/")) {
    if (RESERVED_PARTS.has(part)) return `Role '${role}' cannot include '${part}' as a component`;
    if (part.startsWith("-")) {
      return `Role component '${part}' is invalid because it starts with a dash`;
    }
    if (BLANK.test(part)) {
      return `Role component '${part}' is invalid because it contains backspace or whitespace`;
    }
  }
  return fault;
}

/** The sentence of what an act throws; undefined when it throws nothing. */
export function faultOf(act: () => void): Fault {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return FairleadError.from(thrown).message;
  }
}
