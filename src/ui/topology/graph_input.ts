/** Pointers and wheel over the graph, as movements of its camera. */

/** What a reader does; places in CSS pixels of the element. */
export interface GraphGestures {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  /** Pressed and released in place. */
  click(x: number, y: number): void;
  /** Pointed at; nothing when the pointer is gone. */
  point(at: readonly [number, number] | undefined): void;
  /** The picture is being moved, or has come to rest. */
  moving(isMoving: boolean): void;
}

/** Pixels that a press may shake. */
const SHAKE = 4;
/** Screens without movement after which the picture is at rest. */
const REST_FRAMES = 9;
const WHEEL_RATE = 0.0016;
const LINE_PIXELS = 16;

interface Held {
  x: number;
  y: number;
}

/** Listens to an element; one finger or button moves, two fingers and the wheel zoom. */
export class GraphInput {
  readonly #gestures: GraphGestures;
  readonly #held = new Map<number, Held>();
  #travel = 0;
  #idleFrames = REST_FRAMES;

  constructor(gestures: GraphGestures) {
    this.#gestures = gestures;
  }

  /** A pointer went down. */
  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.#held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (this.#held.size === 1) this.#travel = 0;
    if (event.currentTarget instanceof Element)
      event.currentTarget.setPointerCapture(event.pointerId);
  };

  /** A pointer moved, pressed or not. */
  readonly move = (event: PointerEvent): void => {
    const { offsetX: x, offsetY: y } = event;
    const held = this.#held.get(event.pointerId);
    if (held === undefined) {
      this.#gestures.point([x, y]);
      return;
    }
    const [dx, dy] = [x - held.x, y - held.y];
    this.#travel += Math.hypot(dx, dy);
    if (this.#travel <= SHAKE) return;
    const before = this.#spread();
    held.x = x;
    held.y = y;
    this.moved();
    this.#gestures.pan(dx / this.#held.size, dy / this.#held.size);
    const after = this.#spread();
    if (before.width > 0) this.#gestures.zoom(after.width / before.width, after.x, after.y);
  };

  /** A pointer went up. */
  readonly up = (event: PointerEvent): void => {
    const held = this.#held.get(event.pointerId);
    this.#held.delete(event.pointerId);
    const isClick = held !== undefined && this.#travel <= SHAKE && event.type === "pointerup";
    if (isClick) this.#gestures.click(event.offsetX, event.offsetY);
  };

  /** The pointer left. */
  readonly leave = (): void => {
    this.#gestures.point(undefined);
  };

  /** The wheel turned. */
  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1);
    this.moved();
    // A pinch on a touch pad comes as a wheel with Ctrl, in smaller steps.
    const rate = WHEEL_RATE * (event.ctrlKey ? 6 : 1);
    this.#gestures.zoom(Math.exp(-pixels * rate), event.offsetX, event.offsetY);
  };

  /** The picture was moved; after some screens without another movement it is at rest. */
  moved(): void {
    const isResting = this.#idleFrames >= REST_FRAMES;
    this.#idleFrames = 0;
    if (!isResting) return;
    this.#gestures.moving(true);
    const count = () => {
      this.#idleFrames += 1;
      if (this.#idleFrames < REST_FRAMES) requestAnimationFrame(count);
      else this.#gestures.moving(false);
    };
    requestAnimationFrame(count);
  }

  /** The middle between two fingers and how far they are apart; 0 with one. */
  #spread(): { readonly x: number; readonly y: number; readonly width: number } {
    const [one, other] = [...this.#held.values()];
    if (one === undefined || other === undefined) return { x: 0, y: 0, width: 0 };
    const [x, y] = [(one.x + other.x) / 2, (one.y + other.y) / 2];
    return { x, y, width: Math.hypot(one.x - other.x, one.y - other.y) };
  }
}
