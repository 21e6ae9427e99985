import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import type { TopologyDescriptor } from "../../../topology/mod.ts";
import { count } from "../../parts/format.ts";
import { shared } from "../../parts/styles.ts";
import { topologyIdOf, visibleTopologies } from "../data/topologies.ts";
import { chooseTopology } from "../state/view_state.ts";
import { change, shapeOf } from "./pieces.ts";

const SHAPES: Readonly<Record<string, string>> = {
  processes: "square",
  "processes-by-name": "square",
  containers: "hexagon",
  "containers-by-image": "hexagon",
  "containers-by-hostname": "hexagon",
  pods: "heptagon",
  "kube-controllers": "heptagon",
  services: "heptagon",
  hosts: "circle",
  weave: "circle",
};

/** The topologies, each with how much it holds; sub-topologies stand below the one they divide. */
export class FairleadTopologyNav extends LitElement {
  static readonly tag: string = "fairlead-topology-nav";
  static override properties: PropertyDeclarations = {
    topologies: { attribute: false },
    chosen: { type: String },
    found: { attribute: false },
  };
  static override styles = [
    ...shared,
    css`
      ul {
        display: flex;
        flex-direction: column;
        gap: 1px;
      }

      button {
        align-items: center;
        background: none;
        border: 0;
        border-radius: 6px;
        color: var(--muted);
        cursor: pointer;
        display: flex;
        gap: 9px;
        padding: 5px 8px;
        text-align: left;
        width: 100%;
      }

      li li button {
        font-size: 12px;
        padding-block: 3px;
        padding-left: 31px;
      }

      button:hover {
        background: light-dark(rgb(20 32 43 / 5%), rgb(255 255 255 / 6%));
        color: var(--text);
      }

      button[aria-current="true"] {
        background: var(--accent-soft);
        color: var(--accent-text);
        font-weight: 600;
      }

      .count {
        font-size: 12px;
        font-weight: 400;
        margin-left: auto;
      }

      .matches {
        background: var(--warn-soft);
        border-radius: 999px;
        color: var(--warn);
        font-size: 11px;
        font-weight: 600;
        line-height: 16px;
        margin-left: auto;
        padding: 0 7px;
      }

      .matches + .count {
        margin-left: 0;
      }
    `,
  ];

  declare topologies: readonly TopologyDescriptor[];
  declare chosen: string;
  /** Nodes that the search finds, by topology. */
  declare found: ReadonlyMap<string, number>;

  constructor() {
    super();
    this.topologies = [];
    this.chosen = "";
    this.found = new Map();
  }

  protected override render(): TemplateResult {
    return html`<nav aria-label="Topologies">
      <ul>
        ${visibleTopologies(this.topologies).map((each) => this.#item(each))}
      </ul>
    </nav>`;
  }

  #item(topology: TopologyDescriptor, isSub = false): TemplateResult {
    const id = topologyIdOf(topology);
    const { stats, name, sub_topologies: below = [] } = topology;
    const matches = this.found.get(id);
    const title = `${count(stats.node_count)} nodes, ${count(stats.edge_count)} connections, ${count(stats.filtered_nodes)} filtered`;
    return html`<li>
      <button
        type="button"
        title=${title}
        aria-current=${id === this.chosen ? "true" : "false"}
        @click=${() => change(this, (state) => chooseTopology(state, id))}
      >
        ${isSub ? nothing : shapeOf(SHAPES[id])}<span class="clip">${name}</span>
        ${
          matches === undefined
            ? nothing
            : html`<span class="matches" aria-label="${matches} found">${count(matches)}</span>`
        }
        <span class="count">${count(stats.nonpseudo_node_count)}</span>
      </button>
      ${below.length === 0 ? nothing : html`<ul>${below.map((each) => this.#item(each, true))}</ul>`}
    </li>`;
  }
}
