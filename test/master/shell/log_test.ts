import { expect, test } from "vitest";
import { MasterLog } from "../../../src/master/shell/log.ts";

const clock = { nowMs: () => 0 };
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("MasterLog keeps a line an entry, with its time and its facts", () => {
  const log = new MasterLog(clock);
  log.write({ level: "info", message: "Elected", details: { id: "m1", agents: 3 } });
  log.write({ level: "debug", message: "left out" });
  log.write({ level: "error", message: "two\nlines\u001b[31m" });
  expect(textOf(log.read(0, 1_000))).toBe(
    "1970-01-01T00:00:00.000Z INFO Elected id=m1 agents=3\n" +
      "1970-01-01T00:00:00.000Z ERROR two lines [31m\n",
  );
});

test("MasterLog forgets its beginning, and keeps positions", () => {
  const log = new MasterLog(clock, 200);
  for (let line = 0; line < 100; line += 1) log.write({ level: "info", message: `line ${line}` });
  const size = log.sizeBytes;
  expect(size).toBeGreaterThan(3_000);
  expect(textOf(log.read(size - 8, 100))).toBe("line 99\n");
  expect(textOf(log.read(size - 8, 4))).toBe("line");
  expect(log.read(0, 10_000).length).toBeLessThanOrEqual(200);
  expect(log.read(size + 5, 10).length).toBe(0);
});
