/** A binary min-heap of things due at a time; equal times leave in the order of `seq`. */
export interface Due {
  at: number;
  seq: number;
}

export class Heap<T extends Due> {
  items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    const items = this.items;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const up = (hole - 1) >> 1;
      const above = items[up] as T;
      if (above.at < item.at || (above.at === item.at && above.seq < item.seq)) break;
      items[hole] = above;
      hole = up;
    }
    items[hole] = item;
  }

  pop(): T | undefined {
    const items = this.items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    const size = items.length;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      let below = items[child] as T;
      const right = child + 1 < size ? (items[child + 1] as T) : undefined;
      if (right && (right.at < below.at || (right.at === below.at && right.seq < below.seq))) {
        child++;
        below = right;
      }
      if (last.at < below.at || (last.at === below.at && last.seq < below.seq)) break;
      items[hole] = below;
      hole = child;
    }
    items[hole] = last;
    return top;
  }
}
