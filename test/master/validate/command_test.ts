import { describe, expect, test } from "vitest";
import { faultOfCommand, faultOfSecret } from "../../../src/master/validate/command.ts";
import type { Environment, Secret } from "../../../src/model/mod.ts";

type Variable = NonNullable<Environment["variables"]>[number];

function faultOf(variable: Variable): string | undefined {
  return faultOfCommand({ value: "true", environment: { variables: [variable] } });
}

const value = { data: btoa("hunter2") };

describe("faultOfCommand()", () => {
  test.each<Variable>([
    { name: "A", value: "" },
    { name: "A", type: "VALUE", value: "1" },
    { name: "A", type: "SECRET", secret: { type: "REFERENCE", reference: { name: "s" } } },
    { name: "A", type: "SECRET", secret: { type: "VALUE", value } },
  ])("takes %j", (variable) => {
    expect(faultOf(variable)).toBeUndefined();
  });

  test.each<[Variable, string]>([
    [{ name: "A" }, "Environment variable 'A' of type 'VALUE' must have a value set"],
    [
      { name: "A", value: "1", secret: {} },
      "Environment variable 'A' of type 'VALUE' must not have a secret set",
    ],
    [
      { name: "A", type: "SECRET" },
      "Environment variable 'A' of type 'SECRET' must have a secret set",
    ],
    [
      { name: "A", type: "SECRET", secret: {}, value: "1" },
      "Environment variable 'A' of type 'SECRET' must not have a value set",
    ],
    [
      { name: "A", type: "SECRET", secret: { type: "VALUE" } },
      "Environment variable 'A' specifies an invalid secret: Secret of type VALUE must have the " +
        "'value' field set",
    ],
    [
      { name: "A", type: "SECRET", secret: { type: "VALUE", value: { data: btoa("a\0b") } } },
      "Environment variable 'A' specifies a secret containing null bytes, which is not allowed in " +
        "the environment",
    ],
    [{ name: "A", type: "UNKNOWN" }, "Environment variable of type 'UNKNOWN' is not allowed"],
  ])("refuses %j", (variable, message) => {
    expect(faultOf(variable)).toBe(message);
  });
});

describe("faultOfSecret()", () => {
  test.each<[Secret, string | undefined]>([
    [{}, undefined],
    [{ type: "UNKNOWN" }, undefined],
    [{ type: "REFERENCE" }, "Secret of type REFERENCE must have the 'reference' field set"],
    [
      { type: "REFERENCE", reference: { name: "s" }, value },
      "Secret 's' of type REFERENCE must not have the 'value' field set",
    ],
    [
      { type: "VALUE", value, reference: { name: "s" } },
      "Secret of type VALUE must not have the 'reference' field set",
    ],
  ])("%j", (secret, message) => {
    expect(faultOfSecret(secret)).toBe(message);
  });

  test("never tells the value", () => {
    const faults = [
      faultOfSecret({ type: "REFERENCE", reference: { name: "s" }, value }),
      faultOf({ name: "A", type: "VALUE", secret: { type: "VALUE", value } }),
      faultOf({ name: "A", type: "VALUE", value: "hunter2", secret: {} }),
      faultOf({ name: "A", type: "SECRET", secret: { type: "REFERENCE", value } }),
    ];
    expect(faults.every((fault) => fault !== undefined)).toBe(true);
    expect(faults.join()).not.toMatch(new RegExp(`hunter2|${value.data}`));
  });
});
