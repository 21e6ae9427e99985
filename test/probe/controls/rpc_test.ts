import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ControlCall } from "../../../src/probe/controls/call.ts";
import { ControlRpc } from "../../../src/probe/controls/rpc.ts";

const HEADER = JSON.stringify({
  Request: { Seq: 3, ServiceMethod: "control.Handle" },
  Response: null,
  Value: null,
});
const framed = (value: unknown) => JSON.stringify({ Request: null, Response: null, Value: value });
const STOP = framed({ AppID: "", NodeID: "c;<container>", Control: "stop", ControlArgs: null });

function open() {
  const calls: ControlCall[] = [];
  const frames: unknown[] = [];
  const call = async (each: ControlCall) => {
    calls.push(each);
    return { pipe: "p" };
  };
  const rpc = new ControlRpc({ call, send: (frame) => frames.push(JSON.parse(frame)) });
  return { rpc, calls, frames };
}

describe("ControlRpc", () => {
  test("reads two frames and answers with two, as Scope's probe does", async () => {
    const { rpc, calls, frames } = open();
    rpc.take(HEADER);
    rpc.take(STOP);
    await Promise.resolve();
    expect(calls).toEqual([{ appId: "", nodeId: "c;<container>", control: "stop", args: {} }]);
    await expect
      .poll(() => frames)
      .toEqual([
        {
          Request: null,
          Response: { Seq: 3, ServiceMethod: "control.Handle", Error: "" },
          Value: null,
        },
        { Request: null, Response: null, Value: { pipe: "p" } },
      ]);
  });

  test("says that it has no other method", () => {
    const { rpc, calls, frames } = open();
    rpc.take(JSON.stringify({ Request: { Seq: 0, ServiceMethod: "os.Exec" } }));
    rpc.take(STOP);
    expect(frames[0]).toMatchObject({ Response: { Error: "rpc: can't find method os.Exec" } });
    expect(calls).toEqual([]);
  });

  test("refuses more than 64 calls at once", async () => {
    const frames: string[] = [];
    const call = () => new Promise<never>(() => {});
    const rpc = new ControlRpc({ call, send: (frame) => frames.push(frame) });
    for (let at = 0; at < 65; at += 1) {
      rpc.take(HEADER);
      rpc.take(STOP);
    }
    await expect.poll(() => frames.join("")).toContain("64 calls are under way");
  });

  test("runs nothing for frames that are none, whatever they hold", () => {
    const bad = [
      "",
      "[]",
      "null",
      framed(null),
      framed({ NodeID: 7, Control: "stop" }),
      framed({ NodeID: "c", Control: "stop", ControlArgs: { a: 1 } }),
      framed({ NodeID: "x".repeat(100_000), Control: "stop" }),
      framed({
        NodeID: "c",
        Control: "stop",
        ControlArgs: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, ""])),
      }),
    ];
    const frame = fc.oneof(fc.constantFrom(...bad), fc.string(), fc.json());
    fc.assert(
      fc.property(frame, (text) => {
        const { rpc, calls, frames } = open();
        rpc.take(HEADER);
        expect(() => rpc.take(text)).toThrow(expect.objectContaining({ code: "invalid_control" }));
        expect([calls, frames]).toEqual([[], []]);
      }),
      { numRuns: 2_000 },
    );
  });
});
