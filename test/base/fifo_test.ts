import { Fifo } from "fairlead/base";
import fc from "fast-check";
import { expect, test } from "vitest";

test("a Fifo gives back in order what was put in, as an array does", () => {
  const steps = fc.array(fc.boolean(), { maxLength: 5_000, size: "max" });
  fc.assert(
    fc.property(steps, (pushes) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const [index, isPush] of pushes.entries()) {
        if (isPush) {
          fifo.push(index);
          model.push(index);
        } else {
          expect(fifo.shift()).toBe(model.shift());
        }
        expect(fifo.size).toBe(model.length);
      }
    }),
    { numRuns: 30 },
  );
});

test("a Fifo holds undefined values too, and keeps its count while it is emptied", () => {
  const fifo = new Fifo<undefined>();
  fifo.push(undefined);
  expect(fifo.size).toBe(1);
  fifo.shift();
  expect(fifo.size).toBe(0);
  const long = new Fifo<number>();
  for (let value = 0; value < 10_000; value += 1) long.push(value);
  for (let value = 0; value < 10_000; value += 1) expect(long.shift()).toBe(value);
  expect(long.shift()).toBeUndefined();
});
