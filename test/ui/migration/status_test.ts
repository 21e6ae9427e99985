import { readStatus } from "fairlead/ui";
import { expect, test } from "vitest";
import { STATUS } from "./support.ts";

test("readStatus() takes a status, and refuses what has another outline", () => {
  expect(readStatus(JSON.parse(JSON.stringify(STATUS)))).toEqual(STATUS);
  const refused = expect.objectContaining({ code: "invalid_answer" });
  for (const wrong of [null, "sync", [], { ...STATUS, acts: {} }, { ...STATUS, phase: 3 }]) {
    expect(() => readStatus(wrong)).toThrow(refused);
  }
});
