import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Arena } from "../../src/wasm/mod.ts";

describe("Arena", () => {
  test("leaves page 0 to the module and aligns columns to 64 bytes with a gap", () => {
    const { offsets, views, endByte } = new Arena()
      .u8("flags", 1)
      .f64("cpus", 8)
      .u32("ids", 3)
      .build();
    expect(offsets).toEqual({ flags: 65_536, cpus: 65_664, ids: 65_792 });
    expect(endByte).toBe(65_920);
    expect([views.flags.length, views.cpus.length, views.ids.length]).toEqual([1, 8, 3]);
    expect(views.cpus.byteOffset).toBe(offsets.cpus);
  });

  test("gives the same layout over a memory as over a plain buffer, and grows the memory", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const wasm = new Arena(memory).i32("a", 100_000).u64("b", 10).build();
    const plain = new Arena().i32("a", 100_000).u64("b", 10).build();
    expect(wasm.offsets).toEqual(plain.offsets);
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(wasm.endByte);
    expect(wasm.views.a.buffer).toBe(memory.buffer);
  });

  test("zeroes what an earlier layout left in the memory", () => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    new Arena(memory).i32("a", 4).build().views.a.fill(7);
    expect([...new Arena(memory).i32("b", 4).build().views.b]).toEqual([0, 0, 0, 0]);
  });

  test("leaves the bytes when it is asked to", () => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    new Arena(memory).i32("a", 4).build().views.a.fill(7);
    const { views } = new Arena(memory).i32("b", 4).build({ zeroed: false });
    expect([...views.b]).toEqual([7, 7, 7, 7]);
  });

  test("refresh() makes the views again after a growth and keeps the contents", () => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const first = new Arena(memory).f64("a", 2).build();
    first.views.a.set([1.5, 2.5]);
    const second = new Arena(memory, first.endByte).u8("b", 200_000).build();
    expect(first.views.a.length).toBe(0);
    expect([...first.refresh().a]).toEqual([1.5, 2.5]);
    expect([...first.views.a]).toEqual([1.5, 2.5]);
    expect(second.offsets.b).toBeGreaterThanOrEqual(first.endByte);
  });

  test("refuses a length, a start or a name that cannot be, naming the field", () => {
    expect(() => new Arena().f64("cpus", -1)).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        details: expect.objectContaining({ field: "cpus" }),
      }),
    );
    expect(() => new Arena(undefined, 10)).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
    expect(() => new Arena().f64("a", 1).i32("a", 1)).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  });

  test("says when the memory cannot grow that far", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    expect(() => new Arena(memory).f64("a", 100_000).build()).toThrow(
      expect.objectContaining({ code: "memory_exhausted" }),
    );
  });

  test("never lets two columns overlap", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 12 }), (lengths) => {
        let arena = new Arena();
        lengths.forEach((length, i) => {
          arena = i % 2 === 0 ? arena.f64(`c${i}`, length) : arena.u8(`c${i}`, length);
        });
        const views = Object.values(arena.build().views) as Uint8Array[];
        for (let i = 1; i < views.length; i++) {
          const before = views[i - 1]!;
          expect(views[i]!.byteOffset % 64).toBe(0);
          expect(views[i]!.byteOffset).toBeGreaterThanOrEqual(
            before.byteOffset + before.byteLength + 64,
          );
        }
      }),
    );
  });
});
