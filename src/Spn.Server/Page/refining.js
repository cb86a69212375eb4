// Refines the coarse mask while it is painted: a short while after the last change, and the last answer wins.
import { post } from './server.js';
import { readGrey } from './photo.js';

const PAUSE = 120; // milliseconds
const MIN_VALUE = 128; // below this a mask has no object

export class Refining {
  #timer = 0;
  #call = null;

  /**
   * @param {() => { photo: object, mask: import('./mask.js').CoarseMask, model: string }} read what to refine
   * @param {{ onStart: Function, onEmpty: Function, onDone: Function, onProblem: Function }} listener
   */
  constructor(read, listener) {
    this.read = read;
    this.listener = listener;
  }

  schedule(pause = PAUSE) {
    this.stop();
    this.#timer = setTimeout(() => this.#run(), pause);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#call?.abort();
    this.#call = null;
  }

  async #run() {
    const { photo, mask, model } = this.read(), call = this.#call = new AbortController();
    this.#timer = 0;
    const coarse = mask.read();
    if (!coarse.some(value => value >= MIN_VALUE)) {
      this.#call = null;
      this.listener.onEmpty();
      return;
    }
    this.listener.onStart();
    try {
      const fields = { image: photo.work, mask: await mask.toPng(), model, values: 'probabilities' };
      const { picture, milliseconds } = await post('refine', fields, call.signal);
      const refined = await readGrey(picture, photo.width, photo.height);
      if (this.#call === call) {
        this.#call = null;
        this.listener.onDone(coarse, refined, milliseconds);
      }
    } catch (error) {
      if (this.#call !== call)
        return; // a later call has taken its place
      this.#call = null;
      if (error.retryAfter)
        this.schedule(1000 * error.retryAfter);
      this.listener.onProblem(error);
    }
  }
}
