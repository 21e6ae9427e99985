import { css } from "lit";

/** Of a migration's page. */
export const migrationStyles = css`
  :host {
    background: var(--bg);
    box-sizing: border-box;
    margin: 0 auto;
    max-width: 1280px;
    min-height: 100vh;
    padding: 20px 24px 40px;
  }

  h1 {
    font-size: 18px;
    letter-spacing: -0.01em;
    margin: 0;
  }

  .top {
    margin-bottom: 16px;
  }

  .cards {
    display: grid;
    gap: 16px;
    grid-template-columns: repeat(auto-fit, minmax(300px, 1fr));
  }

  .wide {
    grid-column: 1 / -1;
  }

  .big {
    font-size: 26px;
    font-weight: 600;
    letter-spacing: -0.02em;
    line-height: 1.2;
  }

  .sparkline {
    height: 56px;
    margin: 8px 0 10px;
  }

  .steps {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 4px;
    margin-bottom: 10px;
  }

  .steps li {
    align-items: center;
    color: var(--muted);
    display: flex;
    flex: 1 1 96px;
    flex-direction: column;
    font-size: 12px;
    gap: 4px;
    position: relative;
  }

  .steps li:not(:last-child)::after {
    background: var(--line);
    content: "";
    height: 2px;
    left: calc(50% + 18px);
    position: absolute;
    right: calc(-50% + 14px);
    top: 13px;
  }

  .steps li.is-done::after {
    background: var(--accent);
  }

  .steps i {
    align-items: center;
    background: var(--sunken);
    border: 1px solid var(--line);
    border-radius: 50%;
    display: flex;
    font-style: normal;
    height: 26px;
    justify-content: center;
    width: 26px;
  }

  .steps .is-now {
    color: var(--text);
    font-weight: 600;
  }

  .steps .is-now i {
    background: var(--accent);
    border-color: transparent;
    color: var(--on-accent);
  }

  .steps .is-done i {
    background: var(--accent-soft);
    border-color: transparent;
    color: var(--accent-text);
  }

  .list {
    max-height: 260px;
    overflow: auto;
  }

  .list:focus-visible {
    outline-offset: -2px;
  }

  td code {
    overflow-wrap: anywhere;
  }

  .timeline td:first-child {
    color: var(--muted);
    white-space: nowrap;
    width: 1%;
  }

  .acts > li {
    align-items: center;
    display: flex;
    gap: 12px;
    padding: 6px 0;
  }

  .acts .button {
    flex: none;
    justify-content: center;
    width: 132px;
  }
`;
