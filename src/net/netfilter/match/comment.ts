import { defineMatch } from "../extension.ts";
import { quoted } from "../option.ts";

/** linux: include/uapi/linux/netfilter/xt_comment.h, XT_MAX_COMMENT_LEN, with its final zero */
const MAX_LENGTH = 256;

export default defineMatch<{ text: string }>({
  name: "comment",
  linux: "net/netfilter/xt_comment.c",
  help: "comment match options:\n--comment COMMENT             a remark, for whoever reads the rule\n",
  options: [{ name: "comment", args: 1, invert: false, required: true }],
  parse: ([option]) => ({ text: (option?.values[0] ?? "").slice(0, MAX_LENGTH - 1) }),
  save: (info) => ` --comment${quoted(info.text)}`,
  print: (info) => ` /* ${info.text} */`,
  matches: () => true,
  examples: [
    ["-m comment --comment foo", "-m comment --comment foo"],
    ['-m comment --comment "to the mesh"', '-m comment --comment "to the mesh"'],
    ["-m comment", null],
  ],
});
