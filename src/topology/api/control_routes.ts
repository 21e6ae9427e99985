import type { Hono } from "hono";
import { FairleadError } from "../../base/mod.ts";
import { peerOf, principalOf, readJsonBody } from "../../http/mod.ts";
import { readArgs } from "../control/messages.ts";
import { fresh, notFound, refused } from "./answers.ts";
import type { ApiContext } from "./context.ts";

const ARGS_BYTES_MAX = 65_536;

/** What a control is asked for. */
interface Place {
  readonly probeId: string;
  readonly nodeId: string;
  readonly control: string;
}

/** Add controls, and the closing of pipes. */
export function controlRoutes(app: Hono, context: ApiContext): void {
  app.post("/api/control/*", async ({ req }) => {
    const place = placeOf(new URL(req.raw.url).pathname);
    return place === undefined ? notFound() : await control(req.raw, place, context);
  });
  app.get("/api/pipe/:id/check", ({ req }) =>
    context.pipes.has(req.param("id")) ? new Response(null, { status: 204 }) : notFound(),
  );
  app.on(["DELETE", "POST"], "/api/pipe/:id", ({ req }) => {
    const id = req.param("id");
    if (context.rules.isReadOnly) return refused(readOnly());
    context.audit({ act: "pipe_close", pipe: id, ...whoOf(req.raw), outcome: "asked for" });
    context.pipes.close(id, "it was closed");
    return new Response(null, { status: 200 });
  });
}

async function control(request: Request, place: Place, context: ApiContext): Promise<Response> {
  const audit = (outcome: string) => {
    context.audit({ act: "control", ...place, ...whoOf(request), outcome });
    context.metrics.count("fairlead_collector_controls", { outcome });
  };
  if (context.rules.isReadOnly) {
    audit("read_only");
    return refused(readOnly());
  }
  try {
    const args = readArgs(await argsOf(request));
    const { probeId, ...rest } = place;
    const response = await context.controls.ask(probeId, { ...rest, args });
    if (response.error !== undefined) {
      throw new FairleadError("control_failed", response.error, { details: { ...place } });
    }
    audit("done");
    return fresh(response);
  } catch (error) {
    audit(FairleadError.from(error).code);
    return refused(error);
  }
}

async function argsOf(request: Request): Promise<unknown> {
  const length = request.headers.get("content-length");
  const hasBody = (length !== null && length !== "0") || request.headers.has("transfer-encoding");
  return hasBody ? await readJsonBody(request, { bytesMax: ARGS_BYTES_MAX }) : undefined;
}

/** The error of a collector that only shows. */
export function readOnly(): FairleadError {
  return new FairleadError("read_only", "Cannot control anything: the collector is read-only");
}

/** Who asks, for the audit. */
export function whoOf(request: Request): { readonly principal?: string; readonly peer?: string } {
  const [principal, peer] = [principalOf(request), peerOf(request)];
  return {
    ...(principal === undefined ? {} : { principal }),
    ...(peer === undefined ? {} : { peer }),
  };
}

function placeOf(pathname: string): Place | undefined {
  const parts = pathname.split("/").slice(3);
  try {
    const [probeId = "", nodeId = "", id = "", ...more] = parts.map(decodeURIComponent);
    const isWhole = probeId !== "" && nodeId !== "" && id !== "" && more.length === 0;
    return isWhole ? { probeId, nodeId, control: id } : undefined;
  } catch {
    return undefined;
  }
}
