import type { Member, SetData } from "../../../net/netfilter/ipset/data.ts";
import type { IpSet } from "../../../net/netfilter/ipset/set.ts";

export interface PrintSettings {
  format: "plain" | "save" | "xml";
  terse: boolean;
  namesOnly: boolean;
  sorted: boolean;
}

function membersOf(data: SetData, sorted: boolean): { text: string; member: Member }[] {
  const lines = data
    .members()
    .map((member) => ({ text: data.elementText(member.element), member }));
  if (sorted)
    lines.sort(
      (a, b) =>
        a.member.element.ip - b.member.element.ip ||
        a.member.element.port - b.member.element.port ||
        (a.text < b.text ? -1 : 1),
    );
  return lines;
}

function plain(set: IpSet, settings: PrintSettings): string {
  const { data } = set;
  const members = membersOf(data, settings.sorted);
  let text = `Name: ${set.name}\nType: ${data.type}\nRevision: ${data.revision}\nHeader: ${data.headerText()}\n`;
  text += `Size in memory: ${data.memory}\nReferences: ${set.references}\nNumber of entries: ${members.length}\n`;
  if (settings.terse) return text;
  text += "Members:\n";
  for (const { text: name, member } of members) text += `${name}${data.extensionText(member)}\n`;
  return text;
}

function saved(set: IpSet, settings: PrintSettings): string {
  const { data } = set;
  let text = `create ${set.name} ${data.type} ${data.headerText()}\n`;
  if (settings.terse) return text;
  for (const { text: name, member } of membersOf(data, settings.sorted))
    text += `add ${set.name} ${name}${data.extensionText(member)}\n`;
  return text;
}

/** "timeout 5 nomatch" as elements; a comment keeps its quotes. */
function xmlExtensions(text: string): string {
  const words = text.match(/"[^"]*"|\S+/g) ?? [];
  let out = "";
  for (let i = 0; i < words.length; i++) {
    const name = words[i] as string;
    out +=
      name === "nomatch" || name === "wildcard" ? `<${name}/>` : `<${name}>${words[++i]}</${name}>`;
  }
  return out;
}

function xml(set: IpSet, settings: PrintSettings): string {
  const { data } = set;
  const members = membersOf(data, settings.sorted);
  const words = data.headerText().split(" ");
  let header = "";
  for (let i = 0; i < words.length; i++) {
    const name = words[i] as string;
    if (["counters", "comment", "skbinfo", "forceadd"].includes(name)) header += `<${name}/>`;
    else header += `<${name}>${words[++i]}</${name}>`;
  }
  let text = `<ipset name="${set.name}">\n<type>${data.type}</type>\n<revision>${data.revision}</revision>\n`;
  text += `<header>${header}\n<memsize>${data.memory}</memsize>\n<references>${set.references}</references>\n`;
  text += `<numentries>${members.length}</numentries>\n</header>\n`;
  if (!settings.terse) {
    text += "<members>\n";
    for (const { text: name, member } of members)
      text += `<member><elem>${name}</elem>${xmlExtensions(data.extensionText(member))}</member>\n`;
    text += "</members>\n";
  }
  return `${text}</ipset>\n`;
}

/** What `list` and `save` print of some sets. */
export function printSets(sets: readonly IpSet[], settings: PrintSettings): string {
  if (settings.namesOnly) return sets.map((set) => `${set.name}\n`).join("");
  if (settings.format === "save") return sets.map((set) => saved(set, settings)).join("");
  if (settings.format === "xml")
    return `<ipsets>\n${sets.map((set) => xml(set, settings)).join("")}</ipsets>\n`;
  return sets.map((set) => plain(set, settings)).join("\n");
}
