import { css } from "lit";
import { shared } from "../../parts/styles.ts";
import { pieceStyles } from "./pieces.ts";

/** Of a node's card. */
export const cardStyles = [
  ...shared,
  pieceStyles,
  css`
    :host {
      background: var(--surface);
      border: 1px solid var(--line);
      border-radius: 10px;
      box-shadow: 0 6px 28px light-dark(rgb(20 32 43 / 14%), rgb(0 0 0 / 45%));
      display: flex;
      flex-direction: column;
      max-height: 100%;
      min-height: 0;
      overflow: hidden;
    }

    header {
      border-bottom: 1px solid var(--line);
      border-top: 3px solid var(--node-colour, var(--accent));
      flex: none;
      padding: 12px 10px 12px 16px;
    }

    .title {
      align-items: flex-start;
      display: flex;
      gap: 8px;
    }

    .title .shape {
      color: var(--node-colour, var(--accent));
      margin-top: 4px;
    }

    h2 {
      font-size: 15px;
      line-height: 22px;
      overflow-wrap: anywhere;
    }

    .title > div {
      flex: 1;
      min-width: 0;
    }

    .parents {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
      margin-top: 8px;
    }

    .parents button {
      background: var(--sunken);
      border: 1px solid var(--line);
      border-radius: 5px;
      color: var(--accent-text);
      cursor: pointer;
      font-size: 12px;
      line-height: 18px;
      max-width: 100%;
      overflow: hidden;
      padding: 0 7px;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .parents button:hover {
      background: var(--hover);
    }

    .controls {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
      margin-top: 10px;
    }

    .controls .button {
      font-size: 12px;
      padding: 2px 9px;
    }

    .notice {
      font-size: 12px;
      margin: 10px 6px 0 0;
    }

    .body {
      display: flex;
      flex-direction: column;
      gap: 18px;
      outline-offset: -2px;
      overflow: auto;
      overscroll-behavior: contain;
      padding: 14px 16px 18px;
      scrollbar-width: thin;
    }

    .metrics {
      display: grid;
      gap: 10px 20px;
      grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
    }

    h3 {
      color: var(--muted);
      font-size: 11px;
      font-weight: 600;
      letter-spacing: 0.04em;
      margin-bottom: 6px;
      text-transform: uppercase;
    }

    .facts {
      font-size: 12px;
      gap: 5px 14px;
      grid-template-columns: minmax(80px, 32%) minmax(0, 1fr);
    }

    table {
      font-size: 12px;
      table-layout: auto;
    }

    th {
      font-size: 11px;
      padding-bottom: 4px;
    }

    th .sort {
      align-items: center;
      background: none;
      border: 0;
      color: inherit;
      cursor: pointer;
      display: inline-flex;
      font-weight: 600;
      gap: 3px;
      letter-spacing: 0.04em;
      padding: 0;
      text-transform: uppercase;
    }

    th .sort svg {
      height: 11px;
      width: 11px;
    }

    td {
      padding-block: 4px;
    }

    td.end {
      white-space: nowrap;
    }

    td.name {
      max-width: 0;
      width: 99%;
    }

    td.name .clip {
      display: block;
    }

    .wide {
      overflow-x: auto;
      scrollbar-width: thin;
    }

    .link {
      background: none;
      border: 0;
      color: var(--accent-text);
      cursor: pointer;
      display: block;
      max-width: 100%;
      padding: 0;
      text-align: left;
    }

    .link:hover {
      text-decoration: underline;
    }

    .more {
      background: none;
      border: 0;
      color: var(--accent-text);
      cursor: pointer;
      font-size: 12px;
      margin-top: 5px;
      padding: 0;
    }

    .more:hover {
      text-decoration: underline;
    }

    .text {
      background: var(--sunken);
      border-radius: 6px;
      max-height: 220px;
      overflow: auto;
      padding: 8px 10px;
      white-space: pre-wrap;
    }

    .waiting {
      color: var(--muted);
      padding: 28px 16px;
      text-align: center;
    }
  `,
];
