import { css } from "lit";
import { shared } from "../../parts/styles.ts";
import { pieceStyles } from "./pieces.ts";

/** Of the whole view. */
export const topologyStyles = [
  ...shared,
  pieceStyles,
  css`
    :host {
      background: var(--bg);
      container-type: inline-size;
      display: block;
      height: 100%;
      min-height: 380px;
      overflow: hidden;
      position: relative;
    }

    :host([contrast]) {
      --fl-text: light-dark(#000, #fff);
      --fl-muted: light-dark(#22303b, #d6e1e9);
      --fl-line: light-dark(#5d6c79, #8493a0);
      --fl-line-strong: light-dark(#22303b, #d6e1e9);
      --fl-surface: light-dark(#fff, #000);
      --fl-bg: light-dark(#fff, #000);
      --fl-accent-text: light-dark(#003f57, #b4e6fa);
      --fl-focus: light-dark(#003f57, #ffd54a);
    }

    .frame {
      display: grid;
      grid-template: minmax(0, 1fr) auto / 216px minmax(0, 1fr);
      height: 100%;
    }

    aside {
      border-right: 1px solid var(--line);
      display: flex;
      flex-direction: column;
      gap: 18px;
      min-height: 0;
      overflow: hidden auto;
      padding: 14px 10px;
      scrollbar-width: thin;
    }

    .brand {
      align-items: center;
      display: flex;
      font-size: 15px;
      font-weight: 650;
      gap: 9px;
      letter-spacing: -0.02em;
      padding: 0 8px;
    }

    .brand svg {
      color: var(--accent);
    }

    main {
      background: var(--surface);
      display: flex;
      flex-direction: column;
      min-height: 0;
      min-width: 0;
      position: relative;
    }

    .bar {
      align-items: center;
      border-bottom: 1px solid var(--line);
      display: flex;
      flex: none;
      flex-wrap: wrap;
      gap: 8px 10px;
      padding: 8px 12px;
    }

    .bar fairlead-topology-search {
      flex: 1 1 220px;
      max-width: 520px;
    }

    .bar .push {
      margin-left: auto;
    }

    .stage {
      display: flex;
      flex: 1;
      flex-direction: column;
      min-height: 0;
      position: relative;
    }

    .stage > .view {
      flex: 1;
      min-height: 0;
    }

    /* A card beside the rows, not over them. */
    .stage.with-card > fairlead-node-table,
    .stage.with-card > fairlead-resources {
      margin-right: 412px;
    }

    .side {
      bottom: 12px;
      display: flex;
      flex-direction: column;
      max-width: calc(100% - 24px);
      pointer-events: none;
      position: absolute;
      right: 12px;
      top: 12px;
      width: 400px;
      z-index: 3;
    }

    .side > * {
      pointer-events: auto;
    }

    .under {
      background: var(--surface);
      border: 1px solid var(--line);
      border-bottom: 0;
      border-radius: 9px 9px 0 0;
      color: var(--muted);
      cursor: pointer;
      flex: none;
      font-size: 12px;
      margin: 0 10px;
      overflow: hidden;
      padding: 3px 12px 4px;
      text-align: left;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .under:hover {
      color: var(--text);
    }

    .changes {
      bottom: 12px;
      left: 12px;
      max-height: min(420px, calc(100% - 24px));
      max-width: calc(100% - 24px);
      position: absolute;
      width: 360px;
      z-index: 2;
    }

    .cover {
      align-items: center;
      background: color-mix(in srgb, var(--surface) 86%, transparent);
      display: flex;
      flex-direction: column;
      gap: 8px;
      inset: 0;
      justify-content: center;
      padding: 24px;
      position: absolute;
      text-align: center;
    }

    .cover ul {
      color: var(--muted);
      display: flex;
      flex-direction: column;
      gap: 3px;
    }

    .spinner {
      animation: turn 900ms linear infinite;
      border: 2px solid var(--track);
      border-radius: 50%;
      border-top-color: var(--accent);
      height: 24px;
      width: 24px;
    }

    @keyframes turn {
      to {
        transform: rotate(1turn);
      }
    }

    footer {
      align-items: center;
      border-top: 1px solid var(--line);
      color: var(--muted);
      display: flex;
      flex-wrap: wrap;
      font-size: 12px;
      gap: 4px 14px;
      grid-column: 1 / -1;
      min-height: 34px;
      padding: 3px 8px 3px 18px;
    }

    footer .status {
      align-items: center;
      display: flex;
      gap: 7px;
      white-space: nowrap;
    }

    footer .status > i {
      background: currentColor;
      border-radius: 50%;
      flex: none;
      height: 8px;
      width: 8px;
    }

    footer .status > span {
      color: var(--text);
    }

    footer fairlead-time-bar {
      flex: 1 1 220px;
    }

    footer .tools {
      align-items: center;
      display: flex;
      gap: 2px;
      margin-left: auto;
    }

    .icon-button[aria-pressed="true"] {
      background: var(--accent-soft);
      color: var(--accent-text);
    }

    .drawer {
      display: none;
    }

    .pill {
      background: var(--accent-soft);
      border-radius: 999px;
      color: var(--accent-text);
      font-size: 11px;
      font-weight: 600;
      padding: 0 6px;
    }

    @container (max-width: 860px) {
      .frame {
        grid-template-columns: minmax(0, 1fr);
      }

      .drawer {
        display: inline-flex;
      }

      aside {
        background: var(--bg);
        bottom: 0;
        box-shadow: 0 0 32px rgb(0 0 0 / 26%);
        left: 0;
        position: absolute;
        top: 0;
        visibility: hidden;
        width: 232px;
        z-index: 6;
      }

      aside.open {
        visibility: visible;
      }

      .stage.with-card > fairlead-node-table,
      .stage.with-card > fairlead-resources {
        margin-right: 0;
      }

      .side {
        bottom: 0;
        max-width: 100%;
        right: 0;
        top: 0;
        width: 100%;
      }

      .version {
        display: none;
      }
    }
  `,
];
