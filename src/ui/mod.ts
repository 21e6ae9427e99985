/**
 * The console and the topology view as web components, each usable alone: lists and pages over a master's live state,
 * with the actions of an operator. They take types off the wire and no other part of fairlead, and
 * know a master by the address of its console API.
 *
 * Nothing is registered on import: {@linkcode define} makes an element, and what it is made of,
 * known to the page. The same elements as one self-contained page lie in `dist/console`, which
 * `fairlead/ui/node` serves.
 *
 * @example
 * ```ts
 * import { ClusterFeed } from "fairlead/ui";
 *
 * await using feed = new ClusterFeed({ src: "http://127.0.0.1:5050/api/fairlead" });
 * const unsubscribe = feed.subscribe(() => console.log(feed.status.status, feed.store.agents.size));
 * unsubscribe();
 * console.assert(feed.store.version === 0);
 * ```
 *
 * @module
 */
export { FairleadAgent } from "./cluster/agent.ts";
export { FairleadAgents } from "./cluster/agents.ts";
export { FairleadConsole } from "./cluster/console.ts";
export { FairleadExplain } from "./cluster/explain.ts";
export { FairleadFiles } from "./cluster/files.ts";
export { FairleadFramework } from "./cluster/framework.ts";
export { FairleadFrameworks } from "./cluster/frameworks.ts";
export { FairleadLogs } from "./cluster/logs.ts";
export { FairleadMaintenance } from "./cluster/maintenance.ts";
export { FairleadOffers } from "./cluster/offers.ts";
export { FairleadCluster } from "./cluster/overview.ts";
export { FairleadRole } from "./cluster/role.ts";
export { FairleadRoles } from "./cluster/roles.ts";
export { FairleadTask } from "./cluster/task.ts";
export { FairleadTasks } from "./cluster/tasks.ts";
export {
  ConsoleApi,
  type ConsoleApiOptions,
  type OfferQuery,
  type Page,
  type TaskQuery,
  type Waiting,
} from "./feed/api.ts";
export { ClusterFeed, type ClusterFeedOptions, type FeedStatus } from "./feed/feed.ts";
export type { ClusterEvent } from "./feed/journal.ts";
export { ClusterStore, type LoadSample } from "./feed/store.ts";
export { arrangeAround } from "./layout/around.ts";
export { type Layout, type LayoutInput, MEASURES } from "./layout/contract.ts";
export { layOut } from "./layout/layout.ts";
export { FairleadMigration } from "./migration/migration.ts";
export { MigrationPoll, type MigrationPollOptions } from "./migration/poll.ts";
export {
  type MigrationAct,
  type MigrationDifference,
  type MigrationStatus,
  readStatus,
} from "./migration/status.ts";
export { define } from "./parts/define.ts";
export type { ElementClass } from "./parts/element.ts";
export { links, type PageName, parseRoute, type Route } from "./routes.ts";
export {
  hex,
  luminance,
  mix,
  nodeColour,
  type Palette,
  parseColour,
  pseudoColour,
  type Rgb,
} from "./topology/colours.ts";
export type { NodeChange } from "./topology/data/changes.ts";
export { NodeStore } from "./topology/feed/node_store.ts";
export type { CollectorInfo, ControlResult, NodeDelta } from "./topology/feed/read.ts";
export {
  type BrowserSocket,
  type ControlTarget,
  TopologyApi,
  type TopologyApiOptions,
  type TopologyQuery,
} from "./topology/feed/topology_api.ts";
export {
  TopologyFeed,
  type TopologyFeedOptions,
  type TopologyFeedStatus,
} from "./topology/feed/topology_feed.ts";
export {
  EMPTY_GRAPH,
  type GraphData,
  type GraphOptions,
  graphOf,
  NODE_FLAGS,
  SHAPES,
  type ShapeName,
  shapeCode,
} from "./topology/model.ts";
export { linkOf, readLink } from "./topology/state/deep_link.ts";
export { INITIAL_STATE, type ViewMode, type ViewState } from "./topology/state/view_state.ts";
export { FairleadTopology } from "./topology/view/topology.ts";
