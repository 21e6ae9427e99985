import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import type { TopologyDescriptor, TopologyOption } from "../../../topology/mod.ts";
import { shared } from "../../parts/styles.ts";
import type { Grouping } from "../data/grouping.ts";
import { toggleValue, topologyIdOf, valuesOf } from "../data/topologies.ts";
import { type ChosenOptions, chooseOption } from "../state/view_state.ts";
import { change, pieceStyles } from "./pieces.ts";

/** What is left out of the view: a topology's options, its namespaces; and what groups it. */
export class FairleadTopologyFilters extends LitElement {
  static readonly tag: string = "fairlead-topology-filters";
  static override properties: PropertyDeclarations = {
    topology: { attribute: false },
    options: { attribute: false },
    groupings: { attribute: false },
    groupBy: { attribute: false },
    networks: { attribute: false },
    network: { attribute: false },
  };
  static override styles = [
    ...shared,
    pieceStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 14px;
      }

      fieldset {
        border: 0;
        margin: 0;
        min-width: 0;
        padding: 0;
      }

      legend,
      .heading {
        margin-bottom: 4px;
        padding: 0 8px;
      }

      .options {
        display: flex;
        flex-direction: column;
        gap: 1px;
        max-height: 168px;
        overflow: auto;
        scrollbar-width: thin;
      }

      label.option {
        align-items: center;
        border-radius: 6px;
        color: var(--muted);
        cursor: pointer;
        display: flex;
        font-size: 12px;
        gap: 8px;
        padding: 2px 8px;
      }

      label.option:hover {
        background: light-dark(rgb(20 32 43 / 5%), rgb(255 255 255 / 6%));
        color: var(--text);
      }

      label.option:has(:checked) {
        color: var(--text);
      }

      input {
        accent-color: var(--accent);
        flex: none;
        height: 13px;
        margin: 0;
        width: 13px;
      }

      select {
        font-size: 12px;
        height: 27px;
        margin: 0 8px;
        width: calc(100% - 16px);
      }
    `,
  ];

  declare topology: TopologyDescriptor | undefined;
  declare options: ChosenOptions;
  declare groupings: readonly Grouping[];
  declare groupBy: string | undefined;
  declare networks: readonly string[];
  declare network: string | undefined;

  constructor() {
    super();
    this.topology = undefined;
    this.options = {};
    this.groupings = [];
    this.groupBy = undefined;
    this.networks = [];
    this.network = undefined;
  }

  protected override render(): TemplateResult {
    const options = this.topology?.options ?? [];
    return html`
      ${options.map((option) => this.#option(option))}
      ${this.#choice(
        "Group by",
        this.groupings.map(({ id, label, groups }) => [id, `${label} (${groups})`]),
        this.groupBy,
        (groupBy) => change(this, (state) => ({ ...state, groupBy })),
      )}
      ${this.#choice(
        "Network",
        this.networks.map((name) => [name, name]),
        this.network,
        (pinnedNetwork) => change(this, (state) => ({ ...state, pinnedNetwork })),
      )}
    `;
  }

  #option(option: TopologyOption): TemplateResult {
    const { topology } = this;
    const id = topology === undefined ? "" : topologyIdOf(topology);
    const values = valuesOf(option, this.options[id]);
    const isUnion = option.selectType === "union";
    const choose = (value: string) =>
      change(this, (state) =>
        chooseOption(state, id, { option: option.id, values: toggleValue(option, values, value) }),
      );
    const none = isUnion ? [{ value: "", label: option.noneLabel ?? "All" }] : [];
    return html`<fieldset>
      <legend class="heading">${headingOf(option)}</legend>
      <div class="options">
        ${[...none, ...option.options].map(({ value, label }) => {
          const isChosen = value === "" ? values.length === 0 : values.includes(value);
          return html`<label class="option">
            <input
              type=${isUnion ? "checkbox" : "radio"}
              name=${option.id}
              .checked=${isChosen}
              @change=${() => choose(value)}
            /><span class="clip">${label}</span>
          </label>`;
        })}
      </div>
    </fieldset>`;
  }

  #choice(
    label: string,
    options: readonly (readonly [string, string])[],
    chosen: string | undefined,
    choose: (value: string | undefined) => void,
  ): TemplateResult | typeof nothing {
    if (options.length === 0) return nothing;
    const read = (event: Event) => {
      if (event.target instanceof HTMLSelectElement) choose(event.target.value || undefined);
    };
    return html`<label>
      <div class="heading">${label}</div>
      <select class="field" @change=${read}>
        <option value="" ?selected=${chosen === undefined}>None</option>
        ${options.map(
          ([value, word]) =>
            html`<option value=${value} ?selected=${value === chosen}>${word}</option>`,
        )}
      </select>
    </label>`;
  }
}

/** Scope's options have no name of their own. */
const HEADINGS: Readonly<Record<string, string>> = {
  namespace: "Namespace",
  pseudo: "Uncontained",
  snapshot: "Snapshots",
  stopped: "State",
  storage: "Storage",
  system: "Containers",
  unconnected: "Unconnected",
};

function headingOf({ id }: TopologyOption): string {
  return HEADINGS[id] ?? id.replaceAll(/[_-]+/g, " ");
}
