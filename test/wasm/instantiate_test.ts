import { afterEach, describe, expect, test, vi } from "vitest";
import { decodeBase64, instantiate, provideModule } from "../../src/wasm/mod.ts";

/** (module (memory (export "memory") 1) (func (export "add") (param i32 i32) (result i32) …)) */
const ADDER = bytesToBase64([
  [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  [0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f],
  [0x03, 0x02, 0x01, 0x00],
  [0x05, 0x03, 0x01, 0x00, 0x01],
  [0x07, 0x10, 0x02, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00],
  [0x03, 0x61, 0x64, 0x64, 0x00, 0x00],
  [0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6a, 0x0b],
]);
const EMPTY = bytesToBase64([[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]]);
/** Another empty module, with a nameless custom section: what was compiled once is kept. */
const UNSEEN = bytesToBase64([[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00]]);

interface Adder {
  add(a: number, b: number): number;
}

afterEach(() => vi.unstubAllGlobals());

describe("instantiate()", () => {
  test("gives the module's memory and typed functions, at once", () => {
    const kernel = instantiate<Adder>(ADDER, ["add"]);
    expect(kernel.exports.add(2, 3)).toBe(5);
    expect(kernel.memory.buffer.byteLength).toBe(65_536);
  });

  test("gives every instance a memory of its own", () => {
    const [a, b] = [instantiate<Adder>(ADDER), instantiate<Adder>(ADDER)];
    new Uint8Array(a.memory.buffer)[9] = 1;
    expect(new Uint8Array(b.memory.buffer)[9]).toBe(0);
  });

  test("says wasm_unavailable for bytes that are no module, with the cause", () => {
    expect(() => instantiate("AAAA")).toThrow(
      expect.objectContaining({ code: "wasm_unavailable", cause: expect.anything() }),
    );
    expect(() => instantiate("not base64!")).toThrow(
      expect.objectContaining({ code: "wasm_unavailable" }),
    );
  });

  test("says wasm_unavailable when memory or a promised function is missing", () => {
    expect(() => instantiate(EMPTY)).toThrow(/exports no memory/);
    expect(() => instantiate<{ sub(): void }>(ADDER, ["sub"])).toThrow(/no function "sub"/);
  });

  test("says wasm_unavailable where the platform has no WebAssembly or forbids compiling", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(() => instantiate(ADDER)).toThrow(expect.objectContaining({ code: "wasm_unavailable" }));
    vi.stubGlobal("WebAssembly", {
      Module: class {
        constructor() {
          throw new EvalError("refused by the content security policy");
        }
      },
    });
    expect(() => instantiate(UNSEEN)).toThrow(
      expect.objectContaining({
        code: "wasm_unavailable",
        message: expect.stringContaining("content security policy"),
        cause: expect.any(EvalError),
      }),
    );
  });

  test("compiles after a refusal, where compiling is allowed again", () => {
    expect(() => instantiate(UNSEEN)).toThrow(/exports no memory/);
  });
});

describe("decodeBase64()", () => {
  test("decodes with and without the engine's own decoder", () => {
    expect([...decodeBase64("AQID/w==")]).toEqual([1, 2, 3, 255]);
    vi.stubGlobal(
      "Uint8Array",
      class extends Uint8Array {
        static fromBase64 = () => new Uint8Array([42]);
      },
    );
    expect([...decodeBase64("AQID/w==")]).toEqual([42]);
  });
});

function bytesToBase64(parts: readonly number[][]): string {
  return btoa(String.fromCharCode(...parts.flat()));
}

describe("provideModule()", () => {
  test("stands for bytes that are never compiled", () => {
    const module = new WebAssembly.Module(decodeBase64(ADDER));
    expect(() => instantiate<Adder>("handed in")).toThrow();
    provideModule("handed in", module);
    expect(instantiate<Adder>("handed in", ["add"]).exports.add(20, 22)).toBe(42);
  });
});
