// Stylesheets that a page asks for when it needs them.

const styles = new Map(); // a stylesheet's name -> the promise of it

/** The stylesheet css/NAME.css, in the head after the page's own: a promise that ends when it is there. */
export function styleOf(name) {
  if (!styles.has(name)) {
    styles.set(name, new Promise((resolve, reject) => {
      const href = new URL(`../css/${name}.css`, import.meta.url).href;
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve });
      link.onerror = () => reject(new Error(`no stylesheet ${href}`));
      document.head.append(link);
    }));
  }
  return styles.get(name);
}
