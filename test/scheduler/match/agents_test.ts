import { expect, test } from "vitest";
import { agentFacts } from "../../../src/scheduler/mod.ts";
import { offerOf } from "../support/offers.ts";

test("agentFacts() reads the host name, every kind of attribute and the fault domain", () => {
  const offer = {
    ...offerOf("o1", "a1"),
    domain: { fault_domain: { region: { name: "eu" }, zone: { name: "eu-1" } } },
    attributes: [
      { name: "rack", type: "TEXT" as const, text: { value: "r1" } },
      { name: "generation", type: "SCALAR" as const, scalar: { value: 3.5 } },
      { name: "slots", type: "RANGES" as const, ranges: { range: [{ begin: 1, end: 3 }] } },
      { name: "tags", type: "SET" as const, set: { item: ["a", "b"] } },
      { name: "empty", type: "TEXT" as const },
    ],
  };
  expect(agentFacts(offer)).toEqual({
    agentId: "a1",
    hostname: "a1.example",
    attributes: {
      rack: "r1",
      generation: 3.5,
      slots: "[1-3]",
      tags: "{a,b}",
      "@region": "eu",
      "@zone": "eu-1",
    },
  });
});
