/** Images of an engine: looked at, and pulled by it when they are not there. */
import { Obstacle } from "../failures.ts";
import { readAnswer } from "./answers.ts";
import { answeredWith, type DockerEngine } from "./engine.ts";

/** What a container needs to know of its image. */
export interface EngineImage {
  /** Where it wants to begin; absent: it does not say. */
  readonly folder?: string;
}

/**
 * Look an image up; let the engine pull it when it is not there, or always.
 *
 * @throws {Obstacle} when it cannot be pulled.
 */
export async function ensureImage(
  engine: DockerEngine,
  name: string,
  options: { readonly pull: boolean; readonly signal: AbortSignal },
): Promise<EngineImage> {
  const known = options.pull ? undefined : await look(engine, name);
  if (known !== undefined) return known;
  await pull(engine, name, options.signal);
  const pulled = await look(engine, name);
  if (pulled === undefined) throw new Obstacle(`there is no image "${name}"`);
  return pulled;
}

async function look(engine: DockerEngine, name: string): Promise<EngineImage | undefined> {
  try {
    const path = `/images/${encodeURI(name)}/json`;
    const { Config } = readAnswer((a) => a.Image, await engine.json({ method: "GET", path }));
    return Config?.WorkingDir ? { folder: Config.WorkingDir } : {};
  } catch (error) {
    if (answeredWith(error, 404)) return undefined;
    throw error;
  }
}

/** The engine says how far it is, in lines of JSON; an error is one of them. */
async function pull(engine: DockerEngine, name: string, signal: AbortSignal): Promise<void> {
  const { image, tag } = parseName(name);
  let rest = "";
  let failure: string | undefined;
  try {
    const answer = await engine.stream({
      method: "POST",
      path: "/images/create",
      query: { fromImage: image, ...(tag === undefined ? {} : { tag }) },
      signal,
    });
    for await (const chunk of answer) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) failure = errorIn(line) ?? failure;
    }
    failure = errorIn(rest) ?? failure;
  } catch (error) {
    if (signal.aborted) throw error;
    failure = error instanceof Error ? error.message : String(error);
  }
  if (failure !== undefined) throw new Obstacle(`the image "${name}" cannot be pulled: ${failure}`);
}

function errorIn(line: string): string | undefined {
  try {
    return readAnswer((a) => a.Progress, JSON.parse(line)).error ?? undefined;
  } catch {
    return undefined;
  }
}

/** Without a tag the engine would pull all of them. */
function parseName(name: string): { readonly image: string; readonly tag?: string } {
  if (name.includes("@")) return { image: name };
  const [, image, tag] = /^(.+):([\w.-]+)$/.exec(name) ?? [];
  if (image === undefined || tag === undefined) return { image: name, tag: "latest" };
  return { image, tag };
}
