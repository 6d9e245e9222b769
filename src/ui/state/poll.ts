/** Asks anew when told that something is new: never twice at once, and with a pause between two. */
export class Poll {
  question: () => Promise<void>;
  /** ms. */
  pause: number;
  dirty = false;
  asking = false;

  constructor(question: () => Promise<void>, pause: number) {
    this.question = question;
    this.pause = pause;
  }

  refresh(): void {
    this.dirty = true;
    if (!this.asking) void this.pump();
  }

  async pump(): Promise<void> {
    this.asking = true;
    while (this.dirty) {
      this.dirty = false;
      await this.question();
      await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
    this.asking = false;
  }
}
