// Where the picture lies in its frame: as large as fits, or larger and moved. Places are pixels of the screen from the frame's centre.

const MAX_PIXEL = 8; // pixels of the screen per pixel of the photo
const MIN_MAX = 4; // small photos are large already, and can still be enlarged

const clamp = (value, limit) => Math.min(limit, Math.max(-limit, value));

export class Zoom {
  #factor = 1; // 1 fits
  #x = 0; // of the picture's centre
  #y = 0;
  #photo = { width: 1, height: 1 };
  #frame = { width: 1, height: 1 };

  get factor() { return this.#factor; }

  /** Says how large the photo and the frame are, and returns the picture's place from the frame's left top corner. */
  place(photo, frame) {
    [this.#photo, this.#frame] = [photo, frame];
    this.#keepInside();
    const { width, height } = this.#size();
    return { left: (frame.width - width) / 2 + this.#x, top: (frame.height - height) / 2 + this.#y, width, height };
  }

  reset() {
    this.#factor = 1;
    this.#x = this.#y = 0;
  }

  /** Enlarges or reduces the picture; what is at a place stays there. */
  by(factor, x = 0, y = 0) {
    const before = this.#factor;
    this.#factor = Math.min(Math.max(MIN_MAX, MAX_PIXEL / this.#fit()), Math.max(1, before * factor));
    const ratio = this.#factor / before;
    this.#x = x - (x - this.#x) * ratio;
    this.#y = y - (y - this.#y) * ratio;
    this.#keepInside();
  }

  move(x, y) {
    this.#x += x;
    this.#y += y;
    this.#keepInside();
  }

  /** Moves the picture as far as is needed to see a pixel of the photo. */
  reveal(point) {
    const { width, height } = this.#size(), frame = this.#frame;
    const x = this.#x + (point.x / this.#photo.width - 0.5) * width, y = this.#y + (point.y / this.#photo.height - 0.5) * height;
    this.move(clamp(x, 0.4 * frame.width) - x, clamp(y, 0.4 * frame.height) - y);
  }

  #fit() {
    return Math.min(this.#frame.width / this.#photo.width, this.#frame.height / this.#photo.height);
  }

  #size() {
    const scale = this.#fit() * this.#factor;
    return { width: this.#photo.width * scale, height: this.#photo.height * scale };
  }

  // A side that fits is centred; of a larger one, no edge leaves the frame.
  #keepInside() {
    const { width, height } = this.#size();
    this.#x = clamp(this.#x, Math.max(0, width - this.#frame.width) / 2);
    this.#y = clamp(this.#y, Math.max(0, height - this.#frame.height) / 2);
  }
}
