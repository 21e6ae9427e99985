import { css } from "lit";
import { tokens } from "./tokens.ts";

const base = css`
  :host {
    display: block;
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  pre {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  h2 {
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.005em;
  }

  h3 {
    color: var(--muted);
    font-size: 12px;
    font-weight: 600;
  }

  a {
    color: var(--accent-text);
    text-decoration: none;
  }

  a:hover {
    text-decoration: underline;
  }

  p a,
  .muted > a,
  .empty a {
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 2px;
  }

  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }

  code,
  pre,
  .mono {
    font-family: var(--mono);
    font-size: 12px;
    font-variant-ligatures: none;
  }

  button,
  input,
  select,
  textarea {
    color: inherit;
    font: inherit;
  }

  .button {
    align-items: center;
    background: var(--surface);
    border: 1px solid color-mix(in srgb, var(--line-strong) 55%, transparent);
    border-radius: 6px;
    cursor: pointer;
    display: inline-flex;
    font-weight: 500;
    gap: 6px;
    line-height: 18px;
    padding: 5px 11px;
    text-decoration: none;
    white-space: nowrap;
  }

  .button:hover {
    background: var(--hover);
    text-decoration: none;
  }

  .button[disabled] {
    cursor: default;
    opacity: 0.55;
  }

  .button.primary {
    background: var(--accent);
    border-color: transparent;
    color: var(--on-accent);
  }

  .button.primary:hover {
    background: color-mix(in srgb, var(--accent) 88%, var(--text));
  }

  .button.danger {
    color: var(--bad);
  }

  .button.danger.primary {
    background: var(--bad);
    color: light-dark(#fff, #2b0b08);
  }

  .button.quiet {
    background: none;
    border-color: transparent;
  }

  .button.quiet:hover {
    background: var(--hover);
  }

  .icon-button {
    align-items: center;
    background: none;
    border: 0;
    border-radius: 6px;
    color: var(--muted);
    cursor: pointer;
    display: inline-flex;
    height: 28px;
    justify-content: center;
    padding: 0;
    width: 28px;
  }

  .icon-button:hover {
    background: var(--hover);
    color: var(--text);
  }

  .field {
    background: var(--surface);
    border: 1px solid color-mix(in srgb, var(--line-strong) 75%, transparent);
    border-radius: 6px;
    height: 30px;
    padding: 0 10px;
  }

  textarea.field {
    height: auto;
    padding: 7px 10px;
  }

  .field::placeholder {
    color: var(--muted);
    opacity: 1;
  }

  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    min-width: 0;
  }

  .card > header {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    justify-content: space-between;
    padding: 12px 16px 0;
  }

  .card > .body {
    padding: 12px 16px 16px;
  }

  .muted {
    color: var(--muted);
  }

  .small {
    font-size: 12px;
  }

  .number {
    font-weight: 600;
  }

  .row {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }

  .spread {
    justify-content: space-between;
  }

  .clip {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .stack {
    display: flex;
    flex-direction: column;
    gap: 16px;
  }

  .facts {
    display: grid;
    gap: 7px 16px;
    grid-template-columns: minmax(90px, max-content) minmax(0, 1fr);
  }

  .facts dt {
    color: var(--muted);
  }

  .facts dd {
    overflow-wrap: anywhere;
  }

  .tag {
    background: var(--sunken);
    border: 1px solid var(--line);
    border-radius: 4px;
    display: inline-block;
    font-size: 12px;
    line-height: 18px;
    max-width: 100%;
    overflow: hidden;
    padding: 0 6px;
    text-overflow: ellipsis;
    vertical-align: middle;
    white-space: nowrap;
  }

  .tags {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }

  .state {
    align-items: center;
    display: inline-flex;
    gap: 6px;
    vertical-align: middle;
    white-space: nowrap;
  }

  .state svg {
    flex: none;
  }

  .good {
    color: var(--good);
  }

  .warn {
    color: var(--warn);
  }

  .bad {
    color: var(--bad);
  }

  .plain {
    color: var(--muted);
  }

  .busy {
    color: var(--accent-text);
  }

  .state > span {
    color: var(--text);
  }

  .empty {
    align-items: center;
    color: var(--muted);
    display: flex;
    flex-direction: column;
    gap: 6px;
    justify-content: center;
    padding: 36px 20px;
    text-align: center;
  }

  .empty strong {
    color: var(--text);
    font-weight: 600;
  }

  .empty code {
    background: var(--sunken);
    border: 1px solid var(--line);
    border-radius: 6px;
    color: var(--text);
    margin-top: 4px;
    max-width: 100%;
    overflow-wrap: anywhere;
    padding: 6px 10px;
    text-align: left;
  }

  .notice {
    align-items: flex-start;
    border-radius: 6px;
    display: flex;
    gap: 8px;
    padding: 8px 12px;
  }

  .notice.bad {
    background: var(--bad-soft);
  }

  .notice.warn {
    background: var(--warn-soft);
  }

  .notice svg {
    flex: none;
    margin-top: 1px;
  }

  .hidden {
    clip-path: inset(50%);
    height: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
    width: 1px;
  }

  table {
    border-collapse: collapse;
    width: 100%;
  }

  th {
    color: var(--muted);
    font-size: 12px;
    font-weight: 500;
    padding: 4px 12px 6px 0;
    text-align: left;
  }

  td {
    border-top: 1px solid var(--line);
    padding: 7px 12px 7px 0;
    vertical-align: top;
  }

  th.end,
  td.end {
    text-align: right;
  }

  th:last-child,
  td:last-child {
    padding-right: 0;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

/** What every element here starts its own styles with. */
export const shared = [tokens, base];
