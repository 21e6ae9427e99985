import { describe, expect, test } from "vitest";
import { Allocator } from "../../src/allocator/mod.ts";
import { SeededRandom } from "../../src/base/mod.ts";
import { randomSequence } from "./sequences.ts";
import { play } from "./world.ts";

/** An allocator that is saved and restored, with the other kernel, before every run. */
function resumed(options: ConstructorParameters<typeof Allocator>[0] = {}) {
  let allocator = new Allocator(options);
  let kernel: "wasm" | "typed" = "wasm";
  return new Proxy(allocator, {
    get(_, name) {
      if (name === "run") {
        kernel = kernel === "wasm" ? "typed" : "wasm";
        const { clock } = options;
        allocator = Allocator.restore(allocator.snapshot(), { ...(clock && { clock }), kernel });
      }
      const member: unknown = Reflect.get(allocator, name);
      return typeof member === "function" ? member.bind(allocator) : member;
    },
  });
}

describe("Allocator.restore()", () => {
  test("goes on as if nothing had happened, whatever the kernel", () => {
    let offers = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const sequence = randomSequence(new SeededRandom(seed), 80);
      offers += play(
        [
          { name: "kept", make: (options) => new Allocator(options) },
          { name: "resumed", make: (options) => resumed(options) },
        ],
        sequence,
      );
    }
    expect(offers).toBeGreaterThan(100);
  });

  test("gives back the same bytes", () => {
    const allocator = new Allocator({ seed: 3 });
    allocator.addAgent({ id: "a", resources: "cpus:4;mem:512;ports:[1-9]" });
    allocator.addFramework({ id: "f", roles: ["eng/web"] });
    allocator.setQuota("eng", { limits: "cpus:2" });
    allocator.run();
    const bytes = allocator.snapshot();
    expect(Allocator.restore(bytes).snapshot()).toEqual(bytes);
  });

  test.each([
    ["nothing", (bytes: Uint8Array) => bytes.subarray(0, 0)],
    ["a cut end", (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ["a changed byte", (bytes: Uint8Array) => bytes.map((byte, i) => (i === 99 ? byte ^ 1 : byte))],
  ])("refuses %s", (_, damage) => {
    const bytes = new Allocator().snapshot();
    expect(() => Allocator.restore(damage(bytes))).toThrow(
      expect.objectContaining({ code: "snapshot_mismatch" }),
    );
  });
});
