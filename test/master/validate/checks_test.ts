import { describe, expect, test } from "vitest";
import { faultOfCheck, faultOfHealthCheck, withType } from "../../../src/master/validate/checks.ts";
import type { CheckInfo, HealthCheck } from "../../../src/model/mod.ts";

const command = { value: "true" };

describe("faultOfHealthCheck()", () => {
  test.each<HealthCheck>([
    { type: "COMMAND", command },
    { type: "HTTP", http: { port: 80, path: "/health", scheme: "https" } },
    { type: "HTTP", http: { port: 80 }, delay_seconds: 0, grace_period_seconds: 1 },
    { type: "TCP", tcp: { port: 80 }, interval_seconds: 0.5, timeout_seconds: 3 },
  ])("takes %j", (check) => {
    expect(faultOfHealthCheck(check)).toBeUndefined();
  });

  test.each<[HealthCheck, string]>([
    [{ command }, "HealthCheck must specify 'type'"],
    [{ type: "COMMAND" }, "Expecting 'command' to be set for COMMAND health check"],
    [{ type: "COMMAND", command: {} }, "Command health check must contain 'shell command'"],
    [
      { type: "COMMAND", command: { shell: false } },
      "Command health check must contain 'executable path'",
    ],
    [
      {
        type: "COMMAND",
        command: { ...command, environment: { variables: [{ name: "A", type: "UNKNOWN" }] } },
      },
      "Health check's `CommandInfo` is invalid: Environment variable of type 'UNKNOWN' is not " +
        "allowed",
    ],
    [{ type: "HTTP" }, "Expecting 'http' to be set for HTTP health check"],
    [
      { type: "HTTP", http: { port: 1, scheme: "ftp" } },
      "Unsupported HTTP health check scheme: 'ftp'",
    ],
    [
      { type: "HTTP", http: { port: 1, path: "health" } },
      "The path 'health' of HTTP health check must start with '/'",
    ],
    [{ type: "TCP" }, "Expecting 'tcp' to be set for TCP health check"],
    [{ type: "UNKNOWN" }, "'UNKNOWN' is not a valid health check type"],
    ...(
      ["delay_seconds", "interval_seconds", "timeout_seconds", "grace_period_seconds"] as const
    ).map((field): [HealthCheck, string] => [
      { type: "TCP", tcp: { port: 1 }, [field]: -1 },
      `Expecting '${field}' to be non-negative`,
    ]),
    [
      { type: "TCP", tcp: { port: 1 }, delay_seconds: Number.NaN },
      "Expecting 'delay_seconds' to be non-negative",
    ],
  ])("refuses %j", (check, message) => {
    expect(faultOfHealthCheck(check)).toBe(message);
  });
});

describe("faultOfCheck()", () => {
  test.each<CheckInfo>([
    { type: "COMMAND", command: { command } },
    { type: "HTTP", http: { port: 80, path: "/" } },
    { type: "TCP", tcp: { port: 80 } },
  ])("takes %j", (check) => {
    expect(faultOfCheck(check)).toBeUndefined();
  });

  test.each<[CheckInfo, string]>([
    [{}, "CheckInfo must specify 'type'"],
    [{ type: "COMMAND" }, "Expecting 'command' to be set for COMMAND check"],
    [{ type: "COMMAND", command: { command: {} } }, "Command check must contain 'shell command'"],
    [{ type: "HTTP" }, "Expecting 'http' to be set for HTTP check"],
    [
      { type: "HTTP", http: { port: 1, path: "x" } },
      "The path 'x' of HTTP check must start with '/'",
    ],
    [{ type: "TCP" }, "Expecting 'tcp' to be set for TCP check"],
    [{ type: "ICMP" }, "'ICMP' is not a valid check type"],
    [
      { type: "TCP", tcp: { port: 1 }, timeout_seconds: -0.1 },
      "Expecting 'timeout_seconds' to be non-negative",
    ],
  ])("refuses %j", (check, message) => {
    expect(faultOfCheck(check)).toBe(message);
  });
});

test("withType() tells the type by the one field that is set", () => {
  expect(withType({ command }).type).toBe("COMMAND");
  expect(withType({ http: { port: 1 } }).type).toBe("HTTP");
  expect(withType({ command, http: { port: 1 } }).type).toBeUndefined();
  expect(withType({ type: "TCP", command }).type).toBe("TCP");
});
