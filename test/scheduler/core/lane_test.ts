import fc from "fast-check";
import { expect, test } from "vitest";
import { Lane } from "../../../src/scheduler/core/lane.ts";

test("a Lane is a queue, whatever is put and taken at either end", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("push" as const), item: fc.integer() }),
      fc.record({ type: fc.constant("take" as const), count: fc.nat(5) }),
      fc.record({ type: fc.constant("back" as const), items: fc.array(fc.integer()) }),
      fc.record({ type: fc.constant("replace" as const), items: fc.array(fc.integer()) }),
    ),
  );
  fc.assert(
    fc.property(steps, (all) => {
      const lane = new Lane<number>();
      let model: number[] = [];
      for (const step of all) {
        if (step.type === "push") {
          lane.push(step.item);
          model.push(step.item);
        } else if (step.type === "take") {
          expect(lane.take(step.count)).toEqual(model.splice(0, step.count));
        } else if (step.type === "back") {
          lane.putBack(step.items);
          model = [...step.items, ...model];
        } else {
          lane.replace(step.items);
          model = [...step.items];
        }
        expect([...lane]).toEqual(model);
        expect(lane.size).toBe(model.length);
        expect(lane.at(1)).toBe(model[1]);
      }
    }),
  );
});
