import { describe, expect, test } from "vitest";
import { isTranslated, parseConntrack } from "../../../src/probe/proc/conntrack.ts";

const PLAIN =
  "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=40000 [ASSURED] mark=0 zone=0 use=2";
const REWRITTEN =
  "ipv4     2 tcp      6 86399 ESTABLISHED src=10.0.0.1 dst=192.0.2.2 sport=40001 dport=8080 packets=3 bytes=4 src=10.88.0.5 dst=10.0.0.1 sport=80 dport=40001 packets=1 bytes=2 [ASSURED] mark=0 use=1";
const OTHERS = [
  "ipv4     2 tcp      6 119 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 use=1",
  "ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=53 src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1 use=1",
  "ipv4     2 tcp      6 1 ESTABLISHED src=here dst=there sport=1 dport=2",
];

describe("parseConntrack()", () => {
  test("reads both directions of established TCP connections only", () => {
    const flows = parseConntrack([PLAIN, ...OTHERS, REWRITTEN, ""].join("\n"), 10);
    expect(flows).toHaveLength(2);
    expect(flows[0]).toEqual({
      original: {
        source: { ip: "10.0.0.1", port: 40_000 },
        destination: { ip: "10.0.0.2", port: 80 },
      },
      reply: {
        source: { ip: "10.0.0.2", port: 80 },
        destination: { ip: "10.0.0.1", port: 40_000 },
      },
    });
  });

  test("takes no more flows than it is allowed", () => {
    expect(parseConntrack([PLAIN, REWRITTEN].join("\n"), 1)).toHaveLength(1);
  });
});

describe("isTranslated()", () => {
  test("tells rewritten connections from others", () => {
    expect(parseConntrack(`${PLAIN}\n${REWRITTEN}`, 10).map(isTranslated)).toEqual([false, true]);
  });
});
