import { define, FairleadConsole, FairleadTasks } from "fairlead/ui";
import { expect, test } from "vitest";
import { FairleadAgents } from "../../../src/ui/cluster/agents.ts";

// Without a browser Lit keeps a registry of its own, which is enough to define elements in.
test("define() makes an element known with those that it is made of, and no others", () => {
  define(FairleadAgents);
  expect(customElements.get("fairlead-agents")).toBe(FairleadAgents);
  expect(customElements.get("fairlead-table")).toBeDefined();
  expect(customElements.get("fairlead-act")).toBeDefined();
  expect(customElements.get("fairlead-tasks")).toBeUndefined();
});

test("define() twice is harmless", () => {
  define(FairleadAgents, FairleadTasks);
  define(FairleadConsole);
  define(FairleadConsole);
  expect(customElements.get("fairlead-tasks")).toBe(FairleadTasks);
});
