import type { Rect } from "./geometry.ts";

const NEAREST = 3;
const FARTHEST = 0.15;
/** A small map is not blown up to fill the pane, unless that is larger than most screens. */
const FIT_AT_MOST = 1.25;
const LARGE_PANE = 1100;
const MARGIN = 18;

/** Which part of the map is seen. */
export class Camera {
  /** Of the pane, px. */
  w = $state(0);
  h = $state(0);
  /** Of what is drawn. */
  content = $state.raw({ w: 1, h: 1 });
  scale = $state(1);
  x = $state(0);
  y = $state(0);
  /** The person has moved it: it stays where it is. */
  held = false;

  view: Rect = $derived({ x: this.x, y: this.y, w: this.w / this.scale, h: this.h / this.scale });

  fit(): void {
    this.held = false;
    if (!this.w || !this.h) return;
    const across = (this.w - 2 * MARGIN) / this.content.w;
    const up = (this.h - 2 * MARGIN) / this.content.h;
    const most = FIT_AT_MOST * Math.max(1, this.w / LARGE_PANE);
    this.scale = Math.max(FARTHEST, Math.min(most, across, up));
    this.x = (this.content.w - this.w / this.scale) / 2;
    this.y = (this.content.h - this.h / this.scale) / 2;
  }

  resize(w: number, h: number): void {
    if (w === this.w && h === this.h) return;
    this.w = w;
    this.h = h;
    if (!this.held) this.fit();
  }

  hold(w: number, h: number): void {
    this.content = { w, h };
    if (!this.held) this.fit();
  }

  /** Move by so many px of the screen. */
  pan(dx: number, dy: number): void {
    this.held = true;
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
  }

  /** Nearer or farther, with the point under (px, py) of the pane staying where it is. */
  zoom(factor: number, px = this.w / 2, py = this.h / 2): void {
    this.held = true;
    const scale = Math.min(NEAREST, Math.max(FARTHEST, this.scale * factor));
    this.x += px / this.scale - px / scale;
    this.y += py / this.scale - py / scale;
    this.scale = scale;
  }
}
