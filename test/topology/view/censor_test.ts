import { censorReport, encodeReport } from "fairlead/topology";
import { describe, expect, test } from "vitest";
import { small } from "../support/small.ts";

function text(report: typeof small): string {
  return new TextDecoder().decode(encodeReport(report, { format: "json" }));
}

describe("censorReport()", () => {
  test("leaves a report alone when nothing is to be hidden", () => {
    expect(censorReport(small, {})).toBe(small);
  });

  test("cuts commands behind their first word", () => {
    const censored = censorReport(small, { hideCommandLineArguments: true });
    const latest = censored.topologies.Process?.nodes.get("a.example;10")?.latest;
    expect(latest?.get("cmdline")?.value).toBe("nginx");
    expect(text(censored)).not.toMatch(/--verbose|--secret/);
    expect(text(censored)).toContain("hush");
  });

  test("drops the variables of containers", () => {
    const censored = censorReport(small, { hideEnvironmentVariables: true });
    expect(text(censored)).not.toMatch(/hush|docker_env_TOKEN/);
    expect(text(censored)).toContain("--secret");
    expect(text(small)).toContain("hush");
  });
});
