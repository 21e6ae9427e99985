import { css } from "lit";
import { shared } from "../parts/styles.ts";

/** Of the whole console: its frame, navigation and notices. */
export const consoleStyles = [
  ...shared,
  css`
    :host {
      background: var(--bg);
      display: grid;
      grid-template: minmax(0, 1fr) / 208px minmax(0, 1fr);
      height: 100vh;
      height: 100dvh;
    }

    .skip {
      background: var(--surface);
      border-radius: 6px;
      left: 12px;
      padding: 8px 14px;
      position: absolute;
      top: -60px;
      z-index: 10;
    }

    .skip:focus {
      top: 12px;
    }

    aside {
      border-right: 1px solid var(--line);
      display: flex;
      flex-direction: column;
      gap: 18px;
      min-height: 0;
      overflow: hidden auto;
      padding: 16px 12px 12px;
    }

    .brand {
      align-items: center;
      color: var(--text);
      display: flex;
      gap: 10px;
      padding: 0 8px;
    }

    .brand:hover {
      text-decoration: none;
    }

    .brand svg {
      color: var(--accent);
      flex: none;
    }

    .brand b {
      display: block;
      font-size: 15px;
      font-weight: 650;
      letter-spacing: -0.02em;
      line-height: 18px;
    }

    .brand .clip {
      color: var(--muted);
      display: block;
      font-size: 12px;
      line-height: 15px;
    }

    nav ul {
      display: flex;
      flex-direction: column;
      gap: 1px;
    }

    nav a {
      align-items: center;
      border-radius: 6px;
      color: var(--muted);
      display: flex;
      font-weight: 500;
      gap: 10px;
      padding: 6px 8px;
    }

    nav a:hover {
      background: light-dark(rgb(20 32 43 / 5%), rgb(255 255 255 / 6%));
      color: var(--text);
      text-decoration: none;
    }

    nav a[aria-current="page"] {
      background: var(--accent-soft);
      color: var(--accent-text);
      font-weight: 600;
    }

    nav .count {
      font-size: 12px;
      font-weight: 400;
      margin-left: auto;
    }

    .foot {
      color: var(--muted);
      display: flex;
      flex-direction: column;
      font-size: 12px;
      gap: 8px;
      margin-top: auto;
    }

    .foot .row {
      gap: 2px;
    }

    .status {
      align-items: center;
      display: flex;
      gap: 8px;
      padding: 0 8px;
    }

    .status i {
      background: currentColor;
      border-radius: 50%;
      flex: none;
      height: 8px;
      width: 8px;
    }

    .status.busy i,
    .status.bad i {
      background: none;
      border: 2px solid currentColor;
    }

    .status span {
      color: var(--text);
    }

    main {
      display: flex;
      flex-direction: column;
      min-height: 0;
      min-width: 0;
      outline: none;
      overflow: auto;
    }

    .page {
      display: flex;
      flex: 1 0 auto;
      flex-direction: column;
      padding: 20px 24px 24px;
      width: 100%;
    }

    .page.fills {
      flex: 1 1 0;
      min-height: 320px;
    }

    .page.fills > :last-child {
      flex: 1;
      min-height: 0;
    }

    .title {
      align-items: baseline;
      display: flex;
      flex: none;
      gap: 8px;
      margin-bottom: 16px;
      min-width: 0;
    }

    h1 {
      font-size: 20px;
      font-weight: 650;
      letter-spacing: -0.02em;
      line-height: 28px;
      margin: 0;
      min-width: 0;
      outline: none;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .title .from {
      color: var(--muted);
      flex: none;
      font-size: 20px;
      letter-spacing: -0.02em;
      line-height: 28px;
    }

    .title .from::after {
      color: var(--line-strong);
      content: "/";
      margin-left: 8px;
    }

    .banner {
      align-items: center;
      background: var(--bad-soft);
      border-bottom: 1px solid color-mix(in srgb, var(--bad) 35%, transparent);
      display: flex;
      flex: none;
      gap: 10px;
      padding: 8px 24px;
    }

    .banner svg {
      color: var(--bad);
      flex: none;
    }

    .banner .button {
      margin-left: auto;
    }

    .toasts {
      position: absolute;
    }

    h1:focus-visible,
    main:focus-visible {
      outline: none;
    }

    .toast {
      align-items: center;
      background: light-dark(#16222d, #e5ebf0);
      border-radius: 8px;
      bottom: 20px;
      box-shadow: 0 8px 28px rgb(0 0 0 / 25%);
      color: light-dark(#fff, #10181f);
      display: flex;
      gap: 8px;
      padding: 10px 16px;
      position: fixed;
      right: 24px;
      z-index: 5;
    }

    @media (max-width: 1040px) {
      :host {
        grid-template-columns: 56px minmax(0, 1fr);
      }

      aside {
        align-items: center;
        padding: 14px 6px;
      }

      .brand {
        padding: 0;
      }

      .brand > span,
      nav .word,
      nav .count,
      .status span,
      .version {
        clip-path: inset(50%);
        height: 1px;
        overflow: hidden;
        position: absolute;
        white-space: nowrap;
        width: 1px;
      }

      nav a {
        padding: 9px;
      }

      .foot .row {
        flex-direction: column;
      }

      .page {
        padding: 16px;
      }
    }
  `,
];
