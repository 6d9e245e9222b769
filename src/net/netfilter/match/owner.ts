import { IPPROTO_ICMP } from "../../../wire/ipv4.ts";
import { defineMatch, type NameService, XtUsageError } from "../extension.ts";
import { strtoul } from "../number.ts";
import { not, value } from "../option.ts";

interface IdRange {
  min: number;
  max: number;
  invert: boolean;
}

interface OwnerInfo {
  uid: IdRange | null;
  gid: IdRange | null;
  /** --socket-exists: not asked, yes, inverted. */
  socket: boolean | null;
  supplementary: boolean;
}

function parseIds(text: string, option: string): { min: number; max: number } {
  const bad = (): XtUsageError =>
    new XtUsageError(`owner: Bad value for "${option}" option: "${text}"`);
  const first = strtoul(text, 0, 0xfffffffe);
  if (!first) throw bad();
  if (first.rest === "") return { min: first.value, max: first.value };
  if (!/^[-:]/.test(first.rest)) throw bad();
  const second = strtoul(first.rest.slice(1), 0, 0xfffffffe);
  if (second?.rest !== "") throw bad();
  return { min: first.value, max: second.value };
}

function idText(label: string, ids: IdRange | null, name: (id: number) => string | null): string {
  if (!ids) return "";
  const text = ids.min === ids.max ? (name(ids.min) ?? String(ids.min)) : `${ids.min}-${ids.max}`;
  return `${not(ids.invert)} ${label} ${text}`;
}

function text(info: OwnerInfo, labels: readonly string[], names: NameService | null): string {
  const [socket = "", uid = "", gid = "", groups = ""] = labels;
  return (
    (info.socket === null ? "" : `${not(!info.socket)} ${socket}`) +
    idText(uid, info.uid, (id) => names?.userName(id) ?? null) +
    idText(gid, info.gid, (id) => names?.groupName(id) ?? null) +
    (info.supplementary ? ` ${groups}` : "")
  );
}

export default defineMatch<OwnerInfo>({
  name: "owner",
  linux: "net/netfilter/xt_owner.c",
  help:
    "owner match options:\n" +
    "[!] --uid-owner userid[-userid]      the socket's user\n" +
    "[!] --gid-owner groupid[-groupid]    the socket's group\n" +
    "[!] --socket-exists                  there is a socket\n" +
    "    --suppl-groups                   also look at the user's other groups\n",
  hooks: ["OUTPUT", "POSTROUTING"],
  options: [
    { name: "uid-owner", args: 1, invert: true },
    { name: "gid-owner", args: 1, invert: true },
    { name: "socket-exists", args: 0, invert: true },
    { name: "suppl-groups", args: 0, invert: false },
  ],
  parse(options, context) {
    const info: OwnerInfo = { uid: null, gid: null, socket: null, supplementary: false };
    for (const option of options)
      if (option.name === "socket-exists") info.socket = !option.invert;
      else if (option.name === "suppl-groups") {
        if (!info.gid)
          throw new XtUsageError(
            'owner: Bad value for "--suppl-groups" option: "you need to use --gid-owner first"',
          );
        info.supplementary = true;
      } else {
        const user = option.name === "uid-owner";
        const id = user
          ? context.names.userId(value(option))
          : context.names.groupId(value(option));
        const range =
          id === null ? parseIds(value(option), `--${option.name}`) : { min: id, max: id };
        info[user ? "uid" : "gid"] = { ...range, invert: option.invert };
      }
    if (options.length === 0)
      throw new XtUsageError(
        "owner: At least one of --uid-owner, --gid-owner or --socket-exists is required",
      );
    return info;
  },
  save: (info) =>
    text(info, ["--socket-exists", "--uid-owner", "--gid-owner", "--suppl-groups"], null),
  print: (info, numeric, names) =>
    text(
      info,
      ["owner socket exists", "owner UID match", "owner GID match", "incl. suppl. groups"],
      numeric ? null : names,
    ),
  matches(info, skb, par) {
    const sk = skb.sk;
    const ours = sk !== null && sk.ns === par.ns && !sk.closed;
    // The kernel answers ICMP by sockets of its own: they exist, but nobody owns them.
    const kernels = sk === null && skb.ip.protocol === IPPROTO_ICMP && !skb.forwarded && !skb.iif;
    if (!ours && !kernels && info.socket === true) return false;
    if ((ours || kernels) && info.socket === false) return false;
    if (!ours) return !(info.uid && !info.uid.invert) && !(info.gid && !info.gid.invert);
    const { uid, gid } = sk.owner;
    if (info.uid && (uid >= info.uid.min && uid <= info.uid.max) === info.uid.invert) return false;
    return !info.gid || (gid >= info.gid.min && gid <= info.gid.max) !== info.gid.invert;
  },
  examples: [
    ["-m owner --uid-owner 1337", "-m owner --uid-owner 1337"],
    ["-m owner ! --gid-owner 0-10", "-m owner ! --gid-owner 0-10"],
    ["-m owner --uid-owner root", "-m owner --uid-owner 0"],
    ["-m owner --socket-exists", "-m owner --socket-exists"],
    ["-m owner --uid-owner nonexistent", null],
  ],
});
