import type { JSONWebKeySet } from "jose";
import { createLocalJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import { type Clock, systemClock } from "../../base/mod.ts";
import type { VerifyToken } from "../mod.ts";

/** Which JSON web tokens are taken: {@linkcode jwtVerifier}. */
export interface JwtOptions {
  /** Public keys, or the bytes of a shared secret for HS256 to HS512. */
  readonly keys: JSONWebKeySet | Uint8Array;
  readonly issuer?: string;
  readonly audience?: string;
  /**
   * The claim that names the principal.
   *
   * @default "sub"
   */
  readonly principalClaim?: string;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** How many verified tokens are remembered; checking one anew costs a signature. */
const VERIFIED_MAX = 1_000;

interface Verified {
  readonly principal: string;
  readonly expiresAtMs: number;
}

/**
 * Check JSON web tokens, for `bearer.verify` of an authenticator.
 *
 * Tokens that expire are remembered until then, a thousand at most.
 */
export function jwtVerifier(options: JwtOptions): VerifyToken {
  const { principalClaim = "sub", clock = systemClock } = options;
  const payloadOf = payloadReader(options, clock);
  const verified = new Map<string, Verified>();
  return async (token) => {
    const known = verified.get(token);
    if (known !== undefined && known.expiresAtMs > clock.nowMs()) return known.principal;
    verified.delete(token);
    const payload = await payloadOf(token);
    const principal = payload?.[principalClaim];
    if (typeof principal !== "string" || principal === "") return undefined;
    if (payload?.exp === undefined) return principal;
    if (verified.size >= VERIFIED_MAX) {
      for (const oldest of verified.keys()) {
        verified.delete(oldest);
        break;
      }
    }
    verified.set(token, { principal, expiresAtMs: payload.exp * 1000 });
    return principal;
  };
}

type ReadPayload = (token: string) => Promise<JWTPayload | undefined>;

function payloadReader({ keys, issuer, audience }: JwtOptions, clock: Clock): ReadPayload {
  const rules = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const verify =
    keys instanceof Uint8Array
      ? (token: string, options: JWTVerifyOptions) => jwtVerify(token, keys, options)
      : withKeySet(keys);
  return async (token) => {
    try {
      const { payload } = await verify(token, { ...rules, currentDate: new Date(clock.nowMs()) });
      return payload;
    } catch (error) {
      // jose's errors and the TypeErrors of unsuitable keys: not to be trusted.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
}

function withKeySet(keys: JSONWebKeySet) {
  const find = createLocalJWKSet(keys);
  return (token: string, options: JWTVerifyOptions) => jwtVerify(token, find, options);
}
