import { css } from "lit";
import { shared } from "../../parts/styles.ts";

/** Of the terminal's panel, and what xterm.js needs to stand right in a shadow root. */
export const terminalStyles = [
  ...shared,
  css`
    :host {
      background: #10161c;
      border-top: 1px solid var(--line);
      color: #dbe4ea;
      display: flex;
      flex-direction: column;
      min-height: 0;
      position: relative;
    }

    .grip {
      cursor: ns-resize;
      height: 9px;
      left: 0;
      position: absolute;
      right: 0;
      top: -5px;
      touch-action: none;
      z-index: 2;
    }

    .bar {
      align-items: center;
      border-bottom: 1px solid #222c35;
      display: flex;
      flex: none;
      font-size: 12px;
      gap: 8px;
      padding: 3px 6px 3px 12px;
    }

    .bar .icon-button {
      color: #9babb8;
    }

    .bar .icon-button:hover {
      background: #222c35;
      color: #fff;
    }

    .bar .push {
      margin-left: auto;
    }

    .bar .muted {
      color: #9babb8;
    }

    .screen {
      flex: 1;
      min-height: 0;
      overflow: hidden;
      padding: 6px 0 4px 10px;
    }

    .xterm {
      cursor: text;
      height: 100%;
      position: relative;
      user-select: none;
    }

    .xterm:focus,
    .xterm.focus {
      outline: none;
    }

    .xterm .xterm-helpers {
      position: absolute;
      top: 0;
      z-index: 5;
    }

    .xterm .xterm-helper-textarea {
      border: 0;
      height: 0;
      left: -9999em;
      margin: 0;
      opacity: 0;
      overflow: hidden;
      padding: 0;
      position: absolute;
      resize: none;
      top: 0;
      white-space: nowrap;
      width: 0;
      z-index: -5;
    }

    .xterm .composition-view {
      display: none;
      position: absolute;
      white-space: nowrap;
      z-index: 1;
    }

    .xterm .composition-view.active {
      display: block;
    }

    .xterm .xterm-viewport {
      inset: 0;
      overflow-y: scroll;
      position: absolute;
    }

    .xterm .xterm-screen {
      position: relative;
    }

    .xterm-char-measure-element {
      display: inline-block;
      left: -9999em;
      line-height: normal;
      position: absolute;
      top: 0;
      visibility: hidden;
    }

    .xterm .xterm-accessibility:not(.debug),
    .xterm .xterm-message {
      color: transparent;
      inset: 0;
      pointer-events: none;
      position: absolute;
      z-index: 10;
    }

    .xterm .xterm-accessibility-tree {
      font-family: monospace;
      user-select: text;
      white-space: pre;
    }

    .xterm .live-region {
      height: 1px;
      left: -9999px;
      overflow: hidden;
      position: absolute;
      width: 1px;
    }

    .xterm-dim {
      opacity: 1 !important;
    }

    .xterm-underline-1 {
      text-decoration: underline;
    }

    .xterm-strikethrough {
      text-decoration: line-through;
    }

    .xterm .xterm-scrollable-element > .invisible {
      opacity: 0;
      pointer-events: none;
    }
  `,
];
