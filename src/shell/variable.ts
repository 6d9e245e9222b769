/** A shell variable: a text, an indexed array (sparse) or an associative one. */
export class Variable {
  text: string | null;
  list: Map<number, string> | null = null;
  dict: Map<string, string> | null = null;
  exported = false;
  readonly = false;
  integer = false;
  lower = false;
  upper = false;
  nameref = false;

  constructor(text: string | null = null) {
    this.text = text;
  }

  copy(): Variable {
    const other = new Variable(this.text);
    if (this.list) other.list = new Map(this.list);
    if (this.dict) other.dict = new Map(this.dict);
    other.exported = this.exported;
    other.readonly = this.readonly;
    other.integer = this.integer;
    other.lower = this.lower;
    other.upper = this.upper;
    other.nameref = this.nameref;
    return other;
  }

  get isSet(): boolean {
    if (this.list) return this.list.size > 0;
    if (this.dict) return this.dict.size > 0;
    return this.text !== null;
  }

  keys(): string[] {
    if (this.list) return [...this.list.keys()].sort((a, b) => a - b).map(String);
    if (this.dict) return [...this.dict.keys()];
    return this.text === null ? [] : ["0"];
  }

  values(): string[] {
    if (this.list) {
      const list = this.list;
      return [...list.keys()].sort((a, b) => a - b).map((key) => list.get(key) as string);
    }
    if (this.dict) return [...this.dict.values()];
    return this.text === null ? [] : [this.text];
  }

  /** What `$name` means: of an array, element 0. */
  scalar(): string | null {
    if (this.list) return this.list.get(0) ?? null;
    if (this.dict) return this.dict.get("0") ?? null;
    return this.text;
  }
}
