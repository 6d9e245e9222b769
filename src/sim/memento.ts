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
  /** What objects of plain data have as their prototype. */
  const plain = new Set<object | null>();
  const entries: Entry[] = [];
  const queue: object[] = [root];
  const refuse = (value: unknown, what: string): never => {
    throw new Error(`remember: ${pathTo(value, root, except)} is ${what}`);
  };
  const visit = (value: unknown): void => {
    if (typeof value === "function") refuse(value, "a function");
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (!Object.isFrozen(value)) queue.push(value);
  };
  seen.add(root);
  for (let object = queue.pop(); object; object = queue.pop()) {
    if (Array.isArray(object)) {
      entries.push(new ArrayEntry(object));
      for (const value of object) visit(value);
    } else if (object instanceof Map) {
      entries.push(new MapEntry(object));
      for (const [key, value] of object) {
        visit(key);
        visit(value);
      }
    } else if (object instanceof Set) {
      entries.push(new SetEntry(object));
      for (const value of object) visit(value);
    } else if (ArrayBuffer.isView(object)) {
      entries.push(new BytesEntry(object as TypedArray));
    } else {
      const prototype = Object.getPrototypeOf(object) as object | null;
      if (!plain.has(prototype)) {
        const tag = Object.prototype.toString.call(object);
        if (tag !== "[object Object]") refuse(object, tag);
        plain.add(prototype);
      }
      const entry = new FieldsEntry(object as Record<string, unknown>);
      entries.push(entry);
      for (const key of Object.keys(entry.copy)) visit(entry.copy[key]);
    }
  }
  return new Memento(entries);
}

/** Where `wanted` is below `root`: asked only to say so in an error. */
function pathTo(wanted: unknown, root: object, except: readonly object[]): string {
  const seen = new Set<unknown>([...except, root]);
  const queue: [unknown, string][] = [[root, ""]];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [object, path] = next;
    if (object === wanted) return path;
    for (const [label, value] of partsOf(object as object)) {
      if (value === wanted) return path + label;
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      if (!Object.isFrozen(value)) queue.push([value, path + label]);
    }
  }
  return "it";
}

function partsOf(object: object): [string, unknown][] {
  if (Array.isArray(object)) return object.map((value, i) => [`[${i}]`, value]);
  if (object instanceof Map)
    return [...object].flatMap(([key, value]): [string, unknown][] => [
      ["{key}", key],
      [`{${String(key)}}`, value],
    ]);
  if (object instanceof Set) return [...object].map((value) => ["{}", value]);
  if (ArrayBuffer.isView(object)) return [];
  return Object.entries(object).map(([key, value]) => [`.${key}`, value]);
}
