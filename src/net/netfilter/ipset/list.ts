import {
  type Element,
  type Extensions,
  type Member,
  type PacketAsk,
  type PacketKey,
  SetData,
  type SetError,
} from "./data.ts";
import type { IpSet } from "./set.ts";

/** Members that are sets, asked in their order (linux: net/netfilter/ipset/ip_set_list_set.c). */
export class ListSet extends SetData {
  readonly type = "list:set";
  readonly revision = 3;
  readonly dimension = 1;
  list: { set: IpSet; member: Member }[] = [];

  index(name: string): number {
    return this.list.findIndex(({ set, member }) => set.name === name && this.alive(member));
  }

  /** The place before or after which it stands, when it says so. */
  neighbour(e: Element): number | SetError {
    const name = e.before ?? e.after;
    if (name === null) return -1;
    if (!this.ns.ipsets.get(name)) return "NAMEREF";
    const at = this.index(name);
    return at < 0 ? "REF_EXIST" : at;
  }

  add(e: Element, extensions: Extensions, exist: boolean): SetError | null {
    const set = this.ns.ipsets.get(e.set);
    if (!set) return "NAME";
    if (set.data.type === this.type) return "LOOP";
    this.expire();
    const neighbour = this.neighbour(e);
    if (typeof neighbour === "string") return neighbour;
    const known = this.index(e.set);
    if (known >= 0) {
      if (!exist) return "EXIST";
      const { member } = this.list[known] as { member: Member };
      Object.assign(member, this.member(e, extensions, member));
      return null;
    }
    const entry = { set, member: this.member(e, extensions) };
    if (e.before !== null) this.list.splice(neighbour, 0, entry);
    else if (e.after !== null) this.list.splice(neighbour + 1, 0, entry);
    else this.list.push(entry);
    set.references++;
    return null;
  }

  drop(at: number): void {
    const [entry] = this.list.splice(at, 1);
    if (entry) entry.set.references--;
  }

  override expire(): void {
    for (let i = this.list.length - 1; i >= 0; i--)
      if (!this.alive((this.list[i] as { member: Member }).member)) this.drop(i);
  }

  del(e: Element): SetError | null {
    if (!this.ns.ipsets.get(e.set)) return "NAME";
    const at = this.index(e.set);
    if (at < 0) return e.before !== null || e.after !== null ? "REF_EXIST" : "NOT_IN";
    const neighbour = this.neighbour(e);
    if (typeof neighbour === "string") return neighbour;
    if (e.before !== null && neighbour !== at + 1) return "REF_EXIST";
    if (e.after !== null && neighbour !== at - 1) return "REF_EXIST";
    this.drop(at);
    return null;
  }

  find(e: Element): Member | null {
    const at = this.index(e.set);
    if (at < 0) return null;
    const neighbour = this.neighbour(e);
    if (typeof neighbour === "string") return null;
    if (e.before !== null && neighbour !== at + 1) return null;
    if (e.after !== null && neighbour !== at - 1) return null;
    return this.list[at]?.member ?? null;
  }

  /** linux: ip_set_list_set.c, list_set_ktest */
  findPacket(key: PacketKey, ask?: PacketAsk): Member | null {
    const inside = ask && { ...ask, accept: ask.inList };
    for (const { set, member } of this.list) {
      if (!this.alive(member)) continue;
      const found = set.data.findPacket(key, inside);
      const wanted = set.data.hasNomatch && ask?.returnNomatch === true;
      if (found?.nomatch === wanted && (!ask || ask.accept(member))) return member;
    }
    return null;
  }

  /** A rule adds to its members, not to the list. */
  elementOf(): Element | null {
    return null;
  }

  flush(): void {
    while (this.list.length) this.drop(0);
  }

  override destroyed(): void {
    this.flush();
  }

  members(): Member[] {
    return this.list.filter(({ member }) => this.alive(member)).map(({ member }) => member);
  }

  elementText(e: Element): string {
    return e.set;
  }

  headerText(): string {
    return `size ${this.options.size}${this.commonHeader()}`;
  }

  get memory(): number {
    const each = this.memberSize(48);
    return 80 + this.list.length * each + this.commentSize(this.members());
  }
}
