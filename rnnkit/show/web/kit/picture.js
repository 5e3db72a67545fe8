// A picture of a scene, and a map of weights over its regions: dark where little lies, the strongest region framed.
import { html, svg } from "./dom.js";
import { GRID, SIDE } from "./scene.js";

const region = (r, attributes) => svg("rect", { x: GRID * (r % GRID), y: GRID * Math.floor(r / GRID), width: GRID, height: GRID, ...attributes });

/** { screen, layers, showPixels(pixels), showMap(weights or null) }: layers are for an <svg> of SIDE units over the screen. */
export function makePicture() {
  const screen = html("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const squares = Array.from({ length: GRID * GRID }, (_, r) => region(r, { "fill-opacity": 0 }));
  const frames = ["rk-around", "rk-strongest"].map((name) => region(0, { class: name, rx: 0.6 }));
  function showPixels(pixels) {
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i += 1) image.data.set([pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2], 255], 4 * i);
    screen.getContext("2d").putImageData(image, 0, 0);
  }
  function showMap(weights) {
    const best = weights ? weights.indexOf(Math.max(...weights)) : -1;
    squares.forEach((square, r) => square.setAttribute("fill-opacity", weights ? (0.62 * (1 - Math.sqrt(weights[r] / weights[best]))).toFixed(3) : 0));
    for (const frame of frames) {
      frame.setAttribute("visibility", weights ? "visible" : "hidden");
      if (weights) for (const axis of ["x", "y"]) frame.setAttribute(axis, squares[best].getAttribute(axis));
    }
  }
  return { screen, layers: [svg("g", { class: "rk-shade" }, squares), ...frames], showPixels, showMap };
}
