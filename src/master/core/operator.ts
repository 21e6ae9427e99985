/** Calls of operators that change something. */
import type { Context } from "./context.ts";
import type { MasterInput, OperatorCall } from "./events.ts";
import { removeFramework } from "./frameworks.ts";
import { markGone } from "./removal.ts";

type Input = Extract<MasterInput, { readonly type: "operator_call" }>;

/** Make a call; it is answered once what it changes is durable. */
export function operatorCall(core: Context, input: Input): void {
  const { request, principal, call } = input;
  const forbid = (action: string, object?: string): boolean => {
    if (core.options.authorize(principal, action, object)) return false;
    core.reply(request, 403, `Not authorized to ${action.replaceAll("_", " ")}`);
    return true;
  };
  switch (call.type) {
    case "TEARDOWN": {
      const framework = core.books.frameworks.get(call.teardown.framework_id.value);
      if (framework === undefined) {
        core.reply(request, 400, "No framework found with specified ID");
        return;
      }
      if (forbid("teardown_frameworks", framework.record.info.principal)) return;
      removeFramework(core, framework, () => core.reply(request, 200));
      return;
    }
    case "MARK_AGENT_GONE": {
      const id = call.mark_agent_gone.agent_id.value;
      if (forbid("mark_agents_gone")) return;
      const { agents, recoveredAgents, unreachableAgents, goneAgents } = core.books;
      if (goneAgents.has(id)) {
        core.reply(request, 200);
      } else if (!agents.has(id) && !recoveredAgents.has(id) && !unreachableAgents.has(id)) {
        core.reply(request, 404, `Agent ${id} is not known`);
      } else if (core.transitions.has(id)) {
        core.reply(request, 503, `Agent ${id} is being written to the registry`);
      } else {
        markGone(core, id, () => core.reply(request, 200));
      }
      return;
    }
    default:
      core.reply(request, 501, `${notYet(call)} is not served yet`);
  }
}

function notYet({ type }: OperatorCall): string {
  return type;
}
