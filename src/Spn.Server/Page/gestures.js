// Zooming and moving the picture: wheel, two fingers, the middle mouse button, or one pointer with the tool Move.
// The tools get only the pointers that are none of these, because these listen first.

export class Gestures {
  #fingers = new Map(); // where they are, by pointer
  #isPinch = false; // from the second finger until the last one is gone
  #drag = null; // the pointer that moves the picture

  /**
   * @param {HTMLElement} frame
   * @param {import('./zoom.js').Zoom} zoom
   * @param {object} page its tool, and what happens: giveUp (a finger that began to paint belongs to a pinch), redraw
   */
  constructor(frame, zoom, page) {
    Object.assign(this, { frame, zoom, page });
    frame.addEventListener('wheel', event => this.#wheel(event), { passive: false });
    for (const [type, listener] of [['down', this.#down], ['move', this.#move], ['up', this.#up], ['cancel', this.#up]])
      frame.addEventListener(`pointer${type}`, event => listener.call(this, event), { capture: true });
  }

  #wheel(event) {
    event.preventDefault();
    const step = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : 40 * event.deltaY;
    const speed = event.ctrlKey ? 0.01 : 0.002; // two fingers on a touchpad come as small steps with Ctrl
    this.zoom.by(Math.exp(-speed * Math.max(-300, Math.min(300, step))), ...this.#place(event));
    this.page.redraw();
  }

  #down(event) {
    if (!event.target.closest('canvas'))
      return;
    if (event.pointerType === 'touch') {
      this.#fingers.set(event.pointerId, this.#place(event));
      if (this.#fingers.size === 2 && !this.#isPinch) {
        this.#isPinch = true;
        this.#drag = null;
        this.page.giveUp();
      }
    }
    const isMiddle = event.pointerType === 'mouse' && event.button === 1;
    if (!this.#isPinch && this.#drag === null && (isMiddle || event.button === 0 && this.page.tool === 'move')) {
      event.preventDefault(); // the middle button would scroll
      this.#drag = { id: event.pointerId, place: this.#place(event) };
      event.target.setPointerCapture(event.pointerId);
      this.frame.classList.add('moving');
    }
    if (this.#isPinch || this.#drag)
      event.stopPropagation();
  }

  #move(event) {
    const place = this.#place(event);
    if (this.#isPinch && this.#fingers.has(event.pointerId)) {
      const before = this.#pair();
      this.#fingers.set(event.pointerId, place);
      const after = this.#pair();
      if (before && after) {
        this.zoom.move(after.x - before.x, after.y - before.y);
        this.zoom.by(after.distance / before.distance, after.x, after.y);
        this.page.redraw();
      }
    } else if (this.#drag?.id === event.pointerId) {
      this.zoom.move(place[0] - this.#drag.place[0], place[1] - this.#drag.place[1]);
      this.#drag.place = place;
      this.page.redraw();
    }
    if (this.#isPinch || this.#drag)
      event.stopPropagation();
  }

  #up(event) {
    if (this.#isPinch || this.#drag)
      event.stopPropagation();
    this.#fingers.delete(event.pointerId);
    this.#isPinch &&= this.#fingers.size > 0;
    if (this.#drag?.id === event.pointerId) {
      this.#drag = null;
      this.frame.classList.remove('moving');
    }
  }

  /** The middle and the distance of the first two fingers. */
  #pair() {
    const [one, two] = this.#fingers.values();
    return one && two && {
      x: (one[0] + two[0]) / 2,
      y: (one[1] + two[1]) / 2,
      distance: Math.max(1, Math.hypot(one[0] - two[0], one[1] - two[1])),
    };
  }

  #place(event) {
    const box = this.frame.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  }
}
