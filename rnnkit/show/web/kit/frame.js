// What a live widget needs around a view: the frame and the caption that the published page has in its HTML.
import { html, rich } from "./dom.js";

/** The explorable of a view, framed: a module as anywidget expects it. */
export const framed = (explorable) => ({
  render({ model, el, ...rest }) {
    const stage = html("div", { class: "rk-stage" });
    el.classList.add("rk-explorable");
    el.append(stage, html("figcaption", {}, rich(model.get("caption"))));
    return explorable.render({ model, el: stage, ...rest });
  },
});
