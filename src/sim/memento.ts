/**
 * Remember everything reachable from an object, and put it back into the same objects.
 *
 * World state is plain data, arrays, maps, sets, typed arrays and instances of classes with public
 * fields. A function, a promise or a generator in it is a bug and throws: it could not be put back.
 * What is frozen (the definition of a match, say) is constant and is not looked into.
 */
export class Memento {
  entries: Entry[];

  constructor(entries: Entry[]) {
    this.entries = entries;
  }

  /** Every object is again as it was, identities kept. */
  restore(): void {
    for (const entry of this.entries) entry.restore();
  }
}

interface Entry {
  restore(): void;
}

class ArrayEntry implements Entry {
  target: unknown[];
  copy: unknown[];
  constructor(target: unknown[]) {
    this.target = target;
    this.copy = target.slice();
  }
  restore(): void {
    this.target.length = this.copy.length;
    for (let i = 0; i < this.copy.length; i++) this.target[i] = this.copy[i];
  }
}

class MapEntry implements Entry {
  target: Map<unknown, unknown>;
  copy: [unknown, unknown][];
  constructor(target: Map<unknown, unknown>) {
    this.target = target;
    this.copy = [...target];
  }
  restore(): void {
    this.target.clear();
    for (const [key, value] of this.copy) this.target.set(key, value);
  }
}

class SetEntry implements Entry {
  target: Set<unknown>;
  copy: unknown[];
  constructor(target: Set<unknown>) {
    this.target = target;
    this.copy = [...target];
  }
  restore(): void {
    this.target.clear();
    for (const value of this.copy) this.target.add(value);
  }
}

type TypedArray = Uint8Array | Int32Array | Uint32Array | Float64Array | Uint16Array;

class BytesEntry implements Entry {
  target: TypedArray;
  copy: TypedArray;
  constructor(target: TypedArray) {
    this.target = target;
    this.copy = target.slice();
  }
  restore(): void {
    this.target.set(this.copy);
  }
}

class FieldsEntry implements Entry {
  target: Record<string, unknown>;
  copy: Record<string, unknown>;
  constructor(target: Record<string, unknown>) {
    this.target = target;
    this.copy = { ...target };
  }
  restore(): void {
    for (const key of Object.keys(this.target)) if (!(key in this.copy)) delete this.target[key];
    Object.assign(this.target, this.copy);
  }
}

/** `except`: objects that are not state of the world (the trace ring); they are not looked into. */
export function remember(root: object, except: readonly object[] = []): Memento {
  const seen = new Set<object>(except);
  const entries: Entry[] = [];
  const queue: [object, string][] = [[root, ""]];
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "function") throw new Error(`remember: ${path} is a function`);
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (Object.isFrozen(value)) return;
    queue.push([value, path]);
  };
  seen.add(root);
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [object, path] = next;
    if (Array.isArray(object)) {
      entries.push(new ArrayEntry(object));
      object.forEach((value, i) => {
        visit(value, `${path}[${i}]`);
      });
    } else if (object instanceof Map) {
      entries.push(new MapEntry(object));
      for (const [key, value] of object) {
        visit(key, `${path}{key}`);
        visit(value, `${path}{${String(key)}}`);
      }
    } else if (object instanceof Set) {
      entries.push(new SetEntry(object));
      for (const value of object) visit(value, `${path}{}`);
    } else if (ArrayBuffer.isView(object)) {
      entries.push(new BytesEntry(object as TypedArray));
    } else {
      const tag = Object.prototype.toString.call(object);
      if (tag !== "[object Object]") throw new Error(`remember: ${path} is ${tag}`);
      entries.push(new FieldsEntry(object as Record<string, unknown>));
      for (const [key, value] of Object.entries(object)) visit(value, `${path}.${key}`);
    }
  }
  return new Memento(entries);
}
