import { type Bytes, u8 } from "../wire/bytes.ts";
import { ETH_P_TEB, GENEVE_HLEN, Geneve } from "../wire/geneve.ts";
import { VXLAN_HLEN, Vxlan } from "../wire/vxlan.ts";
import { etherType } from "./link.ts";
import { flag, hex, hexBytes, type Layer, Tree } from "./tree.ts";

function payloadType(type: number): string {
  return type === ETH_P_TEB ? `Transparent Ethernet bridging (${hex(type, 4)})` : etherType(type);
}

/** RFC 8926 §3.4: the header and its options, each class, type, length and data. */
export function geneve(
  buf: Bytes,
  at: number,
  end: number,
): { layer: Layer; protocol: number } | null {
  if (!Geneve.check(buf, at, end)) return null;
  const header = new Geneve(buf, at);
  const tree = new Tree(buf);
  tree.add("geneve.version", "Version", at, 1, "0");
  const { headerLength } = header;
  tree.add("geneve.option.length", "Length", at, 1, `${headerLength - GENEVE_HLEN} bytes`);
  const flags = tree.add("geneve.flags", "Flags", at + 1, 1, hex(u8(buf, at + 1), 2));
  const bits = tree.inside(flags);
  bits.add(
    "geneve.flags.oam",
    "Operations, Administration and Management Frame",
    at + 1,
    1,
    flag(header.control),
  );
  bits.add("geneve.flags.critical", "Critical Options Present", at + 1, 1, flag(header.critical));
  tree.u16("geneve.proto_type", "Protocol Type", at + 2, payloadType);
  tree.u24("geneve.vni", "Virtual Network Identifier (VNI)", at + 4, (n) => `${hex(n, 6)} (${n})`);
  if (headerLength > GENEVE_HLEN) {
    const length = headerLength - GENEVE_HLEN;
    const all = tree.add("geneve.options", "Options", at + GENEVE_HLEN, length, `${length} bytes`);
    const inside = tree.inside(all);
    for (let option = at + GENEVE_HLEN; option + 4 <= at + headerLength; ) {
      const data = (u8(buf, option + 3) & 0x1f) * 4;
      if (option + 4 + data > at + headerLength) break;
      const value = hexBytes(buf.subarray(option + 4, option + 4 + data));
      const one = inside.add("geneve.option", "Option", option, 4 + data, value);
      const parts = inside.inside(one);
      parts.u16("geneve.option.class", "Class", option, (n) => hex(n, 4));
      parts.u8("geneve.option.type", "Type", option + 2, (n) => hex(n, 2));
      if (data) parts.bytes("geneve.option.data", "Option Data", option + 4, data);
      option += 4 + data;
    }
  }
  const title = `Generic Network Virtualization Encapsulation, VNI: ${hex(header.vni, 6)}`;
  const layer = {
    protocol: "geneve",
    title,
    source: 0,
    at,
    length: headerLength,
    fields: tree.fields,
  };
  return { layer, protocol: header.protocol };
}

/** RFC 7348 §5. */
export function vxlan(buf: Bytes, at: number, end: number): Layer | null {
  if (!Vxlan.check(buf, at, end)) return null;
  const tree = new Tree(buf);
  const flags = tree.u16("vxlan.flags", "Flags", at, (n) => hex(n, 4));
  const [field] = tree.fields.slice(-1);
  if (field)
    tree
      .inside(field)
      .add("vxlan.flag_i", "VXLAN Network ID (VNI)", at, 2, flag((flags & 0x0800) !== 0));
  tree.u16("vxlan.gbp", "Group Policy ID", at + 2);
  tree.u24("vxlan.vni", "VXLAN Network Identifier (VNI)", at + 4);
  const title = `Virtual eXtensible Local Area Network, VNI: ${new Vxlan(buf, at).vni}`;
  return { protocol: "vxlan", title, source: 0, at, length: VXLAN_HLEN, fields: tree.fields };
}
