/**
 * Handlers on Node: checks JSON web tokens for an authenticator.
 *
 * @module
 */
export { type JwtOptions, jwtVerifier } from "./jwt.ts";
