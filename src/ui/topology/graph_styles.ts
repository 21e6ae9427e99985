import { css } from "lit";

/** Styles of the graph's element. */
export const graphStyles = css`
  :host {
    background: var(--bg);
    display: block;
    height: 100%;
    min-height: 160px;
    overflow: hidden;
    position: relative;
  }

  .stage {
    cursor: grab;
    height: 100%;
    outline-offset: -3px;
    position: relative;
    touch-action: none;
    user-select: none;
    width: 100%;
  }

  .stage.pointing {
    cursor: pointer;
  }

  .stage:active {
    cursor: grabbing;
  }

  .layers,
  .layers > canvas {
    height: 100%;
    inset: 0;
    pointer-events: none;
    position: absolute;
    width: 100%;
  }

  .spoken {
    clip-path: inset(50%);
    height: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
    width: 1px;
  }

  .tools {
    bottom: 14px;
    display: flex;
    flex-direction: column;
    gap: 4px;
    position: absolute;
    right: 14px;
  }

  .tools > .button {
    box-shadow: var(--shadow);
    font-size: 15px;
    height: 30px;
    justify-content: center;
    padding: 0;
    width: 30px;
  }

  .shown {
    background: color-mix(in srgb, var(--surface) 88%, transparent);
    border: 1px solid var(--line);
    border-radius: 999px;
    bottom: 14px;
    color: var(--muted);
    font-size: 12px;
    left: 14px;
    padding: 3px 11px;
    pointer-events: none;
    position: absolute;
  }
`;
