import { MemoryTree } from "fairlead/coordination";
import { storeConformance } from "./conformance.ts";

storeConformance("memory", async () => {
  const tree = new MemoryTree();
  return { connect: async () => tree.connect(), [Symbol.asyncDispose]: async () => {} };
});

storeConformance("memory with a simulated network", async () => {
  const tree = new MemoryTree();
  return {
    connect: async () => tree.connect({ sessionTimeoutMs: 10_000, latencyMs: { min: 0, max: 1 } }),
    [Symbol.asyncDispose]: async () => {},
  };
});
