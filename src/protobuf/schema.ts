/** The tables of `messages.ts` as types that protobufjs can encode and decode. */
import protobuf from "protobufjs/light.js";
import { ENUMS, MESSAGES } from "./messages.ts";

const FIELD = /^(\d+) (\w+):([*!]?)(?:map<([\w.]+)>|([\w.]+))$/;

let root: protobuf.Root | undefined;

/** A message type by its name in `mesos.v1`: "scheduler.Call". Built at the first use. */
export function messageType(name: string): protobuf.Type {
  root ??= buildRoot();
  return root.lookupType(`mesos.v1.${name}`);
}

function buildRoot(): protobuf.Root {
  const built = new protobuf.Root();
  const names = [...Object.keys(MESSAGES), ...Object.keys(ENUMS)];
  // An owner before what is nested in it.
  names.sort((a, b) => depthOf(a) - depthOf(b));
  for (const name of names) {
    const values = ENUMS[name];
    const [scope, own] = place(built, name);
    scope.add(
      values === undefined ? buildMessage(own, MESSAGES[name] ?? "") : buildEnum(own, values),
    );
  }
  built.resolveAll();
  return built;
}

function depthOf(name: string): number {
  return name.split(".").length;
}

/** The namespace that a name belongs into, and its last part. */
function place(built: protobuf.Root, name: string): [protobuf.NamespaceBase, string] {
  const path = ["mesos", "v1", ...name.split(".")];
  const own = path.pop() ?? name;
  const owner = built.lookup(path);
  return [owner instanceof protobuf.Namespace ? owner : built.define(path), own];
}

function buildMessage(own: string, fields: string): protobuf.Type {
  const type = new protobuf.Type(own);
  for (const text of fields === "" ? [] : fields.split(", ")) {
    const [, number, name = "", label, mapped, plain] = FIELD.exec(text) ?? [];
    if (mapped !== undefined) {
      type.add(new protobuf.MapField(name, Number(number), "string", typeName(mapped)));
      continue;
    }
    const rule = label === "*" ? "repeated" : label === "!" ? "required" : "optional";
    // proto2 does not pack repeated numbers.
    const field = new protobuf.Field(name, Number(number), typeName(plain ?? ""), rule);
    type.add(field);
  }
  return type;
}

/** Our tables name types from the package on; protobufjs wants a leading dot for that. */
function typeName(name: string): string {
  return /^[a-z0-9]+$/.test(name) ? name : `.mesos.v1.${name}`;
}

function buildEnum(own: string, values: string): protobuf.Enum {
  const pairs = values.split(", ").map((pair): [string, number] => {
    const [name = "", number = "0"] = pair.split("=");
    return [name, Number(number)];
  });
  return new protobuf.Enum(own, Object.fromEntries(pairs));
}
