// The state of an explorable where no kernel holds it: on a published page, on a slide.

/** What a module needs of anywidget's model: get, set, on, off, save_changes, and change events. There is no kernel to
 *  save for; `save`, called with the state, keeps what shall be there again at the next visit. */
export function makeModel(state, save) {
  const listeners = new Map();
  const emit = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
  return {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      emit(`change:${name}`);
      emit("change");
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    off(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((l) => listener && l !== listener));
    },
    save_changes: () => save(state),
  };
}
