import {
  type AuthenticatorOptions,
  authenticated,
  authenticator,
  principalOf,
} from "fairlead/http";
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

  test("that are not listed are asked about", async () => {
    const verify = async (token: string) => (token === "signed" ? "robot" : undefined);
    const options = { bearer: { verify, tokens: [{ principal: "a", token: "t1" }] } };
    expect(await outcome(options, "Bearer signed")).toBe("robot");
    expect(await outcome(options, "Bearer t1")).toBe("a");
    expect(await outcome(options, "Bearer other")).toMatch(/^401/);
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
