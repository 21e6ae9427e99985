/** Questions to agents: files and containers. */
import type { AgentMessage, OfType } from "../../model/mod.ts";
import type { AgentBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { MasterInput } from "./events.ts";

/** How long an agent may take to answer. */
const ASK_MS = 15_000;
/** How many questions may wait in all: the next is refused. */
const ASKS_MAX = 10_000;

/** Pass a question on; it is answered 404, 503 or 504 when the agent cannot. */
export function ask(core: Context, input: MasterInput & { readonly type: "ask" }): void {
  const { request, agentId } = input;
  const agent = core.books.agents.get(agentId);
  if (agent === undefined) {
    core.reply(request, 404, `Agent ${agentId} is not registered`);
    return;
  }
  const id = core.asks.next++;
  if (core.asks.waiting.size >= ASKS_MAX) {
    core.reply(request, 503, "Too many questions wait for answers");
    return;
  }
  if (!core.send(agent, { type: "ask", id, ask: input.ask })) {
    core.reply(request, 503, `Agent ${agentId} is not connected`);
    return;
  }
  core.asks.waiting.set(id, { request, agentId });
  core.timers.set(core.nowMs + ASK_MS, "ask", String(id));
}

/** An agent answers; errors come with a code that tells the status. */
export function answerAsk(
  core: Context,
  agent: AgentBook,
  { id, body, error }: OfType<AgentMessage, "answer">,
): void {
  const waiting = core.asks.waiting.get(id);
  if (waiting?.agentId !== agent.id) return;
  core.asks.waiting.delete(id);
  if (error === undefined) core.reply(waiting.request, 200, undefined, body);
  else core.reply(waiting.request, STATUS[error.code] ?? 500, error.message);
}

const STATUS: Readonly<Record<string, number>> = {
  not_found: 404,
  forbidden: 403,
  unauthorized: 403,
  invalid_argument: 400,
  bad_request: 400,
};

export function askDue(core: Context, id: string): void {
  const waiting = core.asks.waiting.get(Number(id));
  if (waiting === undefined) return;
  core.asks.waiting.delete(Number(id));
  core.reply(waiting.request, 504, `Agent ${waiting.agentId} did not answer in time`);
}
