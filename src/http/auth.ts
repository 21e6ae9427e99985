import { FairleadError } from "../base/mod.ts";
import { text } from "./answers.ts";
import { Secret } from "./constant_time.ts";
import { setPrincipal } from "./facts.ts";
import type { Middleware } from "./handler.ts";

/** Who may come in: {@linkcode authenticator}. */
export interface AuthenticatorOptions {
  /** Pairs for HTTP Basic. */
  readonly basic?: readonly { readonly principal: string; readonly secret: string }[];
  readonly bearer?: BearerOptions;
  /**
   * Whether a request without credentials passes, as nobody; wrong ones never do.
   *
   * @default false
   */
  readonly anonymous?: boolean;
  /** @default "fairlead" */
  readonly realm?: string;
}

/**
 * Says whom a token stands for; undefined: it is not to be trusted.
 *
 * `jwtVerifier` of fairlead/http/node makes one for JSON web tokens.
 */
export type VerifyToken = (token: string) => Promise<string | undefined>;

/** Tokens that are taken as `Authorization: Bearer`. */
export interface BearerOptions {
  readonly tokens?: readonly { readonly principal: string; readonly token: string }[];
  /** Asked about tokens that are not listed. */
  readonly verify?: VerifyToken;
}

/** Who is behind a request: no principal, nobody by name. */
export interface Identity {
  readonly principal?: string;
}

/** See {@linkcode authenticator}. */
export interface Authenticator {
  /** The identity behind a request, or the 401 that refuses it. */
  authenticate(request: Request): Promise<Identity | Response>;
}

const NOBODY: Identity = {};

/**
 * Find out who is behind requests, by HTTP Basic, fixed tokens or tokens that verify.
 *
 * Secrets are compared in constant time and appear in no message.
 *
 * @throws {FairleadError} `invalid_option` when a principal is empty, has a colon, or comes twice.
 */
export function authenticator(options: AuthenticatorOptions): Authenticator {
  return new CredentialBook(options);
}

/** Let only requests through that the authenticator knows, and say who they are. */
export function authenticated(authenticator: Authenticator): Middleware {
  return (next) => async (request) => {
    const identity = await authenticator.authenticate(request);
    if (identity instanceof Response) return identity;
    if (identity.principal !== undefined) setPrincipal(request, identity.principal);
    return next(request);
  };
}

class CredentialBook implements Authenticator {
  readonly #basic = new Map<string, Secret>();
  readonly #tokens: { readonly principal: string; readonly token: Secret }[] = [];
  readonly #verify: VerifyToken | undefined;
  readonly #anonymous: boolean;
  readonly #challenge: string;
  /** What an unknown principal's guess is compared with, so that it takes as long as a known one's. */
  readonly #decoy = new Secret("no principal has this secret");

  constructor({ basic = [], bearer, anonymous = false, realm }: AuthenticatorOptions) {
    for (const { principal, secret } of basic) {
      requirePrincipal(principal, this.#basic);
      this.#basic.set(principal, new Secret(secret));
    }
    for (const { principal, token } of bearer?.tokens ?? []) {
      this.#tokens.push({ principal, token: new Secret(token) });
    }
    this.#verify = bearer?.verify;
    this.#anonymous = anonymous;
    const name = (realm ?? "fairlead").replaceAll(/["\\]/g, "");
    const schemes = [
      ...(basic.length > 0 || bearer === undefined ? ["Basic"] : []),
      ...(bearer === undefined ? [] : ["Bearer"]),
    ];
    this.#challenge = schemes.map((scheme) => `${scheme} realm="${name}"`).join(", ");
  }

  async authenticate(request: Request): Promise<Identity | Response> {
    const header = request.headers.get("authorization");
    if (header === null) return this.#anonymous ? NOBODY : this.#refuse();
    const [, scheme = "", credentials = ""] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? [];
    const principal = await this.#principalOf(scheme.toLowerCase(), credentials);
    return principal === undefined ? this.#refuse() : { principal };
  }

  async #principalOf(scheme: string, credentials: string): Promise<string | undefined> {
    if (scheme === "basic") return this.#byBasic(credentials);
    if (scheme !== "bearer") return undefined;
    return this.#byToken(credentials) ?? (await this.#verify?.(credentials));
  }

  #byBasic(credentials: string): string | undefined {
    const pair = decodeBasic(credentials);
    const colon = pair?.indexOf(":") ?? -1;
    if (pair === undefined || colon < 0) return undefined;
    const principal = pair.slice(0, colon);
    const secret = this.#basic.get(principal);
    const isRight = (secret ?? this.#decoy).equals(pair.slice(colon + 1));
    return isRight && secret !== undefined ? principal : undefined;
  }

  #byToken(credentials: string): string | undefined {
    let found: string | undefined;
    for (const { principal, token } of this.#tokens) {
      if (token.equals(credentials)) found ??= principal;
    }
    return found;
  }

  #refuse(): Response {
    return text(401, "Cannot let the request in: it needs valid credentials", {
      headers: { "www-authenticate": this.#challenge },
    });
  }
}

function decodeBasic(credentials: string): string | undefined {
  try {
    const binary = atob(credentials);
    return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  } catch {
    return undefined; // no base64: no credentials
  }
}

function requirePrincipal(principal: string, known: ReadonlyMap<string, unknown>): void {
  const fault =
    principal === ""
      ? "it is empty"
      : principal.includes(":")
        ? "it has a colon"
        : known.has(principal)
          ? "it comes twice"
          : undefined;
  if (fault === undefined) return;
  throw new FairleadError("invalid_option", `Cannot use principal "${principal}": ${fault}`, {
    details: { principal },
  });
}
