/** The rules for commands and their environment. */
import type { CommandInfo, Environment, Secret } from "../../model/mod.ts";
import type { Fault } from "./types.ts";

type Variable = NonNullable<Environment["variables"]>[number];

/** What is wrong with a command. */
export function faultOfCommand(command: CommandInfo): Fault {
  for (const variable of command.environment?.variables ?? []) {
    const fault = faultOfVariable(variable);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfVariable({ name, type = "VALUE", value, secret }: Variable): Fault {
  if (type === "UNKNOWN") return "Environment variable of type 'UNKNOWN' is not allowed";
  const variable = `Environment variable '${name}' of type '${type}'`;
  if (type === "VALUE") {
    if (value === undefined) return `${variable} must have a value set`;
    return secret === undefined ? undefined : `${variable} must not have a secret set`;
  }
  if (secret === undefined) return `${variable} must have a secret set`;
  if (value !== undefined) return `${variable} must not have a value set`;
  const fault = faultOfSecret(secret);
  if (fault !== undefined) {
    return `Environment variable '${name}' specifies an invalid secret: ${fault}`;
  }
  if (secret.value !== undefined && holdsNull(secret.value.data)) {
    return (
      `Environment variable '${name}' specifies a secret containing null bytes, which is not ` +
      "allowed in the environment"
    );
  }
  return undefined;
}

/** What is wrong with a secret; its value never stands in the answer. */
export function faultOfSecret({ type, reference, value }: Secret): Fault {
  if (type === "REFERENCE") {
    if (reference === undefined) {
      return "Secret of type REFERENCE must have the 'reference' field set";
    }
    if (value === undefined) return undefined;
    return `Secret '${reference.name}' of type REFERENCE must not have the 'value' field set`;
  }
  if (type === "VALUE") {
    if (value === undefined) return "Secret of type VALUE must have the 'value' field set";
    if (reference === undefined) return undefined;
    return "Secret of type VALUE must not have the 'reference' field set";
  }
  return undefined;
}

function holdsNull(base64: string): boolean {
  return atob(base64.replaceAll("-", "+").replaceAll("_", "/")).includes("\0");
}
