import { VirtualClock } from "fairlead/base";
import {
  type AuthenticatorOptions,
  authenticated,
  authenticator,
  principalOf,
} from "fairlead/http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";

function request(authorization?: string): Request {
  return new Request("http://localhost/", authorization ? { headers: { authorization } } : {});
}

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

/** The principal, "" for nobody by name, or the status and challenge of the refusal. */
async function outcome(options: AuthenticatorOptions, authorization?: string): Promise<string> {
  const identity = await authenticator(options).authenticate(request(authorization));
  if (!(identity instanceof Response)) return identity.principal ?? "";
  return `${identity.status} ${identity.headers.get("www-authenticate")}`;
}

describe("HTTP Basic", () => {
  const options = { basic: [{ principal: "ops", secret: "s:é" }] };
  const refused = '401 Basic realm="fairlead"';

  test("lets a principal in by its secret", async () => {
    expect(await outcome(options, basic("ops:s:é"))).toBe("ops");
    expect(await outcome(options, basic("ops:s:é").replace("Basic", "bASIC "))).toBe("ops");
  });

  test.each([
    [undefined],
    [basic("ops:s:e")],
    [basic("ops:s:éé")],
    [basic("ops:")],
    [basic("ops")],
    [basic("other:s:é")],
    ["Basic"],
    ["Basic !!!"],
    ["Bearer s:é"],
    ["Digest x"],
  ])("refuses %j", async (authorization) => {
    expect(await outcome(options, authorization)).toBe(refused);
  });

  test("lets nobody in by an empty secret that was never set", async () => {
    expect(await outcome({ basic: [{ principal: "ops", secret: "" }] }, basic("ops:x"))).toBe(
      refused,
    );
    expect(await outcome({}, basic("ops:"))).toBe(refused);
  });

  test.each([[""], ["a:b"], ["ops"]])("refuses the principal %j at the door", (principal) => {
    const twice = [...options.basic, { principal, secret: "very secret" }];
    expect(() => authenticator({ basic: twice })).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
    expect(() => authenticator({ basic: twice })).not.toThrow(/very secret/);
  });
});

describe("anonymous requests", () => {
  const options = { basic: [{ principal: "ops", secret: "s" }], anonymous: true };

  test("pass as nobody, but not with wrong credentials", async () => {
    expect(await outcome(options)).toBe("");
    expect(await outcome(options, basic("ops:wrong"))).toMatch(/^401/);
    expect(await outcome(options, basic("ops:s"))).toBe("ops");
  });
});

describe("bearer tokens", () => {
  test("name their principal", async () => {
    const tokens = [
      { principal: "a", token: "t1" },
      { principal: "b", token: "t2" },
    ];
    const options = { bearer: { tokens }, realm: 'my "cluster"' };
    expect(await outcome(options, "Bearer t2")).toBe("b");
    expect(await outcome(options, "Bearer t3")).toBe('401 Bearer realm="my cluster"');
  });

  test("that are JSON web tokens are checked by key, issuer, audience and time", async () => {
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
    const jwt = { keys: { keys: [jwk] }, issuer: "us", audience: "mesos" };
    const who = authenticator({ bearer: { jwt }, clock });
    const ask = async (token: string) => {
      const identity = await who.authenticate(request(`Bearer ${token}`));
      return identity instanceof Response ? identity.status : identity.principal;
    };
    const good = await sign({ sub: "robot" });
    expect([await ask(good), await ask(good)]).toEqual(["robot", "robot"]);
    expect(await ask(await sign({ sub: "robot", iss: "them" }))).toBe(401);
    expect(await ask(await sign({}))).toBe(401);
    expect(await ask(`${good.slice(0, -4)}AAAA`)).toBe(401);
    const { privateKey: other } = await generateKeyPair("ES256");
    expect(await ask(await sign({ sub: "robot" }, other))).toBe(401);
    expect(await ask("no.jwt")).toBe(401);
    await clock.advance(60_000);
    expect(await ask(good)).toBe(401);
  });

  test("that are JSON web tokens are checked by a shared secret too", async () => {
    const keys = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
    const token = await new SignJWT({ uid: "robot" })
      .setProtectedHeader({ alg: "HS256" })
      .sign(keys);
    const jwt = { keys, principalClaim: "uid" };
    expect(await outcome({ bearer: { jwt } }, `Bearer ${token}`)).toBe("robot");
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"uid":"robot"}')}.`.replaceAll("=", "");
    expect(await outcome({ bearer: { jwt } }, `Bearer ${unsigned}`)).toMatch(/^401/);
  });
});

describe("authenticated()", () => {
  const who = authenticator({ basic: [{ principal: "ops", secret: "s" }], anonymous: true });
  const handler = authenticated(who)((asked) => new Response(principalOf(asked) ?? "nobody"));

  test("tells handlers the principal, and answers for those it refuses", async () => {
    const answers = [request(basic("ops:s")), request(), request(basic("ops:x"))].map(
      async (each) => {
        const response = await handler(each);
        return [response.status, await response.text()];
      },
    );
    expect(await Promise.all(answers)).toEqual([
      [200, "ops"],
      [200, "nobody"],
      [401, "Cannot let the request in: it needs valid credentials"],
    ]);
  });
});
