import fc from "fast-check";
import { expect, test } from "vitest";
import { Camera } from "../../../src/ui/scene/camera.ts";

const place = fc.double({ min: -1e4, max: 1e4, noNaN: true });

test("Camera: what a pixel shows stays there when one zooms at it", () => {
  const pixel = fc.integer({ min: 0, max: 800 });
  fc.assert(
    fc.property(
      place,
      place,
      pixel,
      pixel,
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      (x, y, u, v, by) => {
        const camera = new Camera();
        Object.assign(camera, { x, y, width: 800, height: 600 });
        const before = camera.toPicture(u, v);
        camera.zoomAt(by, u, v);
        const [px, py] = camera.toWindow(...before);
        expect(px).toBeCloseTo(u, 4);
        expect(py).toBeCloseTo(v, 4);
      },
    ),
  );
});

test("Camera: all of what is fitted is in the window, and small pictures are not blown up", () => {
  const camera = new Camera();
  Object.assign(camera, { width: 800, height: 600 });
  camera.fit([-3_000, 100, 9_000, 4_000]);
  expect(camera.toWindow(-3_000, 100)[0]).toBeGreaterThanOrEqual(23);
  expect(camera.toWindow(9_000, 4_000)[0]).toBeLessThanOrEqual(777);
  camera.fit([0, 0, 10, 10]);
  expect(camera.scale).toBe(1.25);
});

test("Camera: scales stay between their limits, and pans are pixels", () => {
  const camera = new Camera();
  camera.zoomAt(1e9);
  expect(camera.scale).toBe(4);
  camera.panBy(8, -4);
  expect([camera.x, camera.y]).toEqual([-2, 1]);
  camera.zoomAt(1e-9);
  expect(camera.scale).toBe(0.005);
});
