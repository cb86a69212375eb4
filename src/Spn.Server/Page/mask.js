// The coarse mask: a loaded mask and the strokes on it. Undo forgets the last of them and draws the others again.
import { newCanvas, toBlob } from './photo.js';

export class CoarseMask {
  #base = null;
  #strokes = [];
  #open = null; // the stroke that is being painted

  constructor(width, height) {
    this.canvas = newCanvas(width, height); // white with alpha
    this.context = this.canvas.getContext('2d', { willReadFrequently: true });
  }

  get canUndo() { return this.#strokes.length > 0 || this.#base !== null; }

  /** Starts from a mask, or from nothing, without strokes. */
  load(canvas) {
    this.#base = canvas;
    this.#strokes = [];
    this.#open = null;
    this.#redraw();
  }

  /** Ends the stroke that is being painted. */
  end() {
    this.#open = null;
  }

  /** Begins a stroke: { erases, size, points } or { isPolygon, points }. */
  begin(stroke) {
    this.#strokes.push(this.#open = stroke);
    this.#draw(stroke, 0);
  }

  /** Adds a point to the last stroke, unless it was undone while it was painted. */
  extend(point) {
    const stroke = this.#open;
    if (!stroke)
      return;
    stroke.points.push(point);
    this.#draw(stroke, stroke.points.length - 2);
  }

  /** Forgets the stroke that is being painted. */
  giveUp() {
    if (this.#open)
      this.undo();
  }

  undo() {
    this.#open = null;
    if (this.#strokes.length > 0)
      this.#strokes.pop();
    else
      this.#base = null;
    this.#redraw();
  }

  clear() {
    this.load(null);
  }

  /** The values 0 to 255. */
  read() {
    const { width, height } = this.canvas;
    const pixels = this.context.getImageData(0, 0, width, height).data, grey = new Uint8Array(width * height);
    for (let i = 0; i < grey.length; i++)
      grey[i] = pixels[4 * i + 3];
    return grey;
  }

  /** A PNG, white on black. */
  async toPng() {
    const flat = newCanvas(this.canvas.width, this.canvas.height), context = flat.getContext('2d');
    context.fillRect(0, 0, flat.width, flat.height);
    context.drawImage(this.canvas, 0, 0);
    return toBlob(flat, 'image/png');
  }

  #redraw() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.#base)
      this.context.drawImage(this.#base, 0, 0);
    for (const stroke of this.#strokes)
      this.#draw(stroke, 0);
  }

  #draw(stroke, from) {
    const context = this.context, points = stroke.points;
    context.globalCompositeOperation = stroke.erases ? 'destination-out' : 'source-over';
    context.fillStyle = context.strokeStyle = '#fff';
    context.beginPath();
    if (stroke.isPolygon) {
      points.forEach(point => context.lineTo(point.x, point.y));
      context.fill();
    } else {
      context.lineWidth = stroke.size;
      context.lineCap = context.lineJoin = 'round';
      context.moveTo(points[from].x, points[from].y);
      points.slice(from + 1).forEach(point => context.lineTo(point.x, point.y));
      context.stroke();
      context.beginPath(); // a line of no length would leave nothing
      context.arc(points[0].x, points[0].y, stroke.size / 2, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalCompositeOperation = 'source-over';
  }
}
