import { describe, expect, test } from "vitest";
import { EndpointScopes } from "../../../src/probe/connections/scopes.ts";

describe("EndpointScopes", () => {
  const scopes = new EndpointScopes({ hostId: "h", bridges: ["10.88.0.1/16", "fd01::/64", "?"] });

  test("gives loopback the host and the namespace", () => {
    expect(scopes.of("127.0.0.53", "42")).toBe("h-42");
    expect(scopes.of("::1", "42")).toBe("h-42");
    expect(scopes.of("127.0.0.1", "")).toBe("h");
  });

  test("gives addresses of bridges the host, and all others nothing", () => {
    expect(scopes.of("10.88.3.4", "42")).toBe("h");
    expect(scopes.of("fd01::7", "42")).toBe("h");
    expect(scopes.of("10.89.3.4", "42")).toBe("");
    expect(scopes.of("fd02::7", "42")).toBe("");
  });
});
