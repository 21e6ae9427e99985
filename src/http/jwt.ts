import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import type { Clock } from "../base/mod.ts";

/** See JwtOptions of auth.ts. */
interface JwtRules {
  readonly keys: JSONWebKeySet | Uint8Array;
  readonly issuer?: string;
  readonly audience?: string;
  readonly principalClaim?: string;
}

/** How many verified tokens are remembered; checking one anew costs a signature. */
const VERIFIED_MAX = 1_000;

interface Verified {
  readonly principal: string;
  readonly expiresAtMs: number;
}

/** Checks JSON web tokens; jose is loaded at the first one. */
export class JwtVerifier {
  readonly #rules: JwtRules;
  readonly #clock: Clock;
  readonly #verified = new Map<string, Verified>();

  constructor(rules: JwtRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** The principal that a token names; undefined when it is not to be trusted. */
  async verify(token: string): Promise<string | undefined> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.expiresAtMs > this.#clock.nowMs()) return known.principal;
    this.#verified.delete(token);
    const payload = await this.#payloadOf(token);
    const principal = payload?.[this.#rules.principalClaim ?? "sub"];
    if (typeof principal !== "string" || principal === "") return undefined;
    this.#remember(token, principal, payload?.exp);
    return principal;
  }

  async #payloadOf(token: string): Promise<JWTPayload | undefined> {
    const { createLocalJWKSet, errors, jwtVerify } = await import("jose");
    const { keys, issuer, audience } = this.#rules;
    const options: JWTVerifyOptions = {
      currentDate: new Date(this.#clock.nowMs()),
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
    try {
      if (keys instanceof Uint8Array) return (await jwtVerify(token, keys, options)).payload;
      const find: JWTVerifyGetKey = createLocalJWKSet(keys);
      return (await jwtVerify(token, find, options)).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  #remember(token: string, principal: string, exp: number | undefined): void {
    if (exp === undefined) return;
    if (this.#verified.size >= VERIFIED_MAX) {
      const [oldest = ""] = this.#verified.keys();
      this.#verified.delete(oldest);
    }
    this.#verified.set(token, { principal, expiresAtMs: exp * 1000 });
  }
}
