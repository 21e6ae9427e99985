/** ACCEPT: offers become reservations, volumes and tasks, in the order of the call. */
import type {
  Id,
  OfType,
  Operation,
  SchedulerCall,
  TaskInfo,
  TaskReason,
} from "../../model/mod.ts";
import { faultOfOffers } from "../validate/offers.ts";
import { AcceptPlan } from "./accept_plan.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { discard } from "./offer_calls.ts";
import { refuseMsOf } from "./offers.ts";
import { dropOperation } from "./operations.ts";
import type { OfferRecord } from "./records.ts";
import { countTerminal, masterStatus, tellStatus } from "./tasks.ts";

type Accept = OfType<SchedulerCall, "ACCEPT">["accept"];

/** The offers of one agent and role, or what is wrong with them. */
type OffersRead =
  | { readonly ok: true; readonly offers: readonly OfferRecord[] }
  | { readonly ok: false; readonly fault: string };

/** What is wrong is told as statuses; the operations before and after it go on. */
export function accept(core: Context, framework: FrameworkBook, call: Accept): void {
  const { offer_ids = [], operations = [], filters } = call;
  for (const operation of operations) {
    if (operation.type !== "LAUNCH") continue;
    const isLaunch = (operation.launch?.task_infos?.length ?? 0) > 0;
    core.count(isLaunch ? "master/messages_launch_tasks" : "master/messages_decline_offers");
  }
  const read = readOffers(core, framework, offer_ids);
  if (!read.ok) {
    refuse(core, framework, { offer_ids, operations, fault: read.fault });
    return;
  }
  framework.answered();
  const plan = new AcceptPlan(core, framework, read.offers);
  for (const operation of operations) plan.take(operation);
  plan.commit(refuseMsOf(filters));
}

function readOffers(core: Context, framework: FrameworkBook, offerIds: readonly Id[]): OffersRead {
  const { offers } = core.books;
  const fault = faultOfOffers({ offerIds, frameworkId: framework.id, offers });
  if (fault !== undefined) return { ok: false, fault };
  return { ok: true, offers: offerIds.map(({ value }) => offers.get(value)!) };
}

/** The call as a whole is of no use: its offers go back, its tasks and operations are dropped. */
function refuse(
  core: Context,
  framework: FrameworkBook,
  {
    offer_ids,
    operations,
    fault,
  }: { offer_ids: readonly Id[]; operations: readonly Operation[]; fault: string },
): void {
  const own = new Set<OfferRecord>();
  for (const { value } of offer_ids) {
    const offer = core.books.offers.get(value);
    if (offer?.frameworkId === framework.id) own.add(offer);
  }
  discard(core, own, 0);
  core.log("warning", `Framework ${framework.id} used invalid offers: ${fault}`);
  for (const operation of operations) {
    const tasks = tasksOf(operation);
    if (tasks === undefined) {
      dropOperation(
        core,
        framework,
        operation,
        `Operation attempted with invalid offers: ${fault}`,
      );
      continue;
    }
    for (const { task_id, agent_id } of tasks) {
      const status = masterStatus(
        core,
        { id: task_id.value, agentId: agent_id.value },
        {
          state: framework.isPartitionAware ? "TASK_DROPPED" : "TASK_LOST",
          ...whyDropped(core, agent_id.value, fault),
        },
      );
      countTerminal(core, status);
      tellStatus(core, framework, status);
    }
  }
}

/** An agent that went away has taken its offers with it. */
function whyDropped(
  core: Context,
  agentId: string,
  fault: string,
): { readonly message: string; readonly reason: TaskReason } {
  const { agents, unreachableAgents, goneAgents } = core.books;
  const agent = agents.get(agentId);
  if (agent && !agent.isConnected) {
    return { message: "Agent disconnected", reason: "REASON_AGENT_DISCONNECTED" };
  }
  if (!agent && (unreachableAgents.has(agentId) || goneAgents.has(agentId))) {
    return { message: "Agent removed", reason: "REASON_AGENT_REMOVED" };
  }
  const message = `Task launched with invalid offers: ${fault}`;
  return { message, reason: "REASON_INVALID_OFFERS" };
}

/** The tasks that an operation launches; undefined when it launches none. */
function tasksOf(operation: Operation): readonly TaskInfo[] | undefined {
  if (operation.type === "LAUNCH") return operation.launch?.task_infos ?? [];
  if (operation.type === "LAUNCH_GROUP") return operation.launch_group?.task_group.tasks ?? [];
  return undefined;
}
