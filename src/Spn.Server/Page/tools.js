// Brush, eraser, polygon and affinity, with mouse, touch, pen or keys.

const CLOSE = 12; // pixels of the screen: a click this near to the first point closes the polygon
const KEYS = { b: 'brush', e: 'eraser', p: 'polygon', a: 'affinity', m: 'move' };
const SIZES = { '[': 0.8, ',': 0.8, ']': 1.25, '.': 1.25 };
const ZOOMS = { '+': 1.25, '=': 1.25, '-': 0.8, 0: 0 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Tools {
  #pointer = null; // the finger or button that paints
  #press = null; // the finger or button that will set a point when it is lifted
  #polygon = [];
  #cursor = null;
  #hasKeyboard = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {object} page its tool and size, and what happens: begin, extend, end, giveUp, probe, undo, choose, resize,
   *   zoom, reveal, update, redraw
   */
  constructor(canvas, page) {
    this.canvas = canvas;
    this.page = page;
    canvas.addEventListener('pointerdown', event => this.#down(event));
    canvas.addEventListener('pointermove', event => this.#move(event));
    canvas.addEventListener('pointerup', event => this.#up(event));
    canvas.addEventListener('pointercancel', event => this.#up(event));
    canvas.addEventListener('pointerleave', () => this.#show(null));
    canvas.addEventListener('dblclick', () => this.#close());
    canvas.addEventListener('keydown', event => this.#key(event));
    canvas.addEventListener('blur', () => this.#show(null));
    document.addEventListener('keydown', event => this.#shortcut(event));
  }

  get hasCorners() { return this.#polygon.length > 0; }

  /** Forgets the last corner of a polygon that is not closed. */
  removeCorner() {
    this.#polygon.pop();
  }

  /** Forgets a polygon that is not closed. */
  reset() {
    this.#polygon = [];
  }

  /** Forgets what a finger began that turns out to be one of two. */
  giveUp() {
    const wasPainting = this.#pointer !== null;
    this.#pointer = this.#press = this.#cursor = null;
    if (wasPainting)
      this.page.giveUp();
  }

  /** Draws the cursor and the open polygon. */
  draw(context) {
    const unit = this.#unit(), cursor = this.#cursor, tool = this.page.tool;
    const outline = path => {
      for (const [color, width] of [['rgb(0 0 0 / .55)', 3.5], ['#fff', 1.6]]) {
        context.beginPath();
        path();
        context.lineWidth = width * Math.max(unit, 0.35); // on an enlarged picture a finer line would fade
        context.strokeStyle = color;
        context.stroke();
      }
    };
    if (this.#polygon.length > 0) {
      outline(() => {
        [...this.#polygon, ...(cursor ? [cursor] : [])].forEach(point => context.lineTo(point.x, point.y));
      });
      this.#polygon.forEach((point, i) => outline(() => context.arc(point.x, point.y, (i === 0 ? 6 : 3) * unit, 0, 7)));
    }
    if (!cursor)
      return;
    if (tool === 'brush' || tool === 'eraser')
      outline(() => context.arc(cursor.x, cursor.y, this.page.size / 2, 0, 7));
    else if (this.#hasKeyboard || tool === 'affinity')
      outline(() => context.arc(cursor.x, cursor.y, 7 * unit, 0, 7));
  }

  #unit() { // pixels of the canvas per pixel of the screen
    return this.canvas.width / (this.canvas.clientWidth || this.canvas.width);
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) / box.width * this.canvas.width,
      y: (event.clientY - box.top) / box.height * this.canvas.height,
    };
  }

  #show(point, hasKeyboard = false) {
    this.#cursor = point;
    this.#hasKeyboard = hasKeyboard;
    this.page.redraw();
  }

  #down(event) {
    if (event.button !== 0 || this.#pointer !== null)
      return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    const point = this.#at(event);
    if (this.page.tool === 'brush' || this.page.tool === 'eraser') {
      this.#use(point);
      this.#pointer = event.pointerId;
      this.canvas.setPointerCapture(event.pointerId);
    } else {
      this.#press = event.pointerId;
    }
    this.#show(point);
  }

  #move(event) {
    if (this.#pointer !== null && event.pointerId !== this.#pointer)
      return;
    if (this.#pointer !== null) {
      for (const step of event.getCoalescedEvents?.() ?? [event])
        this.page.extend(this.#at(step));
    }
    this.#show(this.#at(event));
  }

  #up(event) {
    if (event.pointerId === this.#press) {
      this.#press = null;
      if (event.type === 'pointerup')
        this.#use(this.#at(event));
    }
    if (event.pointerId !== this.#pointer)
      return;
    this.#pointer = null;
    if (event.pointerType === 'touch')
      this.#cursor = null;
    this.page.end();
  }

  #use(point) {
    const { tool } = this.page;
    if (tool === 'affinity')
      this.page.probe(this.#inside(point));
    else if (tool === 'polygon')
      this.#addCorner(point);
    else if (tool !== 'move')
      this.page.begin({ erases: tool === 'eraser', size: this.page.size, points: [point] });
  }

  #addCorner(point) {
    const first = this.#polygon[0];
    if (this.#polygon.length >= 3 && Math.hypot(point.x - first.x, point.y - first.y) < CLOSE * this.#unit()) {
      this.#close();
      return;
    }
    this.#polygon.push(point);
    this.page.update();
  }

  #close() {
    const points = this.#polygon;
    this.#polygon = [];
    if (points.length >= 3) {
      this.page.begin({ isPolygon: true, points });
      this.page.end();
    } else {
      this.page.update();
    }
  }

  #inside(point) {
    return {
      x: Math.min(this.canvas.width - 1, Math.max(0, Math.floor(point.x))),
      y: Math.min(this.canvas.height - 1, Math.max(0, Math.floor(point.y))),
    };
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (arrow) {
      event.preventDefault();
      const step = event.shiftKey ? 1 : Math.max(1, this.canvas.width / 100);
      const from = this.#cursor ?? { x: this.canvas.width / 2, y: this.canvas.height / 2 };
      this.#show(this.#inside({ x: from.x + step * arrow[0], y: from.y + step * arrow[1] }), true);
      this.page.reveal(this.#cursor);
    } else if (event.key === ' ' && this.#cursor) {
      event.preventDefault();
      this.#use(this.#cursor);
      if (this.page.tool === 'brush' || this.page.tool === 'eraser')
        this.page.end();
    } else if (event.key === 'Enter') {
      this.#close();
    } else if (event.key === 'Escape') {
      this.reset();
      this.page.update();
    }
  }

  #shortcut(event) {
    if (event.target.closest?.('input:not([type=radio]):not([type=range])'))
      return;
    // On many keyboards brackets need AltGr, which browsers report as Alt, or as Ctrl and Alt.
    const isAltGr = event.altKey || event.getModifierState('AltGraph'), key = event.key.toLowerCase();
    const isCommand = (event.ctrlKey || event.metaKey) && !isAltGr;
    if (isCommand && key === 'z') {
      event.preventDefault();
      this.page.undo();
    } else if (isCommand) {
      return;
    } else if (SIZES[key]) {
      this.page.resize(SIZES[key]);
    } else if (ZOOMS[key] !== undefined) {
      this.page.zoom(ZOOMS[key]);
    } else if (!isAltGr && KEYS[key]) {
      this.page.choose(KEYS[key]);
    }
  }
}
