import { VirtualClock } from "fairlead/base";
import { jwtVerifier } from "fairlead/http/node";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";

describe("jwtVerifier()", () => {
  test("checks tokens by key, issuer, audience and time", async () => {
    const clock = new VirtualClock(1_000_000_000_000);
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256" };
    const sign = (claims: Record<string, unknown>, key = privateKey) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", kid: "k" })
        .setIssuer(String(claims.iss ?? "us"))
        .setAudience("mesos")
        .setExpirationTime(1_000_000_060)
        .sign(key);
    const verify = jwtVerifier({ keys: { keys: [jwk] }, issuer: "us", audience: "mesos", clock });
    const good = await sign({ sub: "robot" });
    expect([await verify(good), await verify(good)]).toEqual(["robot", "robot"]);
    expect(await verify(await sign({ sub: "robot", iss: "them" }))).toBe(undefined);
    expect(await verify(await sign({}))).toBe(undefined);
    expect(await verify(`${good.slice(0, -4)}AAAA`)).toBe(undefined);
    const { privateKey: other } = await generateKeyPair("ES256");
    expect(await verify(await sign({ sub: "robot" }, other))).toBe(undefined);
    expect(await verify("no.jwt")).toBe(undefined);
    await clock.advance(60_000);
    expect(await verify(good)).toBe(undefined);
  });

  test("checks tokens by a shared secret too, and none that is not signed", async () => {
    const keys = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
    const token = await new SignJWT({ uid: "robot" })
      .setProtectedHeader({ alg: "HS256" })
      .sign(keys);
    const verify = jwtVerifier({ keys, principalClaim: "uid" });
    expect(await verify(token)).toBe("robot");
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"uid":"robot"}')}.`.replaceAll("=", "");
    expect(await verify(unsigned)).toBe(undefined);
  });
});
