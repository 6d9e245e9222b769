import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A lesson that holds, with one of each thing that most lessons have. */
function skeleton(title: string): string {
  return `---
title: ${title}
summary: One sentence for the list of lessons.
world: router
minutes: 5
---

## A packet goes through

What is to be seen, in a few sentences. What will happen?

\`\`\`yaml predict
text: By which device will the request leave the router?
choose:
  - west
  - { text: east, right: true, say: Its network is behind it. }
reveal: request
\`\`\`

A block for a machine has a button that types it there:

\`\`\`sh router
ip netns exec client ping -c 1 10.2.0.10
\`\`\`

A figure is drawn from the machines, as soon as there is something to draw:

\`\`\`yaml figure
journey: { protocol: ICMP, what: echo request }
caption: The way of the newest request.
\`\`\`

\`\`\`yaml step
at: router
tasks:
  - id: request
    text: Send a request from the client, and see it reach the server.
    hints:
      - The server is \`10.2.0.10\`.
      - "\`ip netns exec client ping -c 1 10.2.0.10\`"
    check:
      journey:
        protocol: ICMP
        what: echo request
        crosses:
          - { namespace: router, device: east }
        end: delivered
solution:
  - { at: router, run: "ip netns exec client ping -c 1 10.2.0.10" }
wrong:
  - { at: router, run: "ping -c 1 10.1.0.10", task: request, says: "did not get to" }
\`\`\`

## Now stop it

Break something, and see where it ends.

\`\`\`yaml step
at: router
tasks:
  - id: dropped
    text: Let the router drop the request in the chain \`FORWARD\`.
    hint: "\`iptables -A FORWARD -p icmp -j DROP\`, and ping again."
    check:
      journey:
        protocol: ICMP
        what: echo request
        crosses:
          - { chain: FORWARD, rule: "-j DROP" }
        end: dropped
    nudges:
      - when: { rule: { at: router, table: filter, chain: INPUT, text: "-j DROP" } }
        say: INPUT is for packets to the router itself; this one only passes.
  - id: which
    text: Which hook comes after the routing decision, for a packet that passes?
    answer: FORWARD
solution:
  - { at: router, run: "iptables -A FORWARD -p icmp -j DROP; ip netns exec client ping -c 1 -W 1 10.2.0.10" }
wrong:
  - { at: router, run: "iptables -A INPUT -p icmp -j DROP; ip netns exec client ping -c 1 -W 1 10.2.0.10", task: dropped, says: "only passes" }
\`\`\`
`;
}

/** Make the folder of a new lesson. Answers its file; what is wrong, as an Error. */
export function newLesson(root: string, slug: string): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug))
    throw new Error(
      `a lesson's name is made of small letters, digits and hyphens: "${slug}" is not`,
    );
  const name = `lessons/${slug}/lesson.md`;
  const file = join(root, name);
  if (existsSync(file)) throw new Error(`${name} is there already`);
  const words = slug.replaceAll("-", " ");
  mkdirSync(join(root, "lessons", slug), { recursive: true });
  writeFileSync(file, skeleton(words.charAt(0).toUpperCase() + words.slice(1)));
  return name;
}
