// The drawings that scenes are painted with, decoded by the browser.

/** Decode the drawings' PNGs: name -> { url, width, height, plane }, where plane holds r, g, b times opacity, and
 *  opacity (0 to 1), pixel by pixel. */
export async function loadSprites(urls) {
  const load = async ([name, url]) => {
    const picture = Object.assign(new Image(), { src: url });
    await picture.decode();
    const { naturalWidth: width, naturalHeight: height } = picture;
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    context.drawImage(picture, 0, 0);
    const plane = Float64Array.from(context.getImageData(0, 0, width, height).data);
    for (let i = 0; i < plane.length; i += 4) {
      plane[i + 3] /= 255;
      for (let c = 0; c < 3; c += 1) plane[i + c] *= plane[i + 3];
    }
    return [name, { url, width, height, plane, shrunk: new Map() }];
  };
  return Object.fromEntries(await Promise.all(Object.entries(urls).map(load)));
}
