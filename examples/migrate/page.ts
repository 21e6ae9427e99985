/** What `run` serves: metrics, the status of the migration, its page, and acts behind a token. */
import { FairleadError } from "fairlead/base";
import { authenticator, compose, type Handler, json, readJsonBody, text } from "fairlead/http";
import type { MigrationAct, MigrationStatus } from "fairlead/ui";
import { consoleHandler } from "fairlead/ui/node";
import * as z from "zod";
import { actsOf, type StatusBoard } from "./board.ts";
import type { Progress } from "./console.ts";
import type { Outcome } from "./requests.ts";

const PAGE = "/console/migration.html";
const BODY_BYTES_MAX = 1_024;
const SOAK_ASKED_MS = 2_000;

const actSchema = z.strictObject({ act: z.enum(["verify", "cutover", "rollback", "finalize"]) });

/** What a page is made of. */
export interface PageOptions {
  readonly board: StatusBoard;
  readonly progress: Progress;
  /** Whoever has it may ask for acts; undefined: nobody may, from here. */
  readonly token: string | undefined;
  readonly perform: (act: MigrationAct) => Promise<Outcome>;
  /** What speaks against `finalize`. */
  readonly soak: () => Promise<readonly string[]>;
}

/** Acts, one at a time, and how the last one ended. */
class Acts {
  readonly #options: PageOptions;
  acting: MigrationStatus["acting"];
  acted: MigrationStatus["acted"];
  #soak: readonly string[] = [];
  #askedMs = 0;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  async allowed(): Promise<MigrationStatus["acts"]> {
    const { board, progress, token, soak } = this.#options;
    if (token === undefined) return [];
    const { phase } = progress;
    if (phase === "soak" && Date.now() - this.#askedMs > SOAK_ASKED_MS) {
      this.#askedMs = Date.now();
      this.#soak = await soak().catch((error: unknown) => [FairleadError.from(error).message]);
    }
    return actsOf(phase, {
      isEqual: board.isEqual,
      isActing: this.acting !== undefined,
      soak: phase === "soak" ? this.#soak : [],
    });
  }

  begin(name: MigrationAct): void {
    this.acting = { name, sinceMs: Date.now() };
    this.acted = undefined;
    void this.#perform(name).then((acted) => {
      this.acting = undefined;
      this.acted = acted;
    });
  }

  async #perform(name: MigrationAct): Promise<NonNullable<MigrationStatus["acted"]>> {
    try {
      const outcome = await this.#options.perform(name);
      if (!outcome.isDone) return { name, isDone: false, message: outcome.message };
      const isEqual = name !== "verify" || this.#options.board.isEqual;
      return { name, isDone: isEqual, message: isEqual ? "done" : "the sides differ" };
    } catch (error) {
      return { name, isDone: false, message: FairleadError.from(error).message };
    }
  }
}

/** The handler of everything that `run` serves. */
export async function pageHandler(options: PageOptions): Promise<Handler> {
  const { board, progress, token } = options;
  const acts = new Acts(options);
  const files = await consoleHandler();
  const book = authenticator({
    bearer: { tokens: token === undefined ? [] : [{ principal: "operator", token }] },
  });
  const status = async (): Promise<Response> => {
    const { acting, acted } = acts;
    const value = { ...board.status(), acts: await acts.allowed(), acting, acted };
    return json(200, value, { headers: { "cache-control": "no-store" } });
  };
  return compose([], async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/metrics") return new Response(progress.metrics());
    if (pathname === "/api/migration") return status();
    if (pathname === "/" || pathname === "/console/") {
      return new Response(null, { status: 302, headers: { location: PAGE } });
    }
    if (pathname !== "/api/migration/acts") return files(request);
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const identity = await book.authenticate(request);
    return identity instanceof Response ? identity : ask(request, acts);
  });
}

async function ask(request: Request, acts: Acts): Promise<Response> {
  const read = actSchema.safeParse(await readJsonBody(request, { bytesMax: BODY_BYTES_MAX }));
  if (!read.success) return text(400, "act must be verify, cutover, rollback or finalize");
  const { act } = read.data;
  const found = (await acts.allowed()).find(({ name }) => name === act);
  // Asked again behind the wait: of two at once only one begins.
  if (found?.isAllowed !== true || acts.acting !== undefined) {
    return text(409, found?.why || "another act is under way");
  }
  acts.begin(act);
  return new Response(null, { status: 202 });
}
