// Draws the picture: the photo with a mask, the change, the cut-out, or the affinity of a pixel.
import { newCanvas } from './photo.js';

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The channels of a colour like #4c56c9. */
const channels = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));

/** A pixel as a canvas stores it, on little-endian machines, which are all that have browsers. */
const pack = (red, green, blue, alpha) => (alpha << 24 | blue << 16 | green << 8 | red) >>> 0;

export class View {
  #layers = new Map(); // by name, until a mask changes

  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.photo = null;
    this.coarse = this.refined = this.affinity = null; // grey values
    this.live = null; // the canvas of a mask that is being painted, before its values are read
    this.look = 'mask';
    this.split = 0; // the share that shows the coarse mask, from the left
    this.overlay = null; // draws on top: cursor, polygon
  }

  setPhoto(photo) {
    [this.canvas.width, this.canvas.height] = [photo.width, photo.height];
    this.photo = photo;
    this.setLive(null);
  }

  setLive(canvas) {
    Object.assign(this, { live: canvas, coarse: null, refined: null, affinity: null });
    this.#layers.clear();
  }

  setMasks(coarse, refined) {
    Object.assign(this, { live: null, coarse, refined });
    this.#layers.clear();
  }

  setAffinity(grey) {
    this.affinity = grey;
    this.#layers.delete('affinity');
  }

  /** The share of the pixels that changed sides. */
  changedShare() {
    let changed = 0;
    for (let i = 0; i < this.refined.length; i++)
      changed += this.refined[i] >= 128 !== this.coarse[i] >= 128;
    return changed / this.refined.length;
  }

  draw() {
    if (!this.photo)
      return;
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (this.affinity) {
      context.drawImage(this.#layer('affinity', () => this.#affinityLayer()), 0, 0);
    } else if (this.live) {
      context.drawImage(this.photo.canvas, 0, 0);
      context.drawImage(this.#flatTint(this.live), 0, 0);
    } else {
      const border = this.refined ? Math.round(canvas.width * this.split) : canvas.width;
      this.#part(0, border, false);
      this.#part(border, canvas.width, true);
    }
    this.overlay?.(context);
  }

  #part(left, right, isRefined) {
    if (right <= left)
      return;
    const { context, canvas } = this, mask = isRefined ? 'refined' : 'coarse';
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, canvas.height);
    context.clip();
    if (this.look === 'cutout' && (this.coarse || isRefined)) {
      context.drawImage(this.#layer(`cutout-${mask}`, () => this.#cutOut(this[mask])), 0, 0);
    } else {
      context.drawImage(this.photo.canvas, 0, 0);
      if (this.look === 'change' && isRefined)
        context.drawImage(this.#layer('change', () => this.#change()), 0, 0);
      else if (this[mask])
        context.drawImage(this.#layer(`tint-${mask}`, () => this.#tint(this[mask])), 0, 0);
    }
    context.restore();
  }

  /** Without a contour, but fast enough to follow the hand. */
  #flatTint(mask) {
    const layer = this.#layer('flat', () => newCanvas(mask.width, mask.height)), context = layer.getContext('2d');
    context.globalCompositeOperation = 'copy';
    context.drawImage(mask, 0, 0);
    context.globalCompositeOperation = 'source-in';
    context.globalAlpha = 0.5;
    context.fillStyle = css('--accent');
    context.fillRect(0, 0, layer.width, layer.height);
    context.globalAlpha = 1;
    return layer;
  }

  #layer(name, make) {
    if (!this.#layers.has(name))
      this.#layers.set(name, make());
    return this.#layers.get(name);
  }

  /** A canvas made pixel by pixel. */
  #pixels(paint) {
    const { width, height } = this.photo, layer = newCanvas(width, height), context = layer.getContext('2d');
    const image = context.createImageData(width, height);
    paint(new Uint32Array(image.data.buffer), width, height);
    context.putImageData(image, 0, 0);
    return layer;
  }

  #photoPixels() {
    return this.photo.canvas.getContext('2d').getImageData(0, 0, this.photo.width, this.photo.height).data;
  }

  /** The mask in the accent colour, with a contour of about two pixels on the screen. */
  #tint(grey) {
    const [red, green, blue] = channels(css('--accent')), contour = pack(255, 255, 255, 230);
    return this.#pixels((pixels, width, height) => {
      const reach = Math.max(1, Math.round(width / 900));
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const inside = grey[i] >= 128;
          const isContour = inside && (
            grey[i - Math.min(reach, x)] < 128 || grey[i + Math.min(reach, width - 1 - x)] < 128
            || grey[i - width * Math.min(reach, y)] < 128 || grey[i + width * Math.min(reach, height - 1 - y)] < 128);
          pixels[i] = isContour ? contour : pack(red, green, blue, grey[i] >> 1);
        }
      }
    });
  }

  /** Green where the mask grew, red where it shrank, over a darker photo. */
  #change() {
    const added = channels(css('--added')), removed = channels(css('--removed'));
    return this.#pixels(pixels => {
      for (let i = 0; i < this.refined.length; i++) {
        const change = this.refined[i] - this.coarse[i], strength = Math.abs(change) / 255;
        const [red, green, blue] = change > 0 ? added : removed;
        pixels[i] = pack(red * strength, green * strength, blue * strength, 140 + 100 * strength);
      }
    });
  }

  /** With the levels of the server's cut-outs, 3 % and 97 %; those have better colours at the edges. */
  #cutOut(grey) {
    const photo = this.#photoPixels(), alpha = value => Math.min(255, Math.max(0, (value - 0.03 * 255) / 0.94));
    return this.#pixels(pixels => {
      for (let i = 0; i < grey.length; i++)
        pixels[i] = pack(photo[4 * i], photo[4 * i + 1], photo[4 * i + 2], alpha(grey[i]));
    });
  }

  /** The photo in dark grey, and what the pixel reaches in orange. The square root shows weak influence. */
  #affinityLayer() {
    const photo = this.#photoPixels();
    return this.#pixels(pixels => {
      for (let i = 0; i < this.affinity.length; i++) {
        const grey = 0.45 * (photo[4 * i] + 2 * photo[4 * i + 1] + photo[4 * i + 2]) / 4, glow = Math.sqrt(this.affinity[i] / 255);
        pixels[i] = pack(grey + (255 - grey) * glow, grey + (165 - grey) * glow, grey * (1 - glow), 255);
      }
    });
  }
}
