import { describe, expect, test } from "vitest";
import {
  describeWaitStatus,
  exitCodeOf,
  exitedWith,
  killedBy,
  signalOf,
} from "../../src/agent/wait_status.ts";

describe("wait status", () => {
  test("exitedWith() packs what exitCodeOf() reads, for every code", () => {
    for (let code = 0; code < 256; code += 1) {
      expect(exitCodeOf(exitedWith(code))).toBe(code);
      expect(signalOf(exitedWith(code))).toBeUndefined();
    }
  });

  test("killedBy() packs what signalOf() reads", () => {
    for (const name of ["SIGTERM", "SIGKILL", "SIGSEGV", "SIGXCPU"]) {
      expect(signalOf(killedBy(name))).toBe(name);
      expect(exitCodeOf(killedBy(name))).toBeUndefined();
    }
    expect(signalOf(killedBy("SIGWHATEVER"))).toBe("SIGKILL");
    expect(signalOf(64)).toBe("signal 64");
  });

  test("describeWaitStatus() says it in words", () => {
    expect(describeWaitStatus(exitedWith(0))).toBe("exited with status 0");
    expect(describeWaitStatus(exitedWith(127))).toBe("exited with status 127");
    expect(describeWaitStatus(killedBy("SIGKILL"))).toBe("terminated with signal Killed");
    expect(describeWaitStatus(killedBy("SIGABRT") | 0x80)).toBe(
      "terminated with signal Aborted (core dumped)",
    );
    expect(describeWaitStatus(64)).toBe("terminated with signal 64");
  });
});
